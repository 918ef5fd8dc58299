"""A case ends by two spaced rejections, or when its ground falls away; nothing else ends it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from correlate import case as moves
from correlate.model import KindId, LivenessState, PersonId
from correlate.secret import Fingerprint
from correlate.succession import Succession
from correlate.verdict import (
    Case,
    CaseKind,
    CaseState,
    Decision,
    Departure,
    Standing,
    StandingState,
    Step,
)
from tests.correlate.cast import FP, NOW, answer

GAP = timedelta(minutes=10)
WHO = PersonId("1")
DEPARTURE = Departure(WHO, "2020-01-01", NOW - timedelta(days=5), "hr")
DECISION = Decision(CaseKind.F1, FP, KindId("kind"), WHO, DEPARTURE, ())
OPENED = moves.open_case(DECISION, answer(), NOW)
DEAD = LivenessState.DEAD


INCIDENT = moves.open_case(replace(DECISION, kind=CaseKind.F11), answer(), NOW)


def test_an_incident_is_a_case_of_its_own_that_no_rejection_closes() -> None:
    assert INCIDENT.key != OPENED.key
    assert moves.key(FP, WHO, CaseKind.F2) == OPENED.key
    for days in (1, 2):
        dead = answer(LivenessState.DEAD, at=NOW + timedelta(days=days))
        assert moves.advance(INCIDENT, dead, timedelta(0), dead.at) is INCIDENT


def test_a_person_closes_an_incident_and_it_stays_closed() -> None:
    closed = moves.looked_into(INCIDENT, "Done", NOW)
    assert (closed.state, closed.closed_at) == (CaseState.CLOSED, NOW)
    assert "'Done'" in closed.note
    assert moves.advance(closed, answer(), timedelta(0), NOW) is closed
    assert moves.looked_into(closed, "Other", NOW) is closed
    assert moves.looked_into(OPENED, "Done", NOW) is OPENED


@pytest.mark.parametrize(
    ("state", "void"), [(StandingState.LEFT, False), (StandingState.HERE, True)]
)
def test_an_incident_stays_one_though_its_issuer_tells_of_it_no_more(
    state: StandingState, void: bool
) -> None:
    standings = {WHO: Standing(state)}
    gone = moves.overtaken([INCIDENT], {}, [FP], standings, NOW)
    assert [held.state for held in gone] == [CaseState.VOID] * void


@pytest.mark.parametrize("days", [0, 1])
def test_a_waiver_ends_at_its_instant_and_not_before(days: int) -> None:
    until = NOW + timedelta(days=30)
    held = moves.waive(OPENED, "Accepted Risk", NOW, until)
    after = moves.lapse(held, until - timedelta(days=days))
    assert (after.state, after.generation) == (
        (CaseState.WAIVED, 1) if days else (CaseState.OPEN, 2)
    )
    if not days:
        assert after.note == f"a waiver ended on {until:%Y-%m-%d}"


def test_what_was_rejected_during_a_waiver_still_counts_after_it() -> None:
    held = moves.waive(OPENED, "Accepted Risk", NOW, NOW + timedelta(days=30))
    dead = answer(LivenessState.DEAD, at=NOW + timedelta(days=29))
    held = moves.advance(held, dead, timedelta(0), dead.at)
    after = moves.lapse(held, NOW + timedelta(days=31))
    assert (after.state, after.rejections) == (CaseState.UNPROVEN, (dead,))


def test_an_exception_takes_over_a_waiver_and_only_its_own_end_ends_it() -> None:
    until = NOW + timedelta(days=30)
    held = moves.waive(OPENED, "Accepted Risk", NOW, NOW + timedelta(days=1))
    held = moves.on_exception(held, "ex-1", until, NOW)
    assert (held.state, held.exception, held.waived_until) == (CaseState.WAIVED, "ex-1", until)
    assert moves.lapse(held, until) == held
    dead = answer(LivenessState.DEAD, at=NOW)
    again = moves.off_exception(moves.advance(held, dead, GAP, NOW), "why", until)
    assert (again.state, again.generation, again.rejections) == (CaseState.UNPROVEN, 2, (dead,))
    assert moves.off_exception(again, "why", until) == again
    closed = replace(held, state=CaseState.CLOSED)
    assert moves.on_exception(closed, "ex-2", until, NOW) == closed


def after(case: Case, *steps: tuple[LivenessState, int]) -> Case:
    for state, minutes in steps:
        at = NOW + timedelta(minutes=minutes)
        case = moves.advance(case, answer(state, at=at), GAP, at)
    return case


@pytest.mark.parametrize(
    ("steps", "state", "proofs"),
    [
        ([(DEAD, 1)], CaseState.UNPROVEN, 1),
        ([(DEAD, 1), (DEAD, 5)], CaseState.UNPROVEN, 1),
        ([(DEAD, 1), (DEAD, 11)], CaseState.CLOSED, 2),
        ([(DEAD, 1), (DEAD, 1)], CaseState.UNPROVEN, 1),
        ([(DEAD, 1), (LivenessState.UNKNOWN, 5), (DEAD, 11)], CaseState.CLOSED, 2),
        ([(DEAD, 1), (LivenessState.LIVE, 5), (DEAD, 11)], CaseState.UNPROVEN, 1),
        ([(DEAD, 1), (LivenessState.LIVE, 5)], CaseState.OPEN, 0),
        ([(LivenessState.UNKNOWN, 1), (LivenessState.RATE_LIMITED, 99)], CaseState.OPEN, 0),
        ([(LivenessState.SUSPENDED, 1), (LivenessState.SUSPENDED, 99)], CaseState.OPEN, 0),
        ([(LivenessState.SKIPPED, 1), (LivenessState.NOT_VERIFIABLE, 99)], CaseState.OPEN, 0),
    ],
)
def test_what_answers_make_of_a_case(
    steps: list[tuple[LivenessState, int]], state: CaseState, proofs: int
) -> None:
    held = after(OPENED, *steps)
    assert (held.state, len(held.rejections)) == (state, proofs)


def test_a_closed_case_that_lives_again_is_a_new_generation() -> None:
    closed = after(OPENED, (DEAD, 1), (DEAD, 11))
    again = after(closed, (LivenessState.LIVE, 20))
    assert (again.state, again.generation, again.rejections) == (CaseState.OPEN, 2, ())
    assert again.closed_at is None


STEPS = st.lists(st.tuples(st.sampled_from(LivenessState), st.integers(0, 200)), max_size=12).map(
    lambda steps: sorted(steps, key=lambda step: step[1])
)


@given(STEPS)
def test_only_two_spaced_rejections_close(steps: list[tuple[LivenessState, int]]) -> None:
    held = after(OPENED, *steps)
    if held.state is CaseState.CLOSED:
        first, second = held.rejections[-2:]
        assert first.state is second.state is DEAD
        assert second.at - first.at >= GAP


def test_a_waived_case_still_closes_by_proof_and_stays_waived_until_then() -> None:
    waived = moves.waive(OPENED, "Accepted Risk", NOW)
    assert waived.state is CaseState.WAIVED
    assert "Accepted Risk" in waived.note
    assert after(waived, (LivenessState.LIVE, 1)).state is CaseState.WAIVED
    assert after(waived, (DEAD, 1)).state is CaseState.WAIVED
    assert after(waived, (DEAD, 1), (DEAD, 20)).state is CaseState.CLOSED


def test_deciding_the_same_again_changes_nothing() -> None:
    assert moves.renew(OPENED, DECISION, answer(), NOW + GAP) == OPENED


def test_a_case_that_changes_kind_keeps_its_key() -> None:
    before = moves.open_case(replace(DECISION, kind=CaseKind.F5, departure=None), answer(), NOW)
    changed = moves.renew(before, DECISION, answer(), NOW + GAP)
    assert (changed.kind, changed.key, changed.changed_at) == (CaseKind.F1, before.key, NOW + GAP)


@given(st.text(), st.text(), st.text() | st.none(), st.text() | st.none())
def test_keys_are_labels_and_differ(
    one: str, two: str, person: str | None, other: str | None
) -> None:
    def made(digest: str, who: str | None) -> str:
        return moves.key(Fingerprint("p", digest), PersonId(who) if who else None)

    assert made(one, person).isalnum()
    assert (made(one, person) == made(two, other)) == (
        one == two and (person or "") == (other or "")
    )


def standings(state: StandingState, *back: str) -> dict[PersonId, Standing]:
    """Where they stand: back from these spells, and with the case's departure once more ahead."""
    past = tuple(replace(DEPARTURE, spell=spell) for spell in back)
    return {WHO: Standing(state, DEPARTURE, past=past)}


@pytest.mark.parametrize(
    ("held", "judged", "decided", "known", "void"),
    [
        (OPENED, [FP], {}, {WHO: Standing(StandingState.HERE)}, True),
        (OPENED, [FP], {}, standings(StandingState.LEAVING), True),
        (OPENED, [], {}, {WHO: Standing(StandingState.HERE)}, False),
        (OPENED, [FP], {OPENED.key: DECISION}, standings(StandingState.LEFT), False),
        (OPENED, [FP], {}, standings(StandingState.HERE, "2020-01-01"), False),
        (OPENED, [FP], {}, standings(StandingState.LEAVING, "2010-01-01", "2020-01-01"), False),
        (OPENED, [FP], {}, standings(StandingState.LEFT), True),
        (replace(OPENED, state=CaseState.CLOSED), [FP], {}, {}, False),
    ],
    ids=[
        "reversed", "put back", "no answer in force", "still held", "rehired", "rehired and leaving",
        "overtaken", "ended",
    ],
)  # fmt: skip
def test_when_a_case_is_void(
    held: Case,
    judged: list[Fingerprint],
    decided: dict[str, Decision],
    known: dict[PersonId, Standing],
    void: bool,
) -> None:
    gone = moves.overtaken([held], decided, judged, known, NOW)  # type: ignore[arg-type]
    assert [item.state for item in gone] == ([CaseState.VOID] if void else [])


def test_a_void_case_opens_again_when_it_is_decided_upon_again() -> None:
    void = replace(OPENED, state=CaseState.VOID, note="reversed")
    again = moves.renew(void, DECISION, answer(), NOW + GAP)
    assert (again.state, again.generation, again.note) == (CaseState.OPEN, 2, "")


def asked(step: Step) -> dict[PersonId, Succession]:
    return {WHO: Succession(WHO, PersonId("2"), step, NOW, PersonId("3"), NOW, "why")}


@pytest.mark.parametrize(
    ("before", "step", "after_it"),
    [
        (CaseState.OPEN, Step.PROPOSED, CaseState.AWAITING_SUCCESSOR),
        (CaseState.TICKETED, Step.PROPOSED, CaseState.AWAITING_SUCCESSOR),
        (CaseState.AWAITING_SUCCESSOR, Step.PROPOSED, CaseState.AWAITING_SUCCESSOR),
        (CaseState.AWAITING_SUCCESSOR, Step.ACCEPTED, CaseState.OPEN),
        (CaseState.AWAITING_SUCCESSOR, Step.REFUSED, CaseState.OPEN),
        (CaseState.AWAITING_SUCCESSOR, None, CaseState.OPEN),
        (CaseState.TICKETED, Step.ACCEPTED, CaseState.TICKETED),
        (CaseState.UNPROVEN, Step.PROPOSED, CaseState.UNPROVEN),
        (CaseState.WAIVED, Step.PROPOSED, CaseState.WAIVED),
        (CaseState.CLOSED, Step.PROPOSED, CaseState.CLOSED),
    ],
)
def test_a_case_waits_for_a_successor_and_is_ended_by_none(
    before: CaseState, step: Step | None, after_it: CaseState
) -> None:
    held = replace(OPENED, state=before)
    moved = moves.await_successor(held, asked(step) if step else {}, NOW + GAP)
    assert moved.state is after_it
    assert moves.await_successor(moved, asked(step) if step else {}, NOW + GAP * 2) == moved
    assert moved.state.ended is before.ended


def test_only_a_leavers_own_case_waits() -> None:
    for other in (replace(OPENED, kind=CaseKind.F2), replace(OPENED, person=None)):
        assert moves.await_successor(other, asked(Step.PROPOSED), NOW) == other


@given(STEPS, st.lists(st.sampled_from(Step), max_size=4))
def test_an_accepted_successor_closes_nothing(
    steps: list[tuple[LivenessState, int]], words: list[Step]
) -> None:
    """Between any answers: only the issuer's rejections count."""
    alone, held = after(OPENED, *steps), OPENED
    for number, (state, minutes) in enumerate(steps):
        word = words[number % len(words)] if words else None
        held = moves.await_successor(held, asked(word) if word else {}, NOW)
        held = after(held, (state, minutes))
    assert (held.state.ended, held.rejections) == (alone.state.ended, alone.rejections)
