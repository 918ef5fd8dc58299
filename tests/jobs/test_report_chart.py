"""The drawings' numbers stay inside of their frames, whatever the dates."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from jobs.report_chart import LABEL, WIDTH, in_words, lifelines, stacked
from jobs.report_rows import Lifeline
from tests.correlate.cast import NOW


def line(left: int, ended: int | None = None, state: str = "live") -> Lifeline:
    end: datetime | None = None if ended is None else NOW - timedelta(days=ended)
    return Lifeline("Jane", "Some token", NOW - timedelta(days=left), end, state, state == "dead" and end is None)  # fmt: skip


def test_a_stacked_bar_leaves_out_what_is_not_there_and_fills_its_width() -> None:
    parts = stacked([("live", 3), ("unknown", 0), ("dead", 1)], 400)
    assert [(part.name, part.x, part.width) for part in parts] == [
        ("live", 0.0, 300.0),
        ("dead", 300.0, 100.0),
    ]
    assert stacked([("live", 0)]) == ()
    assert stacked([]) == ()


@pytest.mark.parametrize(
    "lines",
    [
        [],
        [line(0)],
        [line(-3)],
        [line(400), line(10), line(0)],
        [line(400, 100, "dead"), line(30, None, "dead"), line(30, None, "unknown")],
        [line(10, 20, "dead")],
    ],
)
def test_every_bar_and_date_stays_inside(lines: list[Lifeline]) -> None:
    chart = lifelines(lines, NOW)
    assert len(chart.bars) == len(lines)
    for bar in chart.bars:
        assert bar.x <= WIDTH
        assert bar.x >= LABEL - 5
        assert bar.width > 0
        assert bar.x + bar.width <= WIDTH + 5
        assert bar.y < chart.height
    assert [tick.x for tick in chart.ticks] == sorted(tick.x for tick in chart.ticks)
    assert all(LABEL <= tick.x <= WIDTH for tick in chart.ticks)


@pytest.mark.parametrize(
    ("one", "note"),
    [
        (line(30), "still live, 30 days after leaving"),
        (line(1), "still live, 1 day after leaving"),
        (line(30, 10, "dead"), "rejected 20 days after leaving"),
        (line(30, None, "dead"), "already dead when first asked"),
        (line(30, None, "unknown"), "not known"),
    ],
)
def test_each_bar_says_what_it_means(one: Lifeline, note: str) -> None:
    assert lifelines([one], NOW).bars[0].note == note


def test_the_same_in_words() -> None:
    assert in_words([], NOW) == "None is known to be live."
    assert in_words([line(5, 1, "dead")], NOW) == "None is known to be live."
    assert "more than 20 days" in in_words([line(10), line(20), line(400)], NOW)
    assert "for 400 days" in in_words([line(10), line(20), line(400)], NOW)
