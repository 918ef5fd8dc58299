from __future__ import annotations

import csv
import io
import string
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.feed_csv import CsvSettings, csv_personnel
from correlate.errors import ConfigError, FeedRefused
from correlate.model import Employment, Identity, PeopleSnapshot
from correlate.ports import Setup

NOWHERE = Path("/nonexistent")
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


def read(
    rows: list[str] | bytes,
    header: str = HEADER,
    last: PeopleSnapshot | None = None,
    **changes: Any,
) -> PeopleSnapshot:
    data = rows if isinstance(rows, bytes) else ("\n".join([header, *rows]) + "\n").encode()
    settings = replace(CsvSettings(expect_leavers=False), **changes)
    return csv_personnel(settings, Setup("hr", NOWHERE)).snapshot(data, NOW, last)


def refusal(rows: list[str] | bytes, **changes: Any) -> str:
    with pytest.raises(FeedRefused) as caught:
        read(rows, **changes)
    assert caught.value.where == "hr"
    return caught.value.why


def test_a_row_becomes_a_worker_with_its_day_ending_in_its_own_zone() -> None:
    row = line(
        123, last="NA", old="jd@old.example;doe@old.example", status="Terminated",
        lwd="2026-02-27", end="2026-03-31", zone="America/New_York",
    )  # fmt: skip
    taken = read([row, line(1)])
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
def test_no_name_turns_into_nothing(name: str) -> None:
    assert read([line(1, last=name)]).workers[0].name == f"Jane {name}"


def test_spells_of_one_person_stay_apart() -> None:
    rows = [
        line(7, hire="2019-01-01", status="terminated", end="2024-06-30"),
        line(7, hire="2025-02-01"),
    ]
    assert [w.spell for w in read(rows).workers] == ["2019-01-01", "2025-02-01"]


def test_an_unknown_zone_ends_the_day_where_it_first_ends() -> None:
    gone = line(1, zone="Mars/Base", end="2026-03-01", status="terminated")
    taken = read([gone, line(2)])
    one, _ = taken.workers
    assert one.ends_at == datetime(2026, 3, 1, 10, tzinfo=UTC)
    assert one.precision == "day (zone unknown)"
    assert len(taken.problems) == 1


def test_a_byte_order_mark_is_no_part_of_the_first_column() -> None:
    data = b"\xef\xbb\xbf" + "\n".join([HEADER, line(1), ""]).encode()
    assert read(data).workers[0].worker_id == "000001"


def test_another_system_of_words_is_a_matter_of_settings() -> None:
    header = "Pers.-Nr.;Name;Mail;Stand;Austritt"
    rows = ["0042;Müller, Änne;ae@example.de;raus;31.03.2026"]
    data = "\r\n".join([header, *rows, ""]).encode("cp1252")
    taken = read(
        data, separator=";", encoding="cp1252", date_format="%d.%m.%Y",
        default_zone="Europe/Berlin", statuses={"RAUS": "left"},
        columns={"worker_id": "Pers.-Nr.", "name": "Name", "email": "Mail",
                 "status": "Stand", "ends": "Austritt"},
    )  # fmt: skip
    (one,) = taken.workers
    assert (one.worker_id, one.name, one.spell) == ("0042", "Müller, Änne", "1")
    assert one.ends_at == datetime(2026, 3, 31, 22, tzinfo=UTC)


def test_dates_that_are_none_are_listed_not_guessed() -> None:
    rows = [*lines(20), line(21, end="2026-04-31", status="terminated")]
    taken = read(rows)
    assert taken.workers[-1].ends_at is None
    assert taken.problems == ("row 21: `termination_date` is not a day written as %Y-%m-%d",)


def test_never_is_not_a_departure() -> None:
    assert read([line(1, end="9999-12-31")]).workers[0].ends_at is None


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
def test_a_feed_that_looks_wrong_is_refused(rows: list[str], why: str) -> None:
    assert why in refusal(rows)


@pytest.mark.parametrize(
    ("header", "why"),
    [
        (HEADER.replace("previous_emails", "email"), "stand twice"),
        (HEADER.replace("termination_date", "end_date"), "missing: termination_date"),
        (HEADER.replace(",", ";"), "one column"),
        ("", "one column"),
    ],
)
def test_a_header_that_is_not_the_known_one_is_refused(header: str, why: str) -> None:
    assert why in refusal(lines(2), header=header)


def test_an_encoding_that_is_not_the_declared_one_is_refused() -> None:
    text = "\n".join([HEADER, line(1, last="Müller"), ""])
    assert "not utf-8" in refusal(text.encode("latin-1"))
    assert "UTF-8, not latin-1" in refusal(text.encode(), encoding="latin-1")
    assert "not utf-8" in refusal(text.encode("utf-16"))
    assert "NUL" in refusal(text.encode() + b"\x00")
    assert read(text.encode("latin-1"), encoding="latin-1").workers[0].name == "Jane Müller"


def test_a_feed_that_shrank_is_refused() -> None:
    last = read(lines(50))
    assert "rows fell from 50 to 30" in refusal(lines(30), last=last)
    gone = [*lines(30), *[line(n, status="left", end="2026-01-01") for n in range(31, 51)]]
    assert "here fell from 50 to 30" in refusal(gone, last=last)
    assert read(lines(41), last=last)
    assert read(lines(30), last=last, max_fall_percent=50.0)
    assert read(lines(3), last=read(lines(5)))


def test_a_few_bad_rows_are_left_out_and_make_the_snapshot_partial() -> None:
    taken = read([*lines(199), line(200, id="")])
    assert (len(taken.workers), taken.complete) == (199, False)
    assert taken.problems == ("row 200: no usable worker id; the row was left out",)


def test_a_row_that_stands_twice_counts_once() -> None:
    taken = read([line(1), line(1)])
    assert (len(taken.workers), len(taken.problems)) == (1, 1)


def test_no_cell_of_the_feed_reaches_an_error() -> None:
    mark = "PRIVATE" + "name"
    bad = [[line(1, id=mark + "@x")], [line(1, hire=mark)], [line(1, status=mark)], [f'1,"{mark}']]
    for rows in bad:
        assert mark not in refusal(rows)


@pytest.mark.parametrize(
    "changes",
    [
        {"columns": {"wrker_id": "x"}}, {"columns": {"worker_id": "x"}}, {"separator": ""},
        {"separator": ",,"}, {"list_separator": ""}, {"statuses": {"gone": "vanished"}},
        {"default_zone": "Mars/Base"},
    ],
)  # fmt: skip
def test_settings_that_cannot_be_meant(changes: dict[str, Any]) -> None:
    with pytest.raises(ConfigError):
        read(lines(1), **changes)


def test_what_a_decoder_makes_of_another_encoding_is_refused() -> None:
    text = "\n".join([HEADER, line(1, last="O\u2019Neil"), ""])
    assert "control characters" in refusal(text.encode("cp1252"), encoding="latin-1")
    assert read(text.encode("cp1252"), encoding="cp1252").workers[0].name == "Jane O\u2019Neil"


# --- whatever a spreadsheet may write, it reads back --------------------------------------

QUOTINGS = (csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC)
_TEXT = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Cf", "Zl", "Zp", "Zs"]),
    max_size=12,
)
_SPACED = st.lists(_TEXT, max_size=3).map(" \n".join).map(str.strip)
_ID = st.text(string.ascii_letters + string.digits + "-_/", min_size=1, max_size=8).filter(
    lambda text: not text[0].isdigit()
)
_DAY = st.dates(date(1990, 1, 1), date(2026, 1, 1)).map(date.isoformat)
ROW = st.fixed_dictionaries(
    {
        "id": _ID, "first": _SPACED, "last": _SPACED, "status": st.sampled_from(["active", "LEFT"]),
        "hire": _DAY, "unit": _TEXT, "employer": _SPACED,
    }
)  # fmt: skip
TABLES = st.lists(ROW, min_size=1, max_size=8, unique_by=lambda row: row["id"])


@given(
    table=TABLES,
    quoting=st.sampled_from(QUOTINGS),
    separator=st.sampled_from(",;\t|"),
    ends=st.sampled_from(["\n", "\r\n"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-32"]),
)
def test_any_table_reads_back_as_it_was_written(
    table: list[dict[str, str]], quoting: int, separator: str, ends: str, encoding: str
) -> None:
    out = io.StringIO(newline="")
    write = csv.writer(out, delimiter=separator, lineterminator=ends, quoting=quoting)  # type: ignore[arg-type]
    table = [*table, {**table[0], "id": "somebody-here", "status": "active"}]
    names = sorted(table[0])
    write.writerow(names)
    write.writerows([row[name] for name in names] for row in table)
    columns = {
        "worker_id": "id", "first_name": "first", "last_name": "last", "status": "status",
        "starts": "hire", "unit": "unit", "employer": "employer",
    }  # fmt: skip
    taken = read(
        out.getvalue().encode(encoding), encoding="utf-8" if encoding == "utf-8-sig" else encoding,
        separator=separator, columns=columns,
    )  # fmt: skip
    assert [
        (one.worker_id, one.name, one.employment, one.spell, one.unit, one.employer)
        for one in taken.workers
    ] == [
        (
            row["id"], " ".join(filter(None, (row["first"], row["last"]))),
            row["status"].lower(), row["hire"], row["unit"], row["employer"],
        )
        for row in table
    ]  # fmt: skip
