"""Who is whose manager, and who of them is left when somebody goes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from correlate.departure import access_ends_at
from correlate.model import PersonId, Worker, WorkerId
from correlate.succession import MAY_INHERIT
from correlate.verdict import Person, Standing

DEPTH = 12  # no company is deeper; a longer way is a fault of the feed


class Chart:
    """Managers by worker id, else by directory account. Persons are gone through at most once, and
    only when a worker id is not its person's id.
    """

    def __init__(self, persons: Mapping[PersonId, Person]) -> None:
        self._persons = persons
        self._by_worker: dict[WorkerId, PersonId] | None = None
        self._by_account: dict[str, PersonId] = {}

    def manager(self, person: PersonId, at: datetime) -> PersonId | None:
        """Return a person's manager by the spell in force at `at`, else by the one before; where
        the personnel feed names none that is known, by the directory.
        """
        known = self._persons.get(person)
        if known is None:
            return None
        row = _spell_at(known, at)
        found = self._worker(row.manager) if row is not None and row.manager else None
        if found is not None:
            return found
        bosses = (self._account(one.manager) for one in known.accounts if one.manager)
        return next((boss for boss in bosses if boss is not None), None)

    def _worker(self, worker: WorkerId) -> PersonId | None:
        direct = PersonId(str(worker))
        if direct in self._persons:
            return direct
        return self._index().get(worker)

    def _account(self, account: str) -> PersonId | None:
        self._index()
        return self._by_account.get(account)

    def _index(self) -> Mapping[WorkerId, PersonId]:
        if self._by_worker is None:
            self._by_worker = {}
            for key, person in self._persons.items():
                self._by_worker |= {row.worker_id: key for row in person.spells}
                self._by_account |= {account.account_id: key for account in person.accounts}
        return self._by_worker


def chain(
    person: PersonId, at: datetime, chart: Chart, standings: Mapping[PersonId, Standing]
) -> tuple[PersonId, ...]:
    """Return the managers above a person at `at`, nearest first, of those who can inherit now.

    Who has left, may have, leaves or is away is passed over, and the way goes on above them. It
    ends at the top, at an unknown manager, where it turns back on itself, and after DEPTH steps.
    """
    return tuple(
        boss
        for boss in _up(person, at, chart)
        if (held := standings.get(boss)) is not None and held.state in MAY_INHERIT
    )


def _up(person: PersonId, at: datetime, chart: Chart) -> Iterator[PersonId]:
    met = {person}
    for _ in range(DEPTH):
        boss = chart.manager(person, at)
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
