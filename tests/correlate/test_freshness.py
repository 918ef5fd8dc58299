from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from correlate.freshness import LIFETIMES, asked, fresh, in_flight
from correlate.model import LivenessState
from tests.correlate.cast import NOW, answer

STATES = st.sampled_from(list(LivenessState))
AGES = st.timedeltas(timedelta(days=-30), timedelta(days=30))


def test_every_state_has_its_lifetime() -> None:
    assert set(LIFETIMES) == set(LivenessState)


@pytest.mark.parametrize("state", list(LivenessState))
def test_an_answer_holds_for_its_lifetime_and_no_longer(state: LivenessState) -> None:
    life = LIFETIMES[state]
    assert fresh(answer(state), NOW + life - timedelta(seconds=1)) is (life > timedelta(0))
    assert not fresh(answer(state), NOW + life)


def test_without_an_answer_nothing_is_fresh() -> None:
    assert not fresh(None, NOW)


@given(STATES, AGES, st.booleans())
def test_an_open_case_never_lets_an_answer_hold_longer(
    state: LivenessState, age: timedelta, resumed: bool
) -> None:
    since = NOW if resumed else None
    now = NOW + age
    if fresh(answer(state), now, contested=True, gap=timedelta(minutes=10), since=since):
        assert fresh(answer(state), now)


def test_a_rejection_of_a_case_is_asked_again_when_it_would_count() -> None:
    gap, dead = timedelta(minutes=10), answer(LivenessState.DEAD)
    assert fresh(dead, NOW + timedelta(minutes=9), contested=True, gap=gap)
    assert not fresh(dead, NOW + gap, contested=True, gap=gap)


def test_what_stands_in_for_an_answer_is_unknown_and_short_lived() -> None:
    at = NOW + timedelta(minutes=40)  # of a long run
    assert asked(NOW, at).state is LivenessState.UNKNOWN
    for seconds, flies in ((0, True), (14, True), (15, False)):
        now = at + timedelta(seconds=seconds)
        assert fresh(asked(NOW, at), now, contested=True) is flies
        assert in_flight(asked(NOW, at), now) is flies
    assert not in_flight(answer(LivenessState.UNKNOWN), NOW)
    assert not in_flight(None, NOW)
