"""Who left in a period, from every statement that a feed ever made of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from correlate.codec import encode
from correlate.embargo import readable
from correlate.model import PersonId, Worker
from correlate.period import Period
from correlate.ports_store import Transaction
from correlate.verdict import RESTRICTED, Departure, Person, StandingState
from jobs.circle import Circle

Stated = Sequence[tuple[Departure, datetime]]  # with the instant at which it was recorded


@dataclass(frozen=True, slots=True)
class Leave:
    """The end of one spell, as `stated` over time, the newest last. `status` is "left", "leaving",
    "reversed", "moved out of the period" or "here again". `reference` is the ledger's name of the person.
    """

    person: PersonId
    reference: str
    stated: Stated
    status: str
    known: Person | None

    @property
    def newest(self) -> Departure:
        """The statement that stands."""
        return self.stated[-1][0]

    @property
    def sensitive(self) -> bool:
        """Whether the person is named nowhere."""
        return self.known is not None and self.known.sensitive


def leaves_in(tx: Transaction, met: Circle, period: Period, now: datetime) -> list[Leave]:
    """Return every leave of which a statement lies in the period, ordered by instant and person.

    Nothing of anybody under an embargo is in it. Whoever is in it is known to `met` then.
    """
    stated: dict[tuple[PersonId, str], list[tuple[Departure, datetime]]] = defaultdict(list)
    for row, at in tx.people.departures():
        stated[row.person, row.spell].append((row, at))
    told = {
        spell: rows
        for spell, rows in stated.items()
        if any(period.has(row.effective_at) for row, _ in rows)
    }
    return _leaves(tx, met, told, period, now)


def leaves_of(tx: Transaction, met: Circle, person: PersonId, now: datetime) -> list[Leave]:
    """Return every leave that was ever stated of a person, unless it is under an embargo."""
    stated: dict[tuple[PersonId, str], list[tuple[Departure, datetime]]] = defaultdict(list)
    for row, at in tx.people.departures():
        if row.person == person:
            stated[person, row.spell].append((row, at))
    return _leaves(tx, met, stated, None, now)


def _leaves(
    tx: Transaction,
    met: Circle,
    told: Mapping[tuple[PersonId, str], Stated],
    period: Period | None,
    now: datetime,
) -> list[Leave]:
    persons = {person for person, _ in told}
    open_to_all = persons - under_embargo(tx, persons, now)
    names = tx.sensitive.references(open_to_all)
    staff = met.know(open_to_all)
    found = [
        Leave(
            person, names[person], rows, _status(rows[-1][0], met, period, now),
            staff.people.persons.get(person),
        )
        for (person, _), rows in told.items()
        if person in open_to_all
    ]  # fmt: skip
    return sorted(found, key=lambda one: (one.newest.effective_at, one.person, one.newest.spell))


def under_embargo(tx: Transaction, persons: Collection[PersonId], now: datetime) -> set[PersonId]:
    """Return whose leave nobody may learn of yet."""
    held = tx.people.persons(persons)
    return {name for name, one in held.items() if readable(one, now) != one}


def _status(newest: Departure, met: Circle, period: Period | None, now: datetime) -> str:
    if newest.reversed:
        return "reversed"
    if period is not None and not period.has(newest.effective_at):
        return "moved out of the period"
    if newest.effective_at > now:
        return "leaving"
    held = met.staff.standings.get(newest.person)
    if held is not None and held.state in (StandingState.HERE, StandingState.ON_LEAVE):
        return "here again"
    return "left"


def population_row(leave: Leave, entries: Sequence[int]) -> dict[str, Any]:
    """Return a leave as a record; of a sensitive person nothing that tells who they are."""
    newest, spell = leave.newest, _spell(leave)
    sealed = leave.sensitive
    return {
        "person": RESTRICTED if sealed else leave.person,
        "name": _name(leave),
        "reference": leave.reference,
        "status": leave.status,
        "effective_at": newest.effective_at.isoformat(),
        "due_from": newest.due_from.isoformat(),
        "precision": newest.precision,
        "zone": newest.zone,
        "announced_at": encode(newest.announced_at),
        "last_working_at": encode(newest.last_working_at),
        "ends_at": encode(newest.ends_at),
        "source": newest.source,
        "spell": "" if sealed else newest.spell,
        "worker_type": "" if sealed or spell is None else spell.worker_type,
        "employer": "" if sealed or spell is None else spell.employer,
        "statements": [
            {
                "recorded_at": at.isoformat(),
                "effective_at": row.effective_at.isoformat(),
                "source": row.source,
                "reversed": row.reversed,
            }
            for row, at in leave.stated
        ],
        "ledger_entries": list(entries),
    }


def _name(leave: Leave) -> str:
    return leave.known.public_name if leave.known is not None else "forgotten"


def _spell(leave: Leave) -> Worker | None:
    spells = leave.known.spells if leave.known is not None else ()
    return next((one for one in spells if one.spell == leave.newest.spell), None)
