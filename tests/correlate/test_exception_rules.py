"""When an exception holds, and what follows for cases: in no order of events is a credential waived
past the end, by one's own approval, or by that of somebody who left."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from correlate.case import key, open_case
from correlate.exception import ExceptionStep, Judged, Move, RiskException, Stage, Terms
from correlate.exception_rules import Book, exceptions, judged, not_approvable, times
from correlate.model import CaseKey, KindId, LivenessState, PersonId, Worker
from correlate.verdict import Case, CaseKind, CaseState, Decision, Person
from tests.correlate.cast import FP, NOW, answer, worker

LEAVER, ASKER, APPROVER, USER = (PersonId(number) for number in "1234")
DECISION = Decision(CaseKind.F1, FP, KindId("kind"), LEAVER, None, ())
CASE = open_case(DECISION, answer(LivenessState.LIVE), NOW)
DAY = timedelta(days=1)
TERMS = Terms(FP, CASE.key, "RISK-7", "2", NOW + 30 * DAY, USER)
ASKED = ExceptionStep("ex-1", Move.ASKED, ASKER, "needed", NOW, TERMS)
APPROVED = ExceptionStep("ex-1", Move.APPROVED, APPROVER, "fine", NOW + DAY)


def person(number: PersonId, *spells: Worker) -> Person:
    return Person(number, f"Person {number}", spells or (worker(number),))


HERE = {number: person(number) for number in (LEAVER, ASKER, APPROVER, USER)}


def left(number: PersonId, at: datetime) -> Mapping[PersonId, Person]:
    return {**HERE, number: person(number, replace(worker(number), ends_at=at))}


def only(*steps: ExceptionStep) -> RiskException:
    return exceptions(steps)[steps[0].id]


def stage(at: datetime, *steps: ExceptionStep, persons: Mapping[PersonId, Person] = HERE) -> Judged:
    return judged(only(*steps), persons, at)


@pytest.mark.parametrize(
    ("steps", "days", "found"),
    [
        ((ASKED,), 1, Stage.ASKED),
        ((ASKED,), 30, Stage.LAPSED),
        ((ASKED, APPROVED), 2, Stage.VALID),
        ((ASKED, APPROVED), 30, Stage.EXPIRED),
        ((ASKED, replace(APPROVED, by=ASKER)), 2, Stage.ASKED),
        ((ASKED, replace(APPROVED, by=USER)), 2, Stage.ASKED),
        ((ASKED, replace(APPROVED, by=None)), 2, Stage.ASKED),
        ((ASKED, replace(APPROVED, at=NOW + 30 * DAY)), 31, Stage.LAPSED),
        ((ASKED, replace(APPROVED, move=Move.ENDED)), 2, Stage.ENDED),
        ((ASKED, APPROVED, replace(APPROVED, move=Move.ENDED)), 2, Stage.ENDED),
        ((ASKED, APPROVED, replace(APPROVED, move=Move.ENDED, at=NOW + 30 * DAY)), 31, Stage.EXPIRED),
        ((ASKED, APPROVED, replace(APPROVED, move=Move.PROVED, by=None)), 40, Stage.PROVED),
        ((ASKED, replace(APPROVED, move=Move.ENDED), APPROVED), 2, Stage.ENDED),
        ((ASKED, APPROVED, replace(ASKED, by=APPROVER, terms=replace(TERMS, case=None))), 2, Stage.VALID),
    ],
)  # fmt: skip
def test_where_an_exception_stands(
    steps: tuple[ExceptionStep, ...], days: int, found: Stage
) -> None:
    assert stage(NOW + days * DAY, *steps).stage is found


BACK = replace(worker(APPROVER, start="2026-12-20"), ends_at=None)
REHIRED = person(APPROVER, replace(worker(APPROVER), ends_at=NOW + 3 * DAY), BACK)
AWAY_THEN = person(APPROVER, replace(worker(APPROVER), ends_at=NOW - 9 * DAY), BACK)
BEFORE = person(APPROVER, worker(APPROVER, end="2024-01-01"), worker(APPROVER, start="2025-01-01"))


@pytest.mark.parametrize(
    ("persons", "days", "found", "why"),
    [
        (left(APPROVER, NOW + 5 * DAY), 4, Stage.VALID, ""),
        (left(APPROVER, NOW + 5 * DAY), 5, Stage.VOID, "its approver has left"),
        (left(APPROVER, NOW - DAY), 2, Stage.VOID, "its approver has left"),
        (left(USER, NOW + 5 * DAY), 5, Stage.VOID, "its beneficiary has left"),
        (left(ASKER, NOW + 5 * DAY), 6, Stage.VALID, ""),
        (left(APPROVER, NOW + 5 * DAY), 30, Stage.EXPIRED, "it ended on 2026-12-20"),
        ({**HERE, APPROVER: REHIRED}, 29, Stage.VOID, "its approver has left"),
        ({**HERE, APPROVER: REHIRED}, 4, Stage.VOID, "its approver has left"),
        ({**HERE, APPROVER: AWAY_THEN}, 29.9, Stage.VOID, "its approver has left"),
        ({**HERE, APPROVER: BEFORE}, 2, Stage.VALID, ""),
        ({USER: HERE[USER]}, 2, Stage.VALID, "whether its approver is here is not known"),
        ({APPROVER: HERE[APPROVER]}, 2, Stage.VALID, "whether its beneficiary is here is not known"),
        (
            {**HERE, APPROVER: replace(left(APPROVER, NOW)[APPROVER], restricted=True)},
            2, Stage.VOID, "it no longer holds",
        ),
    ],
)  # fmt: skip
def test_it_is_void_when_the_approver_or_the_user_leaves_and_only_by_a_leave_that_is_stated(
    persons: Mapping[PersonId, Person], days: float, found: Stage, why: str
) -> None:
    told = stage(NOW + days * DAY, ASKED, APPROVED, persons=persons)
    assert (told.stage, told.why) == (found, why)


def test_who_was_forgotten_had_left() -> None:
    forgotten = replace(APPROVED, by=PersonId("person:0a1b"))
    assert stage(NOW + 2 * DAY, ASKED, forgotten).stage is Stage.VOID


def renewal(number: int, of: str, at: datetime) -> tuple[ExceptionStep, ExceptionStep]:
    terms = replace(TERMS, expires_at=at + 30 * DAY, renews=of)
    asked = ExceptionStep(f"ex-{number}", Move.ASKED, ASKER, "still", at, terms)
    return asked, replace(APPROVED, id=asked.id, at=at)


def test_a_renewal_counts_once_it_is_approved_and_is_counted() -> None:
    asked, approved = renewal(2, "ex-1", NOW + 20 * DAY)
    again, fine = renewal(3, "ex-2", NOW + 40 * DAY)
    found = exceptions((ASKED, APPROVED, asked))
    assert [judged(one, HERE, NOW + 35 * DAY).stage for one in found.values()] == [
        Stage.EXPIRED, Stage.ASKED,
    ]  # fmt: skip
    found = exceptions((ASKED, APPROVED, asked, approved, again, fine))
    assert [judged(one, HERE, NOW + 45 * DAY).stage for one in found.values()] == [
        Stage.RENEWED, Stage.RENEWED, Stage.VALID,
    ]  # fmt: skip
    assert [one.renewals for one in found.values()] == [0, 1, 2]
    assert [times(one.renewals) for one in found.values()] == [
        "never renewed", "renewed once", "renewed 2 times",
    ]  # fmt: skip


def book(at: datetime, *steps: ExceptionStep, persons: Mapping[PersonId, Person] = HERE) -> Book:
    return Book(exceptions(steps).values(), persons, at)


def test_a_case_is_waived_and_opens_again_with_the_reason() -> None:
    at = NOW + 2 * DAY
    held = book(at, ASKED, APPROVED).applied(CASE)
    assert (held.state, held.waived_until, held.exception) == (
        CaseState.WAIVED, TERMS.expires_at, "ex-1",
    )  # fmt: skip
    assert book(at, ASKED, APPROVED).applied(held) == held
    late = NOW + 30 * DAY
    for found, since, why in (
        (book(late, ASKED, APPROVED), late, "it ended on 2026-12-20"),
        (book(at, ASKED, APPROVED, persons=left(APPROVER, at)), at, "its approver has left"),
        (book(at, ASKED), at, "it is asked"),
        (book(at), at, "it is not known any more"),
    ):
        again = found.applied(held)
        assert (again.state, again.generation, again.exception) == (CaseState.OPEN, 2, "")
        assert again.note == f"exception ex-1 holds no longer: {why}"
        assert again.waived_until == since


@pytest.mark.parametrize("kind", [CaseKind.F7, CaseKind.F11])
def test_no_exception_covers_an_incident_nor_what_an_expired_one_makes(kind: CaseKind) -> None:
    wide = replace(ASKED, terms=replace(TERMS, case=None))
    found = book(NOW + 2 * DAY, wide, APPROVED)
    case = open_case(replace(DECISION, kind=kind), answer(), NOW)
    assert found.applied(case) == case
    assert found.applied(CASE).state is CaseState.WAIVED


def test_an_expired_exception_on_what_lives_on_is_one_case_of_its_own() -> None:
    late, other = NOW + 31 * DAY, replace(DECISION, person=ASKER, kind=CaseKind.F2)
    wide = replace(ASKED, terms=replace(TERMS, case=None))
    (made,) = book(late, wide, APPROVED).expired((DECISION, other))
    assert (made.kind, made.person, made.departure) == (CaseKind.F7, LEAVER, None)
    assert made.grounds[0].text == "exception ex-1 ended on 2026-12-20, never renewed"
    assert book(late, ASKED, APPROVED).expired((other,)) == ()
    assert book(late, ASKED, APPROVED).expired(()) == ()
    assert book(late - 2 * DAY, wide, APPROVED).expired((DECISION,)) == ()
    asked, approved = renewal(2, "ex-1", NOW + 20 * DAY)
    assert book(late, ASKED, APPROVED, asked, approved).expired((DECISION,)) == ()
    sealed = {**HERE, ASKER: replace(HERE[ASKER], restricted=True)}
    (made,) = book(late, wide, APPROVED, persons=sealed).expired((DECISION, other))
    assert made.person == ASKER
    assert key(FP, ASKER, CaseKind.F7) == key(FP, LEAVER, CaseKind.F7) != CASE.key


def test_a_credential_that_dies_ends_the_exception_by_proof() -> None:
    found = book(NOW + 2 * DAY, ASKED, APPROVED)
    held = found.applied(CASE)
    closed = replace(held, state=CaseState.CLOSED)
    (step,) = found.proved({CASE.key: held}, [closed])
    assert (step.id, step.move, step.by) == ("ex-1", Move.PROVED, None)
    assert found.proved({CASE.key: closed}, [closed]) == []
    assert found.proved({CASE.key: held}, [held]) == []
    assert book(NOW + 40 * DAY, ASKED, APPROVED, step).expired((DECISION,)) == ()


def test_a_ticket_tells_of_the_newest_approved_one_or_of_all_that_expired() -> None:
    asked, approved = renewal(2, "ex-1", NOW + 20 * DAY)
    late = CASE, replace(CASE, kind=CaseKind.F7), replace(CASE, kind=CaseKind.F11)
    for steps, told in (
        ((ASKED,), ([], [], [])),
        ((ASKED, APPROVED, asked), (["ex-1"], ["ex-1"], [])),
        ((ASKED, APPROVED, asked, approved), (["ex-2"], [], [])),
    ):
        found = book(NOW + 40 * DAY, *steps)
        assert tuple([one.exception.id for one in found.told_of(case)] for case in late) == told


# --- whatever happens, in whatever order -----------------------------------------------------

WHO = st.sampled_from([LEAVER, ASKER, APPROVER, USER])
NAMES = st.sampled_from(["ex-1", "ex-2", "ex-3"])
INSTANTS = st.integers(0, 60).map(lambda days: NOW + days * DAY)
TERMS_OF = st.builds(
    replace,
    st.just(TERMS),
    case=st.sampled_from([CASE.key, None, CaseKey("another")]),
    expires_at=INSTANTS,
    beneficiary=st.sampled_from([None, USER, LEAVER]),
    renews=st.sampled_from(["", "ex-1", "ex-2", "ex-3"]),
)
STEPS = st.lists(
    st.builds(ExceptionStep, NAMES, st.sampled_from(Move), WHO, st.just(""), INSTANTS)
    .flatmap(
        lambda step: TERMS_OF.map(
            lambda terms: replace(step, terms=terms if step.move is Move.ASKED else None)
        )
    ),
    max_size=12,
)  # fmt: skip
LEAVES = st.dictionaries(WHO, INSTANTS, max_size=3)


def _left(who: PersonId | None, leaves: Mapping[PersonId, datetime], now: datetime) -> bool:
    return who is not None and who in leaves and leaves[who] <= now


def _gone(leaves: Mapping[PersonId, datetime]) -> Mapping[PersonId, Person]:
    return HERE | {who: left(who, at)[who] for who, at in leaves.items()}


@given(STEPS, LEAVES, st.lists(INSTANTS, min_size=1, max_size=6).map(sorted))
def test_no_order_of_events_waives_past_the_end_by_ones_own_word_or_by_a_leavers(
    steps: list[ExceptionStep], leaves: Mapping[PersonId, datetime], nights: list[datetime]
) -> None:
    case: Case = CASE
    for now in nights:
        known = [step for step in steps if step.at <= now]
        case = book(now, *known, persons=_gone(leaves)).applied(case)
        if case.state is not CaseState.WAIVED:
            continue
        asked = next(s for s in known if s.id == case.exception and s.terms is not None)
        assert asked.terms is not None
        assert now < asked.terms.expires_at == case.waived_until
        assert asked.terms.case in (None, CASE.key)
        assert not _left(asked.terms.beneficiary, leaves, now)
        assert [
            step
            for step in known
            if step.id == asked.id
            and step.move is Move.APPROVED
            and step.by not in (asked.by, asked.terms.beneficiary)
            and not _left(step.by, leaves, now)
            and asked.at <= step.at < asked.terms.expires_at
        ]


@given(STEPS, INSTANTS)
def test_what_lives_on_past_an_approved_end_is_told(
    steps: list[ExceptionStep], now: datetime
) -> None:
    found = exceptions(step for step in steps if step.at <= now)
    late = [
        one
        for one in found.values()
        if one.approved_by and one.over is None and not one.renewed_as
        and one.terms.expires_at <= now and one.terms.case in (None, CASE.key)
    ]  # fmt: skip
    assert len(Book(found.values(), HERE, now).expired((DECISION,))) == bool(late)


@given(STEPS)
def test_what_may_be_approved_is_what_an_approval_changes(steps: list[ExceptionStep]) -> None:
    for held in exceptions(steps).values():
        for by in HERE:
            at = held.asked_at
            word = ExceptionStep(held.id, Move.APPROVED, by, "", at)
            after = exceptions((*steps, word))[held.id]
            assert (after == held) is bool(not_approvable(held, by, at))
