"""Geometry of the survival curve: plain numbers and paths that the template turns into SVG."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from correlate.survival import Step

WIDTH = 960.0
HEIGHT = 260.0
LEFT = 48.0
RIGHT = 12.0
TOP = 10.0
BOTTOM = 34.0
_ROWS = 12
_STRIDES = (1, 2, 5, 7, 14, 30, 60, 90, 182, 365, 730, 1825, 3650)
_MOST_TICKS = 9


@dataclass(frozen=True, slots=True)
class Mark:
    """A word on an axis."""

    at: float
    text: str


@dataclass(frozen=True, slots=True)
class CurveChart:
    """The drawing: `line` and `band` are paths, `rows` the same in figures, a few of them."""

    line: str
    band: str
    days: tuple[Mark, ...]
    shares: tuple[Mark, ...]
    rows: tuple[Step, ...]


def curve(steps: Sequence[Step], followed: float) -> CurveChart:
    """Return the curve from the leave on, as far as any credential was `followed` (in days)."""
    end = max(followed, 1.0)

    def x(day: float) -> float:
        return round(LEFT + (WIDTH - LEFT - RIGHT) * min(day / end, 1.0), 1)

    def y(share: float) -> float:
        return round(TOP + (HEIGHT - TOP - BOTTOM) * (1 - share), 1)

    known = [one for one in steps if one.low is not None and one.high is not None]
    until = next((one.day for one in steps if one.low is None), followed)
    high = list(_stairs(((one.day, one.high or 0.0) for one in known), until))
    low = list(_stairs(((one.day, one.low or 0.0) for one in known), until))
    line = _stairs(((one.day, one.share) for one in steps), followed)
    stride = next((one for one in _STRIDES if end / one <= _MOST_TICKS), _STRIDES[-1])
    return CurveChart(
        _path((x(day), y(share)) for day, share in line),
        _path((x(day), y(share)) for day, share in [*high, *reversed(low)]),
        tuple(Mark(x(day), str(day)) for day in range(0, int(end) + 1, stride)),
        tuple(Mark(y(tenths / 10), f"{tenths * 10} %") for tenths in (0, 5, 10)),
        _some(steps),
    )


def _stairs(points: Iterable[tuple[float, float]], until: float) -> Iterator[tuple[float, float]]:
    """Yield the corners of a line that starts whole, falls at each point, and goes on level."""
    level = 1.0
    yield 0.0, level
    for day, share in points:
        yield day, level
        yield day, share
        level = share
    yield until, level


def _path(points: Iterable[tuple[float, float]]) -> str:
    return "M" + " L".join(f"{x} {y}" for x, y in points)


def _some(steps: Sequence[Step]) -> tuple[Step, ...]:
    if len(steps) <= _ROWS:
        return tuple(steps)
    return tuple(steps[round(number * (len(steps) - 1) / (_ROWS - 1))] for number in range(_ROWS))
