"""Who has to be linked anew when feeds say something else: of hundreds of thousands, a few.

Workers become one person by what they share: addresses, and a feed's key of a human
(`correlate.same_person`). Whoever shares none of it, by however many steps, with a worker of whom
something changed is the same person as before. But their id and their accounts are held against
others too: everybody with the same number, and all who may have one of the accounts. These are
looked at as they were and as they are; if that makes a difference to them, they are linked anew as
well, and so on. Looking at more than need be changes nothing of what comes out.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace

from correlate.linking import DIRECTORY, Linked, linked, persons_of
from correlate.memory import listed_by
from correlate.model import PeopleSnapshot, PersonId
from correlate.row_ties import RowTies, Snapshots, row_ties
from correlate.same_person import Key
from correlate.verdict import Person

_FEW = 1000  # changed workers, whom it is never worth linking everybody for


@dataclass(frozen=True, slots=True)
class Relinked:
    """The persons that were made anew, and who of those before are no more."""

    made: Mapping[PersonId, Person]
    gone: Collection[PersonId]


def relink(before: Snapshots, after: Snapshots) -> Relinked:
    """Return what becomes of the persons of the snapshots `before` when those `after` are in force.

    With those left as they are whom it does not name, they are the persons of `persons_of(after)`.
    """
    ties = row_ties(before, after)
    if len(ties.changed) > max(_FEW, len(ties.workers) // 4):  # to link all is quicker then
        everybody = persons_of(after.values())
        return Relinked(everybody, persons_of(before.values()).keys() - everybody.keys())
    near = ties.one_person(ties.changed)
    while True:
        scope = _scope(ties, near)
        old, new = linked(scope.part(before)), linked(scope.part(after))
        more = ties.one_person(near | _touched(ties, scope, old, new))
        if more == near:
            made = {name: new.persons[name] for name in _known(scope, near, new)}
            return Relinked(made, _known(scope, near, old) - made.keys())
        near = more


@dataclass(frozen=True, slots=True)
class _Scope:
    """The workers and accounts to look at. With the accounts `decided` is all that they are held
    against; others are there for the addresses that they bring. `alone` are the ids of the persons
    that only accounts decided may make.
    """

    workers: Collection[Key]
    accounts: Collection[Key]
    decided: Collection[Key]
    alone: frozenset[PersonId]

    def part(self, snapshots: Snapshots) -> Iterator[PeopleSnapshot]:
        """Yield the snapshots without all other rows."""
        for taken in snapshots.values():
            feed = listed_by(taken.feed)
            workers = (row for row in taken.workers if (feed, row.worker_id) in self.workers)
            accounts = (
                row for row in taken.accounts if (taken.feed, row.account_id) in self.accounts
            )
            yield replace(taken, workers=tuple(workers), accounts=tuple(accounts))


def _scope(ties: RowTies, near: Collection[Key]) -> _Scope:
    """Return all that the persons near and their accounts are held against."""
    decided = ties.one_login({*ties.changed_accounts, *ties.accounts_at(near)})
    alone = {PersonId(DIRECTORY + row.login) for key in decided for row in ties.accounts[key]}
    numbers = {number for key in near for number in (key[1], *ties.bosses(key))}
    alike = ties.of_numbers(numbers)
    workers = ties.one_person({*near, *alike, *ties.workers_at(decided)})
    beside = {one for key in workers for one in ties.bringing(key)}
    return _Scope(workers, decided | beside, decided, frozenset(alone))


def _known(scope: _Scope, near: Collection[Key], found: Linked) -> set[PersonId]:
    """Return of whom all is known: the persons near, and those that only accounts decided make."""
    names = {found.workers[key] for key in near if key in found.workers}
    return names | (scope.alone & found.persons.keys())


def _touched(ties: RowTies, scope: _Scope, old: Linked, new: Linked) -> set[Key]:
    """Return the workers whose id is another one, or whose manager's, or an account of whom is or was
    another one or somebody else's.
    """
    touched: set[Key] = set()
    for key in old.workers.keys() | new.workers.keys():
        if old.workers.get(key) != new.workers.get(key):
            touched |= {key, *ties.reports.get(key, ())}
    names = set(scope.alone)
    for key in scope.decided:
        was, now = old.accounts.get(key), new.accounts.get(key)
        if was != now or key in ties.changed_accounts:
            names.update(was or (), now or ())
    for found in (old, new):
        touched |= {key for key, name in found.workers.items() if name in names}
    return touched
