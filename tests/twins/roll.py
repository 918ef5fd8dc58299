"""A company's people in memory, as managers are looked for among them."""

from __future__ import annotations

from collections.abc import Mapping

from correlate.model import PersonId, WorkerId
from correlate.verdict import Person, Standing


class Chart:
    """A `Roll` of persons at hand. They are gone through at most once, and only for a worker id that
    is not its person's id, or for an account.
    """

    def __init__(
        self, persons: Mapping[PersonId, Person], standings: Mapping[PersonId, Standing]
    ) -> None:
        self._persons, self._standings = persons, standings
        self._by_worker: dict[WorkerId, PersonId] | None = None
        self._by_account: dict[str, PersonId] = {}

    def person(self, name: PersonId) -> Person | None:
        """Return a person."""
        return self._persons.get(name)

    def standing(self, name: PersonId) -> Standing | None:
        """Return where a person stands."""
        return self._standings.get(name)

    def of_worker(self, worker: WorkerId) -> PersonId | None:
        """Return who has a worker id."""
        direct = PersonId(str(worker))
        return direct if direct in self._persons else self._index().get(worker)

    def of_account(self, account: str) -> PersonId | None:
        """Return who has a directory's account, by its immutable id."""
        self._index()
        return self._by_account.get(account)

    def _index(self) -> Mapping[WorkerId, PersonId]:
        if self._by_worker is None:
            self._by_worker = {}
            for key, person in self._persons.items():
                self._by_worker |= {row.worker_id: key for row in person.spells}
                self._by_account |= {account.account_id: key for account in person.accounts}
        return self._by_worker
