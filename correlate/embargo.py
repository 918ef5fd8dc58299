"""A leave that nobody may learn of yet: until its embargo ends it reads as if it had not been stated."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from correlate.model import Employment, Worker
from correlate.verdict import Person


def without_embargo(row: Worker, now: datetime) -> Worker:
    """Return the row as it may be read at `now`: under embargo without any end of the spell."""
    if row.embargo_until is None or now >= row.embargo_until:
        return row
    left = row.employment is Employment.LEFT
    return replace(
        row, ends_at=None, last_working_at=None, announced_at=None,
        employment=Employment.ACTIVE if left else row.employment,
    )  # fmt: skip


def readable(person: Person, now: datetime) -> Person:
    """Return the person as they may be read at `now`: no end that is under embargo stands in their
    spells, nor in what they hold.
    """
    if all(row.embargo_until is None for row in person.spells):
        return person
    spells = tuple(without_embargo(row, now) for row in person.spells)
    hidden = {row.ends_at for row, kept in zip(person.spells, spells, strict=True) if row != kept}
    if not hidden:
        return person
    holdings = tuple(
        replace(hold, until=None) if hold.until in hidden else hold for hold in person.holdings
    )
    return replace(person, spells=spells, holdings=holdings)
