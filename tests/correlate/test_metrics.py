"""Each figure counts what it says, and what is not known stands beside it, on neither side."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from correlate import case as moves
from correlate.exception import Judged, RiskException, Stage, Terms
from correlate.metrics import (
    Exceptions,
    Exposed,
    Outlived,
    covered,
    deadlines_kept,
    exceptions_kept,
    exposed,
    open_cases,
    rejection,
    shares,
)
from correlate.model import Coverage, CoverageState, KindId, LivenessState, PersonId
from correlate.sla import NONE, Deadlines
from correlate.stored import Lifespan
from correlate.survival import Quantile
from correlate.verdict import Case, CaseKind, CaseState, Decision, Departure
from tests.correlate.cast import FP, NOW, answer

DAY = timedelta(days=1)
LEFT = Departure(PersonId("1"), "s", NOW - 10 * DAY, "hr")
HELD = moves.open_case(
    Decision(CaseKind.F1, FP, KindId("kind"), LEFT.person, LEFT, ()), answer(), NOW
)
HOURS = Deadlines({CaseKind.F1: 24, CaseKind.F11: 24})  # due nine days ago


def life(left: float, live: float | None = None, dead: float | None = None) -> Outlived:
    """Return a credential by how many days ago its person left, and it was live and rejected."""
    at = [None if days is None else NOW - days * DAY for days in (live, dead)]
    return Outlived(NOW - left * DAY, Lifespan(*at))


def held(live: float | None, dead: float | None = None, state: CaseState = CaseState.OPEN) -> Case:
    proofs = () if dead is None else (answer(LivenessState.DEAD, at=NOW - dead * DAY),)
    live_at = None if live is None else NOW - live * DAY
    return replace(HELD, state=state, last_live_at=live_at, rejections=proofs)


def test_the_share_is_of_those_answered_on_with_the_unknown_beside_it() -> None:
    made = shares([life(9, 1), life(9, 8), life(9, 3, 2), life(9, None, 2), life(9)], NOW)
    assert (made.live, made.dead, made.unknown, made.unconfirmed) == (2, 2, 1, 1)
    assert made.still_live == 0.5
    assert shares([life(9)], NOW).still_live is None


@pytest.mark.parametrize(
    ("lives", "median", "sooner"),
    [
        ([life(10, 6, 5)], 5.0, 4.0),
        ([life(10, None, 5)], 5.0, 0.0),  # dead when first asked: somewhere between
        ([life(10, 13, 12)], 0.0, 0.0),  # before the leave
        ([life(10, 12, 8)], 2.0, 0.0),
        ([life(10, 1)], None, None),  # live still
        ([life(10)], None, None),
        ([life(10), life(10), life(10), life(10, 6, 5)], 5.0, 4.0),  # the unknown weigh nothing
        ([life(10, 1), life(10, 1), life(10, 6, 5)], None, None),
        ([life(10, 9), life(10, 6, 5), life(10, 3, 2)], 5.0, 4.0),  # followed for a day only
    ],
)
def test_time_to_rejection_is_from_the_leave_to_the_first_rejection(
    lives: list[Outlived], median: float | None, sooner: float | None
) -> None:
    made = rejection(lives)
    assert (made.median.day, made.earliest_median.day) == (median, sooner)
    assert made.dead_when_first_asked == sum(
        1 for one in lives if one.state == "dead" and one.span.live_at is None
    )


def test_nine_tenths_and_how_long_any_was_followed() -> None:
    made = rejection([life(30, 30 - days + 0.5, 30 - days) for days in range(1, 11)])
    assert (made.median.day, made.p90.day, made.followed) == (5.0, 9.0, 10.0)
    assert rejection([]).median == Quantile(None, None, None)


def test_exposure_has_two_bounds_and_its_dark_part() -> None:
    lives = [life(10, 1), life(10, 6, 5), life(10, None, 5), life(10, 13, 12), life(4)]
    assert exposed(lives, NOW) == Exposed(9 + 4, 10 + 5 + 5, 4)


@given(
    st.lists(
        st.builds(
            life,
            st.integers(0, 50),
            st.none() | st.integers(1, 60),
            st.none() | st.just(0),
        )
    )
)
def test_no_bound_crosses_the_other_and_nobody_is_counted_twice(lives: list[Outlived]) -> None:
    made = exposed(lives, NOW)
    assert 0 <= made.at_least <= made.at_most
    counts = shares(lives, NOW)
    assert counts.live + counts.dead + counts.unknown == len(lives)


@pytest.mark.parametrize(
    ("case", "result"),
    [
        (held(9.5, 9.2), "kept"),
        (held(9.5, 9.2, CaseState.CLOSED), "kept"),
        (held(3, 2, CaseState.CLOSED), "missed"),
        (held(3), "missed"),
        (held(9.5, 2), "unknown"),  # it died before or after
        (held(9.5), "unknown"),
        (held(3, state=CaseState.WAIVED), "accepted"),
        (held(9.5, state=CaseState.WAIVED), "accepted"),
    ],
)
def test_a_deadline_is_kept_missed_or_not_known(case: Case, result: str) -> None:
    counts = deadlines_kept([case], HOURS, NOW)
    assert {name: count for name, count in counts.items() if count} == {result: 1}


def test_a_deadline_to_come_is_pending() -> None:
    assert deadlines_kept([held(9.5)], HOURS, NOW - 9.2 * DAY)["pending"] == 1


def test_what_is_not_due_counts_nowhere() -> None:
    cases = [
        replace(held(3), state=CaseState.VOID),
        replace(held(3), kind=CaseKind.F11),
        replace(held(3), kind=CaseKind.F5),
        replace(held(3), departure=None),
    ]
    assert sum(deadlines_kept(cases, HOURS, NOW).values()) == 0
    for none in (NONE, Deadlines(by_severity={"high": 0})):
        assert deadlines_kept([held(3)], none, NOW) == {}


def test_open_cases_ask_something_of_somebody() -> None:
    states = (CaseState.OPEN, CaseState.UNPROVEN, CaseState.WAIVED, CaseState.CLOSED)
    counts = open_cases(replace(HELD, state=state) for state in states)
    assert (counts["F1"], counts["F3"], sum(counts.values())) == (2, 0, 2)


def test_coverage_is_of_parts_and_of_none_it_is_not_known() -> None:
    parts = [
        Coverage("s", str(number), state, skipped=number)
        for number, state in enumerate([*CoverageState, CoverageState.COMPLETE])
    ]
    made = covered(parts)
    assert (made.share, made.skipped, made.parts["failed"]) == (2 / 5, 10, 1)
    assert covered([]).share is None


def test_exceptions_are_counted_by_where_they_stand() -> None:
    terms = Terms(FP, None, "RISK-7", "2", NOW)
    one = RiskException("ex-1", terms, PersonId("2"), NOW, "needed")
    stages = [Stage.VALID, Stage.VALID, Stage.EXPIRED, Stage.VOID, Stage.ASKED, Stage.PROVED]
    assert exceptions_kept(Judged(one, stage) for stage in stages) == Exceptions(2, 1, 1)
