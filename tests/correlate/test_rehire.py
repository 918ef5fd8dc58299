from __future__ import annotations

from datetime import timedelta

import pytest

from correlate.linking import link
from correlate.rehire import came_back
from tests.correlate.cast import NOW, snapshot, worker

BEFORE = worker("1", "jane@x.example", start="2020-01-01", end="2026-06-30")


@pytest.mark.parametrize(
    ("start", "back"),
    [("2026-11-19", True), ("2026-11-10", False), ("2026-11-21", False)],
    ids=["since", "before", "to come"],
)
def test_only_who_began_again_in_between_came_back(start: str, back: bool) -> None:
    (person,) = link(
        [snapshot(BEFORE, worker("1", "jane@x.example", start=start))]
    ).persons.values()
    assert came_back(person, NOW - timedelta(days=7), NOW) is back


def test_who_begins_for_the_first_time_does_not_come_back() -> None:
    (person,) = link([snapshot(worker("1", "jane@x.example", start="2026-11-19"))]).persons.values()
    assert not came_back(person, NOW - timedelta(days=7), NOW)
