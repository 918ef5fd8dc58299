"""Who is whose manager, and who of them is left when somebody goes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Protocol

from correlate.departure import access_ends_at
from correlate.model import PersonId, Worker, WorkerId
from correlate.succession import MAY_INHERIT
from correlate.verdict import Person, Standing

DEPTH = 12  # no company is deeper; a longer way is a fault of the feed


class Roll(Protocol):
    """Whom a chain is walked among; it may draw people from a store as they are asked for."""

    def person(self, name: PersonId) -> Person | None: ...

    def standing(self, name: PersonId) -> Standing | None: ...

    def of_worker(self, worker: WorkerId) -> PersonId | None:
        """Return who has a worker id."""

    def of_account(self, account: str) -> PersonId | None:
        """Return who has a directory's account, by its immutable id."""


def manager(person: PersonId, at: datetime, roll: Roll) -> PersonId | None:
    """Return a person's manager by the spell in force at `at`, else by the one before; where the
    personnel feed names none that is known, by the directory.
    """
    known = roll.person(person)
    if known is None:
        return None
    row = _spell_at(known, at)
    found = roll.of_worker(row.manager) if row is not None and row.manager else None
    if found is not None:
        return found
    bosses = (roll.of_account(one.manager) for one in known.accounts if one.manager)
    return next((boss for boss in bosses if boss is not None), None)


def chain(person: PersonId, at: datetime, roll: Roll) -> tuple[PersonId, ...]:
    """Return the managers above a person at `at`, nearest first, of those who can inherit now.

    Who has left, may have, leaves or is away is passed over, and the way goes on above them. It
    ends at the top, at an unknown manager, where it turns back on itself, and after DEPTH steps.
    """
    return tuple(
        boss
        for boss in _up(person, at, roll)
        if (held := roll.standing(boss)) is not None and held.state in MAY_INHERIT
    )


def _up(person: PersonId, at: datetime, roll: Roll) -> Iterator[PersonId]:
    met = {person}
    for _ in range(DEPTH):
        boss = manager(person, at, roll)
        if boss is None or boss in met:
            return
        met.add(boss)
        yield boss
        person = boss


def _spell_at(person: Person, at: datetime) -> Worker | None:
    begun = [row for row in person.spells if row.starts_at is None or row.starts_at <= at]
    on = [row for row in begun if (end := access_ends_at(row)) is None or end >= at]
    known = on or begun
    return known[-1] if known else None
