"""What was known of departures, and when: rows are only ever added, each with when it was recorded.

A corrected, brought forward or put back departure is a new row on the same spell; one that its
feed no longer states is taken back by a reversed row. Reading the rows up to an instant tells what
was known then.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from correlate.model import PersonId
from correlate.verdict import Departure, Standing

Rows = Iterable[tuple[Departure, datetime]]
Newest = Mapping[tuple[PersonId, str], Departure]


def newest(rows: Rows, known_at: datetime | None = None) -> Newest:
    """Return each spell's newest row (rows come oldest first), of those recorded by `known_at`."""
    return {
        (stated.person, stated.spell): stated
        for stated, recorded_at in rows
        if known_at is None or recorded_at <= known_at
    }


def in_force(rows: Rows, known_at: datetime | None = None) -> list[Departure]:
    """Return the departures that stood at `known_at` (None: that stand now), without reversed ones."""
    return [stated for stated in newest(rows, known_at).values() if not stated.reversed]


def first_seen(rows: Rows) -> Mapping[PersonId, datetime]:
    """Return when each person was first seen to have left, of those whose departure has no date
    and still stands: the instant that stands in for the date, run after run.
    """
    seen: dict[PersonId, datetime] = {}
    for stated in in_force(rows):
        if stated.precision == "seen":
            known = seen.get(stated.person, stated.effective_at)
            seen[stated.person] = min(known, stated.effective_at)
    return seen


def to_record(known: Newest, standings: Mapping[PersonId, Standing]) -> list[Departure]:
    """Return the rows to add: what is stated otherwise than before, and as reversed what a person's
    feeds no longer state. Somebody whom no feed knows any more takes nothing back.
    """
    rows = [
        stated
        for held in standings.values()
        for stated in held.stated
        if known.get((stated.person, stated.spell)) != stated
    ]
    for (person, spell), last in known.items():
        held = standings.get(person)
        gone = held is not None and all(stated.spell != spell for stated in held.stated)
        if gone and not last.reversed:
            rows.append(replace(last, reversed=True))
    return rows


def change(before: Departure | None, stated: Departure, now: datetime) -> str:
    """Return in a word what a new row changes, for the ledger."""
    if stated.reversed:
        return "reversed"
    if before is None:
        return "announced" if stated.effective_at > now else "stated"
    if before.reversed:
        return "stated again"
    if stated.effective_at == before.effective_at:
        return "corrected"
    return "brought forward" if stated.effective_at < before.effective_at else "put back"
