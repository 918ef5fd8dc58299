from __future__ import annotations

from datetime import UTC, datetime

import pytest

from connectors.feed_rows import FIELDS, Reading, doubts, worker
from correlate.model import Employment, Identity, Worker

NOW = datetime(2026, 3, 2, 6, tzinfo=UTC)
HOW = Reading(
    {name: name for name in FIELDS}, {"github": "github"},
    {"active": Employment.ACTIVE, "left": Employment.LEFT}, ";", "%Y-%m-%d", "Europe/Berlin",
)  # fmt: skip


def read(**cells: str) -> tuple[Worker, list[str]]:
    problems: list[str] = []
    found = worker({"worker_id": "000007", "status": "active"} | cells, HOW, NOW, problems.append)
    assert found is not None
    return found, problems


def test_every_field_has_its_place() -> None:
    one, problems = read(
        person_key="H-7", name="Jane Doe", email="jane@x.example", employer="Acme GmbH",
        unit="IT/7", moved="2026-01-01", legal_hold="yes", embargo_until="2026-03-31",
        announced="2026-02-01", worker_type="contractor", manager="000001", github="janed",
    )  # fmt: skip
    assert (one.person_key, one.employer, one.unit) == ("H-7", "Acme GmbH", "IT/7")
    assert one.moved_at == datetime(2025, 12, 31, 23, tzinfo=UTC)
    assert one.legal_hold
    assert one.embargo_until == datetime(2026, 3, 31, 22, tzinfo=UTC)  # that day is over
    assert one.announced_at == datetime(2026, 1, 31, 23, tzinfo=UTC)
    assert (one.worker_type, one.manager) == ("contractor", "000001")
    assert one.identities == (Identity("github", "janed"),)
    assert problems == []


@pytest.mark.parametrize(
    ("last_day", "end", "precision"),
    [
        ("2026-03-31", "", "day"),
        ("", "2026-03-31T16:00:00+02:00", "instant"),
        ("2026-03-31", "2026-03-31T16:00:00+02:00", "instant"),
        ("2026-03-30", "2026-03-31T16:00:00+02:00", "day"),  # the earlier one ends access
        ("", "", "day"),
    ],
)
def test_the_precision_is_that_of_the_earlier_end(last_day: str, end: str, precision: str) -> None:
    one, _ = read(last_working_day=last_day, ends=end)
    assert one.precision == precision
    if end:
        assert one.ends_at == datetime(2026, 3, 31, 14, tzinfo=UTC)


def test_an_embargo_may_end_at_an_instant() -> None:
    one, _ = read(embargo_until="2026-03-31T09:30:00+02:00")
    assert one.embargo_until == datetime(2026, 3, 31, 7, 30, tzinfo=UTC)


def test_an_embargo_that_does_not_read_is_no_missing_embargo() -> None:
    rows = [{"worker_id": str(n), "status": "active", "embargo_until": ""} for n in range(99)]
    assert doubts(rows, HOW) == ""
    assert "embargo" in doubts([*rows, {**rows[0], "embargo_until": "end of March"}], HOW)


@pytest.mark.parametrize(
    ("word", "held", "told"),
    [("", False, 0), ("No", False, 0), ("1", True, 0), ("TRUE", True, 0), ("maybe", True, 1)],
)
def test_a_legal_hold_that_is_not_denied_holds(word: str, held: bool, told: int) -> None:
    one, problems = read(legal_hold=word)
    assert (one.legal_hold, len(problems)) == (held, told)


def test_an_end_before_the_start_is_left_out_and_told() -> None:
    one, problems = read(starts="2026-01-01", ends="2024-06-30", last_working_day="2024-06-28")
    assert (one.ends_at, one.last_working_at) == (None, None)
    assert problems == ["the end lies before the start and was left out"] * 2


@pytest.mark.parametrize(
    ("cells", "wanted"),
    [
        ({"starts": "2026-06-01"}, Employment.UNKNOWN),  # not here yet
        ({"starts": "2026-06-01", "ends": "2026-12-31"}, Employment.LEFT),
        ({"starts": "2020-06-01"}, Employment.LEFT),
        ({}, Employment.LEFT),
    ],
)
def test_who_has_not_begun_has_not_left(cells: dict[str, str], wanted: Employment) -> None:
    assert read(status="left", **cells)[0].employment is wanted


@pytest.mark.parametrize("field", ["manager", "person_key"])
@pytest.mark.parametrize("damaged", ["1.23E+05", "12.0", "'0007", "00\u200b07"])
def test_a_damaged_reference_leads_nowhere(field: str, damaged: str) -> None:
    one, problems = read(**{field: damaged})
    assert (one.manager, one.person_key) == (None, "")
    assert problems == [f"`{field}` looks damaged and was left out"]


def test_a_handle_with_unseen_characters_is_left_out() -> None:
    one, problems = read(github="jan\u200bed")
    assert (one.identities, len(problems)) == ((), 1)


@pytest.mark.parametrize("key", ["", "a b", "j@x", "00\u200b7", "7\u00ad"])
def test_a_row_without_a_usable_id_is_none(key: str) -> None:
    problems: list[str] = []
    assert worker({"worker_id": key}, HOW, NOW, problems.append) is None
    assert problems == ["no usable worker id; the row was left out"]
