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


def absences_to_record(
    known: Mapping[PersonId, Absence], standings: Mapping[PersonId, Standing], now: datetime
) -> list[Absence]:
    """Return the rows to add: who is newly away, and who is back. Somebody whom no feed knows any
    more is not back.
    """
    gone = [
        Absence(person, now)
        for person, held in standings.items()
        if held.away and person not in known
    ]
    back = [
        replace(row, until=now)
        for person, row in known.items()
        if (held := standings.get(person)) is not None and not held.away
    ]
    return gone + back
