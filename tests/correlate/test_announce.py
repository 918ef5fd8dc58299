"""What is told of a case, and how often."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from correlate.announce import due, lines, notice, notice_id, one_line, payload
from correlate.model import CaseKey, Identity, KindId, Liveness, LivenessState, PersonId
from correlate.notice import Outcome, Told, Transition
from correlate.verdict import Case, CaseKind, CaseState, Departure, Holding, Person
from tests.correlate.cast import FP, NOW, answer, day, worker

LEFT = Departure(PersonId("p"), "1", day("2026-06-30"), "hr")
CASE = Case(
    CaseKey("c0ffee"), CaseKind.F1, FP, KindId("kind"), PersonId("p"), LEFT, CaseState.OPEN, "high", NOW, NOW,
)  # fmt: skip
JANE = Person(
    PersonId("p"), "Jane Doe", (worker("1", "Jane@x.example"),),
    holdings=(Holding(Identity("mail", "jd@x.example"), None, None, "hr"),),
)  # fmt: skip
LIVE, DUE = answer(LivenessState.LIVE), NOW + timedelta(days=6)
SHARED = replace(CASE, kind=CaseKind.F2)
USED = answer(last_used=day("2026-11-19"))


def told(case: Case, move: Transition, outcome: Outcome = Outcome.TAKEN) -> Told:
    return Told(
        "o", notice_id(case, move), case.key, move, case.generation, case.severity, outcome, NOW
    )


def moves(case: Case, said: Liveness = LIVE, *before: Told, days: int = 0) -> list[Transition]:
    return due(case, said, before, NOW + timedelta(days=days), DUE)


OPENED = told(CASE, Transition.OPENED)
CLOSED = replace(CASE, state=CaseState.CLOSED)
WORSE = replace(CASE, severity="critical")


@pytest.mark.parametrize(
    ("case", "said", "before", "days", "wanted"),
    [
        (CASE, LIVE, (), 0, [Transition.OPENED]),
        (CASE, LIVE, (OPENED,), 0, []),
        (CASE, LIVE, (replace(OPENED, outcome=Outcome.SENDING),), 0, [Transition.OPENED]),
        (CASE, LIVE, (replace(OPENED, outcome=Outcome.REFUSED),), 0, []),
        (WORSE, LIVE, (OPENED,), 0, [Transition.RAISED]),
        (WORSE, LIVE, (OPENED, told(WORSE, Transition.RAISED)), 0, []),
        (CASE, LIVE, (told(WORSE, Transition.OPENED),), 0, []),
        (CASE, USED, (OPENED,), 0, []),
        (SHARED, USED, (OPENED,), 0, [Transition.USED]),
        (CASE, LIVE, (OPENED,), 7, [Transition.OVERDUE]),
        (CASE, LIVE, (OPENED,), 6, []),
        (CLOSED, LIVE, (OPENED,), 9, [Transition.CLOSED]),
        (CLOSED, LIVE, (), 9, []),
        (replace(CASE, state=CaseState.WAIVED), USED, (OPENED,), 9, []),
        (replace(CASE, generation=2), LIVE, (OPENED,), 0, [Transition.OPENED]),
        (replace(CASE, departure=None), USED, (OPENED,), 0, []),
    ],
)
def test_a_transition_is_due_until_it_was_told(
    case: Case, said: Liveness, before: tuple[Told, ...], days: int, wanted: list[Transition]
) -> None:
    assert moves(case, said, *before, days=days) == wanted


def test_what_has_no_deadline_is_never_overdue() -> None:
    assert due(CASE, LIVE, [OPENED], NOW + timedelta(days=999), None) == []


@given(
    st.sampled_from([CASE, SHARED, WORSE, CLOSED]),
    st.sampled_from([LIVE, USED]),
    st.integers(0, 30),
)
def test_who_was_told_all_is_told_nothing_more(case: Case, said: Liveness, days: int) -> None:
    before = [told(CASE, Transition.OPENED)]
    before += [told(case, move) for move in moves(case, said, *before, days=days)]
    assert moves(case, said, *before, days=days) == []


def test_an_id_is_the_same_in_every_run_and_another_after_a_reopening() -> None:
    ids = {notice_id(CASE, move) for move in Transition}
    assert len(ids) == len(Transition)
    assert notice_id(replace(CASE, state=CaseState.CLOSED), Transition.OPENED) in ids
    assert notice_id(replace(CASE, generation=2), Transition.OPENED) not in ids
    assert all(one.isascii() and "." not in one for one in ids)


@pytest.mark.parametrize("move", Transition)
@pytest.mark.parametrize("state", [CaseState.OPEN, CaseState.CLOSED, CaseState.VOID])
def test_of_a_sensitive_person_nothing_hints_at_them_or_at_a_leave(
    move: Transition, state: CaseState
) -> None:
    sealed = replace(JANE, restricted=True)
    made = notice(replace(CASE, state=state), move, "Some token", sealed, (), NOW)
    words = f"{lines(made)} {payload(made) | {'id': ''}}"
    for hint in ("Jane", "Doe", "left", "leave", "F1"):
        assert hint not in words, hint
    assert "jane@x.example" in made.not_to


def test_a_notice_names_whom_it_is_about_only_where_asked() -> None:
    made = notice(CASE, Transition.OPENED, "Some token", JANE, ("SEC-1",), NOW)
    assert "Person: Jane Doe" in lines(made)
    assert "Jane" not in str(lines(made.told_to_all()))
    assert made.not_to == {"jd@x.example", "jane@x.example"}
    assert "not_to" not in payload(made)


@given(st.text())
def test_no_line_breaks(name: str) -> None:
    made = notice(CASE, Transition.OPENED, name, replace(JANE, name=name), (name,), NOW)
    assert all(line.isprintable() for line in lines(made))
    assert one_line(name).isprintable()
