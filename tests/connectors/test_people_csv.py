from __future__ import annotations

import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from connectors.people_csv import CsvPeople, Settings, connect
from correlate.errors import ConfigError, FeedRefused
from correlate.model import Employment, Identity, PeopleSnapshot
from correlate.ports import Setup

NOW = datetime(2026, 3, 2, 6, tzinfo=UTC)
HEADER = (
    "employee_id,first_name,last_name,email,previous_emails,github_login,status,worker_type,"
    "manager_id,hire_date,last_working_day,termination_date,time_zone"
)


def line(number: int, **changes: str) -> str:
    cells = {
        "id": f"{number:06d}", "first": "Jane", "last": "Doe", "mail": f"p{number}@example.com",
        "old": "", "gh": f"p{number}", "status": "active", "type": "employee", "boss": "000001",
        "hire": "2020-01-01", "lwd": "", "end": "", "zone": "Europe/Berlin",
    } | changes  # fmt: skip
    return ",".join(cells.values())


def lines(count: int, **changes: str) -> list[str]:
    return [line(n, **changes) for n in range(1, count + 1)]


def feed(
    tmp_path: Path, rows: list[str] | bytes, header: str = HEADER, **changes: object
) -> CsvPeople:
    path = tmp_path / "people.csv"
    data = rows if isinstance(rows, bytes) else ("\n".join([header, *rows]) + "\n").encode()
    path.write_bytes(data)
    os.utime(path, (NOW.timestamp() - 60,) * 2)
    settings = replace(Settings(path), **{"expect_leavers": False} | changes)  # type: ignore[arg-type]
    return connect(settings, Setup("hr", tmp_path))


def read(tmp_path: Path, rows: list[str] | bytes, **changes: object) -> PeopleSnapshot:
    return feed(tmp_path, rows, **changes).snapshot(NOW, None)  # type: ignore[arg-type]


def refusal(tmp_path: Path, rows: list[str] | bytes, **changes: object) -> str:
    with pytest.raises(FeedRefused) as caught:
        read(tmp_path, rows, **changes)
    assert caught.value.where == "hr"
    return caught.value.why


def test_a_row_becomes_a_worker_with_its_day_ending_in_its_own_zone(tmp_path: Path) -> None:
    row = line(
        123, last="NA", old="jd@old.example;doe@old.example", status="Terminated",
        lwd="2026-02-27", end="2026-03-31", zone="America/New_York",
    )  # fmt: skip
    taken = read(tmp_path, [row, line(1)])
    one, _ = taken.workers
    assert (one.worker_id, one.name, one.spell) == ("000123", "Jane NA", "2020-01-01")
    assert one.employment is Employment.LEFT
    assert one.emails == ("p123@example.com", "jd@old.example", "doe@old.example")
    assert one.identities == (Identity("github", "p123"),)
    assert one.manager == "000001"
    assert one.last_working_at == datetime(2026, 2, 28, 5, tzinfo=UTC)
    assert one.ends_at == datetime(2026, 4, 1, 4, tzinfo=UTC)  # summer time by then
    assert (one.precision, one.zone) == ("day", "America/New_York")
    assert (taken.complete, taken.problems, len(taken.digest)) == (True, (), 64)


@pytest.mark.parametrize("name", ["NA", "None", "null", "nan", "N/A", "NULL", "True", "1e5"])
def test_no_name_turns_into_nothing(tmp_path: Path, name: str) -> None:
    assert read(tmp_path, [line(1, last=name)]).workers[0].name == f"Jane {name}"


def test_spells_of_one_person_stay_apart(tmp_path: Path) -> None:
    rows = [
        line(7, hire="2019-01-01", status="terminated", end="2024-06-30"),
        line(7, hire="2025-02-01"),
    ]
    assert [w.spell for w in read(tmp_path, rows).workers] == ["2019-01-01", "2025-02-01"]


def test_an_unknown_zone_ends_the_day_where_it_first_ends(tmp_path: Path) -> None:
    gone = line(1, zone="Mars/Base", end="2026-03-01", status="terminated")
    taken = read(tmp_path, [gone, line(2)])
    one, _ = taken.workers
    assert one.ends_at == datetime(2026, 3, 1, 10, tzinfo=UTC)
    assert one.precision == "day (zone unknown)"
    assert len(taken.problems) == 1


def test_a_byte_order_mark_is_no_part_of_the_first_column(tmp_path: Path) -> None:
    data = b"\xef\xbb\xbf" + "\n".join([HEADER, line(1), ""]).encode()
    assert read(tmp_path, data).workers[0].worker_id == "000001"


def test_another_system_of_words_is_a_matter_of_settings(tmp_path: Path) -> None:
    header = "Pers.-Nr.;Name;Mail;Stand;Austritt"
    rows = ["0042;Müller, Änne;ae@example.de;raus;31.03.2026"]
    data = "\r\n".join([header, *rows, ""]).encode("cp1252")
    taken = read(
        tmp_path, data, separator=";", encoding="cp1252", date_format="%d.%m.%Y",
        default_zone="Europe/Berlin", statuses={"RAUS": "left"},
        columns={"worker_id": "Pers.-Nr.", "name": "Name", "email": "Mail",
                 "status": "Stand", "ends": "Austritt"},
    )  # fmt: skip
    (one,) = taken.workers
    assert (one.worker_id, one.name, one.spell) == ("0042", "Müller, Änne", "1")
    assert one.ends_at == datetime(2026, 3, 31, 22, tzinfo=UTC)


def test_dates_that_are_none_are_listed_not_guessed(tmp_path: Path) -> None:
    rows = [*lines(20), line(21, end="2026-04-31", status="terminated")]
    taken = read(tmp_path, rows)
    assert taken.workers[-1].ends_at is None
    assert taken.problems == ("row 21: `termination_date` is not a day written as %Y-%m-%d",)


def test_never_is_not_a_departure(tmp_path: Path) -> None:
    assert read(tmp_path, [line(1, end="9999-12-31")]).workers[0].ends_at is None


@pytest.mark.parametrize(
    ("rows", "why"),
    [
        ([line(1) + ",surplus"], "line 2 has 14 fields"),
        ([*lines(3), "000004,Jane,Do"], "line 5 has 3 fields"),
        ([*lines(3), '000004,"Jane'], "line"),
        ([line(1, id="1.23E+05")], "spreadsheet"),
        ([line(1, id="123.0")], "spreadsheet"),
        ([line(1, id="'000123")], "spreadsheet"),
        ([line(1, id="jane@example.com")], "swapped"),
        ([line(1, mail="Berlin")], "swapped"),
        ([line(1, hire="01/02/2020")], "do not read as"),
        ([line(1, end="46000", status="left")], "do not read as"),
        ([line(1, hire="2026-01-01", end="2020-01-01", status="left")], "swapped"),
        ([line(1, status="employee")], "status"),
        ([*lines(20), line(21, id="")], "no usable worker id"),
        ([line(1), line(1, last="Other")], "stands twice"),
        ([], "0 rows"),
    ],
)
def test_a_feed_that_looks_wrong_is_refused(tmp_path: Path, rows: list[str], why: str) -> None:
    assert why in refusal(tmp_path, rows)


@pytest.mark.parametrize(
    ("header", "why"),
    [
        (HEADER.replace("previous_emails", "email"), "stand twice"),
        (HEADER.replace("termination_date", "end_date"), "missing: termination_date"),
        (HEADER.replace(",", ";"), "one column"),
        ("", "one column"),
    ],
)
def test_a_header_that_is_not_the_known_one_is_refused(
    tmp_path: Path, header: str, why: str
) -> None:
    assert why in refusal(tmp_path, lines(2), header=header)


def test_an_encoding_that_is_not_the_declared_one_is_refused(tmp_path: Path) -> None:
    text = "\n".join([HEADER, line(1, last="Müller"), ""])
    assert "not utf-8" in refusal(tmp_path, text.encode("latin-1"))
    assert "UTF-8, not latin-1" in refusal(tmp_path, text.encode(), encoding="latin-1")
    assert "not utf-8" in refusal(tmp_path, text.encode("utf-16"))
    assert "NUL" in refusal(tmp_path, text.encode() + b"\x00")
    assert (
        read(tmp_path, text.encode("latin-1"), encoding="latin-1").workers[0].name == "Jane Müller"
    )


def test_a_stale_missing_large_or_unfinished_file_is_refused(tmp_path: Path) -> None:
    one = feed(tmp_path, lines(2))
    with pytest.raises(FeedRefused, match="48 hours ago"):
        one.snapshot(NOW + timedelta(days=2), None)
    assert "bytes" in refusal(tmp_path, lines(2), max_bytes=10)
    assert "done marker" in refusal(tmp_path, lines(2), done_marker=".done")
    (tmp_path / "people.csv.done").touch()
    assert len(read(tmp_path, lines(2), done_marker=".done").workers) == 2
    (tmp_path / "people.csv").unlink()
    with pytest.raises(FeedRefused, match="cannot be read"):
        one.snapshot(NOW, None)


def test_a_feed_that_shrank_is_refused(tmp_path: Path) -> None:
    last = read(tmp_path, lines(50))
    with pytest.raises(FeedRefused, match="rows fell from 50 to 30"):
        feed(tmp_path, lines(30)).snapshot(NOW, last)
    gone = [*lines(30), *[line(n, status="left", end="2026-01-01") for n in range(31, 51)]]
    with pytest.raises(FeedRefused, match="here fell from 50 to 30"):
        feed(tmp_path, gone).snapshot(NOW, last)
    feed(tmp_path, lines(41)).snapshot(NOW, last)
    feed(tmp_path, lines(30), max_fall_percent=50.0).snapshot(NOW, last)
    small = read(tmp_path, lines(5))
    feed(tmp_path, lines(3)).snapshot(NOW, small)


def test_a_few_bad_rows_are_left_out_and_make_the_snapshot_partial(tmp_path: Path) -> None:
    taken = read(tmp_path, [*lines(199), line(200, id="")])
    assert (len(taken.workers), taken.complete) == (199, False)
    assert taken.problems == ("row 200: no usable worker id; the row was left out",)


def test_a_row_that_stands_twice_counts_once(tmp_path: Path) -> None:
    taken = read(tmp_path, [line(1), line(1)])
    assert (len(taken.workers), len(taken.problems)) == (1, 1)


def test_no_cell_of_the_feed_reaches_an_error(tmp_path: Path) -> None:
    mark = "PRIVATE" + "name"
    bad = [[line(1, id=mark + "@x")], [line(1, hire=mark)], [line(1, status=mark)], [f'1,"{mark}']]
    for rows in bad:
        assert mark not in refusal(tmp_path, rows)


def test_a_mapping_that_cannot_be_meant_is_a_configuration_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError):
        feed(tmp_path, lines(1), columns={"wrker_id": "x"})
    with pytest.raises(ConfigError):
        feed(tmp_path, lines(1), columns={"worker_id": "x"})
    for changes in ({"separator": ""}, {"separator": ",,"}, {"list_separator": ""}):
        with pytest.raises(ConfigError):
            feed(tmp_path, lines(1), **changes)
    with pytest.raises(ConfigError):
        feed(tmp_path, lines(1), statuses={"gone": "vanished"})
