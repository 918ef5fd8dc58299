"""Step: write down what the feeds state of everybody: departures as they change, and who is away."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from correlate.absence import absence_to_record, open_absences
from correlate.departure_log import change, newest, to_record
from correlate.model import PersonId
from correlate.ports_store import Transaction
from correlate.verdict import Absence, Departure, LedgerEntry, Standing


def record_standings(
    tx: Transaction, everybody: Iterable[tuple[PersonId, Standing]], now: datetime
) -> Mapping[PersonId, datetime]:
    """Record departures as stated, corrected and taken back, and leaves of absence as they begin
    and end; return who is away, and when they were first seen to be.

    Of somebody who is not in `everybody` nothing is recorded: absence from a feed takes nothing back.
    """
    everybody = list(everybody)
    stated_before = newest(tx.people.departures({person for person, _ in everybody}))
    added: list[Departure] = []
    entries: list[tuple[str, PersonId, dict[str, str]]] = []
    absences, away = _absences(tx, everybody, now)
    for person, held in everybody:
        known = stated_before.get(person, {})
        if not known and not held.stated:
            continue  # as of most
        for stated in to_record(known, held):
            added.append(stated)
            facts = {
                "change": change(known.get(stated.spell), stated, now),
                "effective_at": stated.effective_at.isoformat(),
                "precision": stated.precision,
                "source": stated.source,
            }
            entries.append(("departure", person, facts))
    for row in absences:
        state = "away" if row.until is None else "back"
        entries.append(("absence", row.person, {"state": state}))
    tx.people.record_departures(added, now)
    tx.successions.save_absences(absences)
    names = tx.sensitive.references({person for _, person, _ in entries})
    tx.runs.append(
        *(LedgerEntry(now, what, names[person], facts) for what, person, facts in entries)
    )
    return away


def _absences(
    tx: Transaction, everybody: Iterable[tuple[PersonId, Standing]], now: datetime
) -> tuple[list[Absence], Mapping[PersonId, datetime]]:
    """Return the rows to add, and who is away with them, and since when."""
    away = dict(open_absences(tx.successions.absences()))
    added: list[Absence] = []
    for person, held in everybody:
        row = absence_to_record(person, away.get(person), held, now)
        if row is not None:
            added.append(row)
            away[person] = row
    return added, {person: row.since for person, row in away.items() if row.until is None}
