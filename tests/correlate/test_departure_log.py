"""What was known when: rows are added, corrected, taken back, and never lost."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from correlate import case as moves
from correlate.departure import standing
from correlate.departure_log import change, in_force, newest, to_record
from correlate.model import KindId, PersonId
from correlate.verdict import (
    CaseKind,
    CaseState,
    Decision,
    Departure,
    Person,
    Standing,
    StandingState,
)
from tests.correlate.cast import FP, NOW, answer, day, worker

WHO = PersonId("1")
STATED = Departure(WHO, "2020-01-01", day("2026-11-01"), "personnel feed")
MOVED = replace(STATED, effective_at=day("2026-11-10"))
TAKEN_BACK = replace(MOVED, reversed=True)
ROWS = [
    (STATED, day("2026-10-01")),
    (MOVED, day("2026-10-20")),
    (TAKEN_BACK, day("2026-11-05")),
]


def left(*stated: Departure) -> Standing:
    return Standing(StandingState.LEFT, stated[-1], (), stated)


@pytest.mark.parametrize(
    ("known_at", "expected"),
    [("2026-09-01", []), ("2026-10-10", [STATED]), ("2026-10-30", [MOVED]), ("2026-11-20", [])],
    ids=["before anything", "as stated", "as corrected", "as taken back"],
)
def test_what_was_known_at_an_instant(known_at: str, expected: list[Departure]) -> None:
    assert in_force(ROWS, day(known_at)) == expected


@pytest.mark.parametrize(
    ("before", "now_stated", "rows"),
    [
        ([], left(STATED), [STATED]),
        ([STATED], left(STATED), []),
        ([STATED], left(MOVED), [MOVED]),
        ([MOVED], Standing(StandingState.HERE), [TAKEN_BACK]),
        ([MOVED, TAKEN_BACK], Standing(StandingState.HERE), []),
        ([MOVED, TAKEN_BACK], left(MOVED), [MOVED]),
        (
            [STATED],
            left(replace(STATED, spell="2020-02-01")),
            [replace(STATED, spell="2020-02-01"), replace(STATED, reversed=True)],
        ),
    ],
    ids=[
        "new", "known", "corrected", "reversed", "reversed before", "stated again",
        "another start",
    ],
)  # fmt: skip
def test_what_is_recorded(
    before: list[Departure], now_stated: Standing, rows: list[Departure]
) -> None:
    known = newest((row, NOW) for row in before).get(WHO, {})
    assert to_record(known, now_stated) == rows


@pytest.mark.parametrize(
    ("before", "stated", "word"),
    [
        (None, STATED, "stated"),
        (None, replace(STATED, effective_at=day("2027-01-01")), "announced"),
        (STATED, MOVED, "put back"),
        (MOVED, STATED, "brought forward"),
        (STATED, replace(STATED, zone="Asia/Tokyo"), "corrected"),
        (MOVED, TAKEN_BACK, "reversed"),
        (TAKEN_BACK, MOVED, "stated again"),
    ],
)
def test_a_change_has_a_word(before: Departure | None, stated: Departure, word: str) -> None:
    assert change(before, stated, NOW) == word


ENDS = st.lists(st.none() | st.datetimes(datetime(2020, 2, 1), datetime(2028, 1, 1)), max_size=6)  # noqa: DTZ001


@given(ENDS)
def test_whatever_is_restated_the_log_ends_with_what_the_feed_says(
    ends: list[datetime | None],
) -> None:
    rows: list[tuple[Departure, datetime]] = []
    for number, end in enumerate(ends):
        spell = worker("1", end=f"{end:%Y-%m-%d}" if end else "")
        held = standing(Person(WHO, "Jane", (spell,)), NOW)
        at = NOW + timedelta(days=number)
        rows += [(row, at) for row in to_record(newest(rows).get(WHO, {}), held)]
        assert in_force(rows) == list(held.stated)
        assert to_record(newest(rows).get(WHO, {}), held) == []


@given(ENDS)
def test_a_case_is_void_once_its_leave_is_taken_back(ends: list[datetime | None]) -> None:
    """However often a leave is dated anew: it counts while it is in effect, and no longer."""
    held = standing(Person(WHO, "Jane", (worker("1", end="2026-06-30"),)), NOW)
    decision = Decision(CaseKind.F1, FP, KindId("kind"), WHO, held.departure, ())
    case = moves.open_case(decision, answer(), NOW)
    for end in ends:
        spell = worker("1", end=f"{end:%Y-%m-%d}" if end else "")
        known = {WHO: standing(Person(WHO, "Jane", (spell,)), NOW)}
        if known[WHO].state is StandingState.LEFT:
            case = moves.renew(
                case, replace(decision, departure=known[WHO].departure), answer(), NOW
            )
            assert not case.state.ended
        else:
            for gone in moves.overtaken([case], {}, [FP], known, NOW):
                case = gone
            assert (case.state, case.note) == (CaseState.VOID, "the departure was reversed")
