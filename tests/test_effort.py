"""Whether the measures of work tell a square from a line, and a long act from a short one."""

from __future__ import annotations

from tests.effort import grows_linearly, quickest


def rows(count: int) -> int:
    return sum(number * number for number in range(count))


def test_a_line_is_told_from_a_square() -> None:
    assert grows_linearly(lambda n: rows(n * 100), 100, 2_000)
    assert not grows_linearly(lambda n: rows(n * n), 200, 4_000)


def test_what_takes_long_is_told() -> None:
    assert quickest(0.05, lambda: rows(100)) < 0.05
    assert quickest(0.005, lambda: rows(1_000_000)) >= 0.005
