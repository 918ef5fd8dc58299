"""A leave that nobody may learn of yet: until its embargo ends it reads as if it had not been stated."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from correlate.model import Employment, PeopleSnapshot, Worker


def without_embargo(row: Worker, now: datetime) -> Worker:
    """Return the row as it may be read at `now`: under embargo without any end of the spell."""
    if row.embargo_until is None or now >= row.embargo_until:
        return row
    left = row.employment is Employment.LEFT
    return replace(
        row, ends_at=None, last_working_at=None, announced_at=None,
        employment=Employment.ACTIVE if left else row.employment,
    )  # fmt: skip


def readable(snapshots: Iterable[PeopleSnapshot], now: datetime) -> list[PeopleSnapshot]:
    """Return the snapshots as they may be read at `now`."""
    return [
        replace(taken, workers=tuple(without_embargo(row, now) for row in taken.workers))
        if any(row.embargo_until is not None for row in taken.workers)
        else taken
        for taken in snapshots
    ]
