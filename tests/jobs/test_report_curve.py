"""The curve's drawing stays inside of its frame and begins whole, whatever the curve."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from correlate.survival import survival
from jobs.report_curve import HEIGHT, LEFT, RIGHT, TOP, WIDTH, curve
from tests.correlate.test_survival import DRAWN, LEUKAEMIA, SEEN, seen

WHOLE = (LEFT, TOP)


def corners(path: str) -> list[tuple[float, float]]:
    pairs = [word.split() for word in path.removeprefix("M").split(" L")]
    return [(float(x), float(y)) for x, y in pairs]


@given(SEEN, st.floats(0, 1e5))
def test_it_stays_inside_and_only_falls(pairs: list[tuple[float, bool]], more: float) -> None:
    steps = survival(pairs)
    followed = max((day for day, _ in pairs), default=0.0) + more
    made = curve(steps, followed)
    for x, y in (*corners(made.line), *corners(made.band)):
        assert LEFT <= x <= WIDTH - RIGHT
        assert TOP <= y < HEIGHT
    line = corners(made.line)
    assert line[0] == WHOLE
    assert line == sorted(line)
    assert len(made.rows) == min(len(steps), 12)
    assert made.rows[-1:] == steps[-1:]
    assert 1 <= len(made.days) <= 12 or followed > 36500
    assert [mark.text for mark in made.shares] == ["0 %", "50 %", "100 %"]


@pytest.mark.parametrize("text", [LEUKAEMIA, DRAWN])
def test_a_step_is_drawn_as_a_stair(text: str) -> None:
    made = curve(survival(seen(text)), 102)
    for (x, y), (after_x, after_y) in zip(corners(made.line), corners(made.line)[1:], strict=False):
        assert x == after_x or y == after_y
    assert re.fullmatch(r"M[\d. L]+", made.line + " " + made.band.removeprefix("M"))


def test_the_band_ends_where_nothing_is_left_to_estimate_from() -> None:
    made = curve(survival([(5.0, False), (10.0, True)]), 20)
    assert max(x for x, _ in corners(made.band)) < max(x for x, _ in corners(made.line))
