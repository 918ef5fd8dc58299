from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from correlate.own_use import last_use_by_others
from tests.correlate.cast import NOW

YESTERDAY = NOW - timedelta(days=1)
INSTANTS = st.datetimes(datetime(2026, 1, 1), datetime(2026, 1, 3))  # noqa: DTZ001  # all alike


@pytest.mark.parametrize(
    ("seconds", "ours"), [(-31, False), (-30, True), (0, True), (120, True), (121, False)]
)
def test_a_use_at_the_time_of_a_question_of_ours_is_ours(seconds: int, ours: bool) -> None:
    used = NOW + timedelta(seconds=seconds)
    assert last_use_by_others([used], [YESTERDAY, NOW]) == (None if ours else used)


def test_a_use_of_a_day_is_ours_when_we_asked_on_that_day() -> None:
    day = NOW.replace(hour=0, minute=0, second=0)
    grain = timedelta(days=1)
    assert last_use_by_others([day], [NOW], grain) is None
    assert last_use_by_others([day], [NOW + grain], grain) == day


def test_a_use_that_an_earlier_answer_told_of_is_not_hidden_by_our_own() -> None:
    hers = NOW - timedelta(hours=5)
    assert last_use_by_others([hers, NOW], [YESTERDAY, NOW]) == hers


@given(st.lists(INSTANTS), st.lists(INSTANTS), INSTANTS)
def test_one_more_question_explains_more_and_invents_nothing(
    uses: list[datetime], questions: list[datetime], more: datetime
) -> None:
    known = last_use_by_others(uses, questions)
    fewer = last_use_by_others(uses, [*questions, more])
    assert known is None or known in uses
    assert fewer is None or (known is not None and fewer <= known)
