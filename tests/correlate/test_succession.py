"""A successor counts when they accepted themselves, and only while they are here."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from correlate.model import PersonId
from correlate.succession import (
    Terms,
    accepted,
    decides,
    limbo,
    not_answerable,
    not_proposable,
    successions,
    told,
)
from correlate.verdict import Standing, StandingState, Step, SuccessionStep
from tests.correlate.cast import NOW

GONE, OMAR, MAYA, BOSS = (PersonId(name) for name in ("gone", "omar", "maya", "boss"))
HERE = Standing(StandingState.HERE)
STANDINGS = {GONE: Standing(StandingState.LEFT), OMAR: HERE, MAYA: HERE, BOSS: HERE}
WEEK = timedelta(days=7)
TERMS = Terms("platform@x.example", WEEK)
NAMES = {OMAR: "Omar", MAYA: "Maya", BOSS: "Boss"}


def step(
    what: Step, successor: PersonId = OMAR, by: PersonId | None = None, days: int = 10
) -> SuccessionStep:
    speaker = by or (BOSS if what is Step.PROPOSED else successor)
    return SuccessionStep(GONE, successor, what, speaker, "why", NOW - timedelta(days=days))


ASK, YES, NO = Step.PROPOSED, Step.ACCEPTED, Step.REFUSED


@pytest.mark.parametrize(
    ("steps", "state"),
    [
        ([], None),
        ([step(ASK)], (OMAR, ASK)),
        ([step(ASK), step(YES)], (OMAR, YES)),
        ([step(ASK), step(NO)], (OMAR, NO)),
        ([step(YES)], None),
        ([step(ASK), step(YES, MAYA)], (OMAR, ASK)),
        ([step(ASK), step(YES, by=GONE)], (OMAR, ASK)),
        ([step(ASK), step(YES, by=BOSS)], (OMAR, ASK)),
        ([step(ASK), step(YES), step(ASK, MAYA)], (MAYA, ASK)),
        ([step(ASK), step(NO), step(ASK, MAYA), step(YES, MAYA)], (MAYA, YES)),
    ],
    ids=[
        "nothing", "proposed", "accepted", "refused", "accepted unasked", "accepted by another",
        "accepted by the leaver", "accepted by the manager", "proposed anew", "the second accepts",
    ],
)  # fmt: skip
def test_how_far_it_has_come(
    steps: list[SuccessionStep], state: tuple[PersonId, Step] | None
) -> None:
    found = successions(steps, STANDINGS).get(GONE)
    assert ((found.successor, found.step) if found else None) == state


@pytest.mark.parametrize(
    ("state", "stays"),
    [
        (StandingState.HERE, True),
        (StandingState.ON_LEAVE, True),
        (StandingState.LEAVING, True),
        (StandingState.LEFT, False),
        (StandingState.SUSPECTED, False),
        (None, False),
    ],
)
def test_it_starts_anew_when_the_successor_leaves(state: StandingState | None, stays: bool) -> None:
    standings = STANDINGS | ({OMAR: Standing(state)} if state else {})
    if state is None:
        del standings[OMAR]
    found = accepted(successions([step(ASK), step(YES)], standings))
    assert found == ({GONE: OMAR} if stays else {})


@pytest.mark.parametrize(
    ("successor", "state", "why"),
    [
        (OMAR, StandingState.HERE, ""),
        (GONE, StandingState.HERE, "themselves"),
        (OMAR, StandingState.LEAVING, "leave themselves"),
        (OMAR, StandingState.ON_LEAVE, "away"),
        (OMAR, StandingState.LEFT, "have left"),
        (PersonId("stranger"), StandingState.HERE, "have left"),
    ],
)
def test_who_can_be_proposed(successor: PersonId, state: StandingState, why: str) -> None:
    said = not_proposable(GONE, successor, {OMAR: Standing(state), GONE: Standing(state)})
    assert (why in said, bool(said)) == (True, bool(why))


@pytest.mark.parametrize(
    ("steps", "by", "why"),
    [
        ([step(ASK)], OMAR, ""),
        ([step(ASK)], GONE, "who leaves"),
        ([step(ASK)], MAYA, "only the successor"),
        ([step(ASK), step(YES)], OMAR, "accepted already"),
        ([step(ASK), step(NO)], OMAR, "refused already"),
        ([], OMAR, "nobody"),
    ],
)
def test_who_can_answer(steps: list[SuccessionStep], by: PersonId, why: str) -> None:
    said = not_answerable(successions(steps, STANDINGS).get(GONE), by)
    assert (why in said, bool(said)) == (True, bool(why))


@pytest.mark.parametrize(
    ("days", "level", "asked"),
    [(0, 0, MAYA), (6, 0, MAYA), (7, 1, MAYA), (14, 2, BOSS), (21, 3, None), (700, 100, None)],
)
def test_who_does_not_answer_is_escalated_up_the_chain(
    days: int, level: int, asked: PersonId | None
) -> None:
    found = successions([step(ASK, days=days)], STANDINGS)[GONE]
    assert limbo(found, NOW, WEEK) == level
    assert decides(found, (OMAR, MAYA, BOSS), NOW, WEEK) == asked


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ([], [("Successor", "none yet"), ("To name one", "Omar (omar)")]),
        ([step(ASK), step(NO)], [("Successor", "none yet"), ("To name one", "Maya (maya)")]),
        ([step(ASK, days=1)], [("Successor", "Omar (omar), asked on 2026-11-19, has not accepted")]),
        ([step(ASK), step(YES)], [("Successor", "Omar (omar), accepted on 2026-11-10")]),
        (
            [step(ASK, days=14)],
            [
                ("Successor", "Omar (omar), asked on 2026-11-06, has not accepted"),
                ("Escalated to", "platform@x.example"),
            ],
        ),
    ],
    ids=["nobody", "refused", "asked", "accepted", "in limbo, and no manager left"],
)  # fmt: skip
def test_what_a_ticket_says(steps: list[SuccessionStep], expected: list[tuple[str, str]]) -> None:
    found = successions(steps, STANDINGS).get(GONE)
    assert list(told(found, (OMAR, MAYA), NAMES, TERMS, NOW)) == expected


def test_where_nobody_is_left_and_no_fallback_is_set_it_says_so() -> None:
    assert "no fallback is configured" in told(None, (), NAMES, Terms(), NOW)[1][1]


STEPS = st.lists(
    st.builds(step, st.sampled_from(Step), st.sampled_from([OMAR, MAYA]),
              st.sampled_from([OMAR, MAYA, BOSS, GONE]), st.integers(0, 30)),
    max_size=8,
)  # fmt: skip


@given(STEPS)
def test_nobody_inherits_but_by_their_own_word_on_the_last_proposal(
    steps: list[SuccessionStep],
) -> None:
    for person, heir in accepted(successions(steps, STANDINGS)).items():
        assert person == GONE
        last = max(at for at, one in enumerate(steps) if one.step is Step.PROPOSED)
        assert steps[last].successor == heir
        assert any(
            one.step is Step.ACCEPTED and one.by == one.successor == heir for one in steps[last:]
        )
