"""Under embargo no end of a spell can be read, in no field; after it, all of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from correlate.embargo import readable
from correlate.model import Employment
from tests.correlate.cast import NOW, day, snapshot, worker

STATED = replace(
    worker("1", end="2026-12-31", last_day="2026-12-05", employment=Employment.LEFT),
    announced_at=day("2026-11-01"),
)


@pytest.mark.parametrize(
    ("hours", "shown"),
    [
        (1, worker("1")),
        (0, STATED),
        (-1, STATED),
    ],
    ids=["under embargo", "just over", "over"],
)
def test_what_can_be_read(hours: int, shown: object) -> None:
    until = NOW + timedelta(hours=hours)
    (taken,) = readable([snapshot(replace(STATED, embargo_until=until))], NOW)
    (row,) = taken.workers
    assert replace(row, embargo_until=None) == shown


def test_who_is_on_leave_stays_on_leave_and_others_are_left_alone() -> None:
    away = replace(worker("1", end="2026-12-31", employment=Employment.ON_LEAVE), embargo_until=day("2027-01-01"))  # fmt: skip
    plain = snapshot(STATED)
    (one, two) = readable([snapshot(away), plain], NOW)
    assert (one.workers[0].employment, one.workers[0].ends_at) == (Employment.ON_LEAVE, None)
    assert two is plain
