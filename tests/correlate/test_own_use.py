from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from correlate.model import LivenessState
from correlate.own_use import without_own_use
from tests.correlate.cast import NOW, answer

LIVE = answer(LivenessState.LIVE)


@pytest.mark.parametrize(
    ("seconds", "ours"), [(-31, False), (-30, True), (0, True), (119, True), (121, False)]
)
def test_a_use_at_the_time_of_a_question_of_ours_is_ours(seconds: int, ours: bool) -> None:
    used = replace(LIVE, last_used_at=NOW + timedelta(seconds=seconds))
    told = without_own_use(used, [NOW - timedelta(days=1), NOW])
    assert told == (replace(used, last_used_at=None) if ours else used)


def test_without_a_question_or_a_use_nothing_changes() -> None:
    used = replace(LIVE, last_used_at=NOW)
    assert without_own_use(used, []) is used
    assert without_own_use(LIVE, [NOW]) is LIVE
