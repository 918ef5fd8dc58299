"""Geometry of the report's drawings: plain numbers that the template turns into SVG."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from jobs.report_rows import Lifeline

WIDTH = 960.0
LABEL = 300.0
ROW = 22.0
TOP = 26.0
_TICKS = 6
_LEAST_BAR = 3.0


@dataclass(frozen=True, slots=True)
class Segment:
    """One part of a stacked bar, in the bar's own units."""

    name: str
    count: int
    x: float
    width: float


@dataclass(frozen=True, slots=True)
class Bar:
    """One lifeline as drawn: `css` names its colour."""

    label: str
    sub: str
    y: float
    x: float
    width: float
    css: str
    note: str


@dataclass(frozen=True, slots=True)
class Tick:
    """A date on the axis."""

    x: float
    text: str


@dataclass(frozen=True, slots=True)
class LifelineChart:
    """The whole drawing of the lifelines."""

    height: float
    bars: tuple[Bar, ...]
    ticks: tuple[Tick, ...]


def stacked(counts: Sequence[tuple[str, int]], width: float = WIDTH) -> tuple[Segment, ...]:
    """Return the non-empty parts of a bar of `width`, in the order given."""
    total = sum(count for _, count in counts)
    segments, x = [], 0.0
    for name, count in counts:
        if count:
            part = width * count / total
            segments.append(Segment(name, count, round(x, 1), round(part, 1)))
            x += part
    return tuple(segments)


def lifelines(lines: Sequence[Lifeline], now: datetime) -> LifelineChart:
    """Return one bar per lifeline from the departure to the credential's end, or to `now`."""
    start = min((line.left_at for line in lines), default=now - timedelta(days=1))
    span = max((now - start).total_seconds(), 1.0)

    def at(instant: datetime) -> float:
        share = (instant - start).total_seconds() / span
        return round(LABEL + (WIDTH - LABEL) * min(max(share, 0.0), 1.0), 1)

    bars = tuple(
        _bar(line, TOP + ROW * number, at(line.left_at), at(line.ended_at or now), now)
        for number, line in enumerate(lines)
    )
    ticks = tuple(
        Tick(at(moment), f"{moment:%Y-%m-%d}")
        for moment in (start + (now - start) * step / _TICKS for step in range(_TICKS + 1))
    )
    return LifelineChart(TOP + ROW * len(lines) + 8, bars, ticks)


def in_words(lines: Sequence[Lifeline], now: datetime) -> str:
    """Return how long credentials have outlived their persons: the middle and the longest so far."""
    days = sorted((now - line.left_at).days for line in lines if line.state == "live")
    if not days:
        return "None is known to be live."
    middle = median(days)
    return (
        f"Half of those still live have been for more than {middle:.0f} days since their person "
        f"left; the longest, for {days[-1]} days."
    )


def _bar(line: Lifeline, y: float, x: float, end: float, now: datetime) -> Bar:
    if line.state == "live":
        css, note = "live", f"still live, {_days(line.left_at, now)} after leaving"
    elif line.state == "unknown":
        css, note = "unknown", "not known"
    elif line.ended_at is not None:
        css, note = "dead", f"rejected {_days(line.left_at, line.ended_at)} after leaving"
    else:
        css, note, end = "dead", "already dead when first asked", x
    width = max(end - x, _LEAST_BAR)
    return Bar(line.name, line.credential, y, min(x, WIDTH - _LEAST_BAR), width, css, note)


def _days(since: datetime, until: datetime) -> str:
    days = max((until - since).days, 0)
    return "1 day" if days == 1 else f"{days} days"
