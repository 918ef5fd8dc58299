"""What was known of departures, and when: rows are only ever added, each with when it was recorded.

A corrected, brought forward or put back departure is a new row on the same spell; one that its
feed no longer states is taken back by a reversed row. Reading the rows up to an instant tells what
was known then.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from correlate.model import PersonId
from correlate.verdict import Departure, Standing

Rows = Iterable[tuple[Departure, datetime]]


def newest(
    rows: Rows, known_at: datetime | None = None
) -> Mapping[PersonId, Mapping[str, Departure]]:
    """Return each person's newest row on each spell (rows come oldest first), of those recorded by
    `known_at`.
    """
    found: dict[PersonId, dict[str, Departure]] = defaultdict(dict)
    for stated, recorded_at in rows:
        if known_at is None or recorded_at <= known_at:
            found[stated.person][stated.spell] = stated
    return dict(found)


def in_force(rows: Rows, known_at: datetime | None = None) -> list[Departure]:
    """Return the departures that stood at `known_at` (None: that stand now), without reversed ones."""
    known = newest(rows, known_at).values()
    return [stated for spells in known for stated in spells.values() if not stated.reversed]


def to_record(known: Mapping[str, Departure], held: Standing) -> list[Departure]:
    """Return the rows to add to what is `known` of one person, by spell: what is stated otherwise
    than before, and as reversed what their feeds no longer state.
    """
    rows = [stated for stated in held.stated if known.get(stated.spell) != stated]
    spells = {stated.spell for stated in held.stated}
    gone = (last for spell, last in known.items() if spell not in spells and not last.reversed)
    return rows + [replace(last, reversed=True) for last in gone]


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
