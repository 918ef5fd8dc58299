"""Who is on leave of absence, and since when, as we saw it: personnel feeds date no leave."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from correlate.model import PersonId
from correlate.verdict import Absence, Standing


def open_absences(rows: Iterable[Absence]) -> Mapping[PersonId, Absence]:
    """Return who is away by the newest row on each (rows come oldest first)."""
    last = {row.person: row for row in rows}
    return {person: row for person, row in last.items() if row.until is None}


def absence_to_record(
    person: PersonId, known: Absence | None, held: Standing, now: datetime
) -> Absence | None:
    """Return the row to add to what is `known` of a person: they are newly away, or back."""
    if known is None:
        return Absence(person, now) if held.away else None
    return None if held.away else replace(known, until=now)
