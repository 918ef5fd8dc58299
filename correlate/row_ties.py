"""What the rows of people feeds share with one another, as they were and as they are."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from correlate.identity import address, fold
from correlate.linking import DIRECTORY, SHARED, Key, rows_of
from correlate.model import DirectoryAccount, PeopleSnapshot, Worker

T = TypeVar("T")
Snapshots = Mapping[str, PeopleSnapshot]  # by feed
Keys = tuple[Key, ...]  # a set of each would take five times the memory, and nearly all are of one
Index = Mapping[str, Keys]


@dataclass(frozen=True, slots=True)
class RowTies:
    """The rows of each worker and each account, both as they were and as they are where something
    `changed`, and by what they are found. `arrived` are the workers that are in one of the two only,
    `bonds` what may make one person of a worker and others, and `sharing` whose they are; `crowded`
    are those of too many to make one person of them. Accounts are found by the number that they
    carry (`numbered`); `alone_at` are those of them that carry a number of one worker only, who has
    their addresses then. `by_number` and `by_login` go by the bare names (`bare`).
    """

    workers: Mapping[Key, Sequence[Worker]]
    accounts: Mapping[Key, Sequence[DirectoryAccount]]
    changed: Collection[Key]
    changed_accounts: Collection[Key]
    arrived: Collection[Key]
    bonds: Mapping[Key, Collection[str]]
    sharing: Index
    crowded: Collection[str]
    by_number: Index
    by_mail: Index
    by_login: Index
    numbered: Index
    alone_at: Index
    reports: Mapping[Key, Collection[Key]]  # of each worker who is a manager

    def seeds(self) -> set[Key]:
        """Return the workers of whom something changed: their rows, an account that brings them
        addresses, or whether it does.
        """
        found = set(self.changed)
        for _, number in self.arrived:
            found.update(self.by_number[bare(number)])
        for key in self.changed_accounts:
            for number in {row.worker_id for row in self.accounts[key] if row.worker_id}:
                if number in self.alone_at:
                    found.update(self.by_number[bare(number)])
        return found

    def one_person(self, workers: Iterable[Key]) -> set[Key]:
        """Return the workers and all that may be one person with them."""
        found = set(workers)
        todo = list(found)
        while todo:
            for bond in self.bonds[todo.pop()]:
                if bond not in self.crowded:
                    new = set(self.sharing[bond]) - found
                    found |= new
                    todo += new
        return found

    def bosses(self, worker: Key) -> Iterator[str]:
        """Yield the numbers of a worker's managers."""
        return (str(row.manager) for row in self.workers[worker] if row.manager is not None)

    def accounts_at(self, worker: Key) -> Iterator[Key]:
        """Yield the accounts that are held against a worker."""
        yield from self.numbered.get(worker[1], ())
        yield from self.by_login.get(bare(worker[1]), ())
        for bond in self.bonds[worker]:
            yield from self.by_mail.get(bond, ())

    def workers_at(self, account: Key) -> Iterator[Key]:
        """Yield the workers whom an account is held against."""
        for row in self.accounts[account]:
            for name in (row.worker_id or "", DIRECTORY + row.login):
                yield from self.by_number.get(bare(name), ())
            for mail in row.emails:
                yield from self.sharing.get(address(mail), ())


def row_ties(before: Snapshots, after: Snapshots) -> RowTies:
    """Return the ties of all rows of the snapshots before and after."""
    old, new = rows_of(before.values()), rows_of(after.values())
    was, now = _accounts(before.values()), _accounts(after.values())
    changed, changed_accounts = _differing(old, new), _differing(was, now)
    workers, accounts = _both(old, new, changed), _both(was, now, changed_accounts)
    numbered = _index(accounts, lambda rows: [row.worker_id for row in rows if row.worker_id])
    alone_at = {
        number: numbered[number] for number in _alone(old) | _alone(new) if number in numbered
    }
    mails = {key: _mails(rows) for key, rows in accounts.items()}
    own = {key: {*_mails(rows), *_own(rows)} for key, rows in workers.items()}
    crowded = {bond for bond, keys in _index(own, iter).items() if _many(keys, changed)}
    bonds = {
        key: held.union(*(mails[account] for account in alone_at.get(key[1], ())))
        for key, held in own.items()
    }
    return RowTies(
        workers, accounts, changed, changed_accounts,
        arrived=old.keys() ^ new.keys(),
        bonds=bonds,
        sharing=_index(bonds, iter),
        crowded=crowded,
        by_number=_index({key: key[1] for key in workers}, lambda number: [bare(number)]),
        by_mail=_index(mails, iter),
        by_login=_index(accounts, lambda rows: [bare(DIRECTORY + row.login) for row in rows]),
        numbered=numbered,
        alone_at=alone_at,
        reports=_reports(workers),
    )  # fmt: skip


def bare(name: str) -> str:
    """Return what all names have in common that may be taken for one another: a person's id is a
    number, with feeds before it, or a login, with the directory before it, and a number may be
    written like either.
    """
    return name.rpartition("/")[2].removeprefix(DIRECTORY)


def _many(keys: Keys, changed: Collection[Key]) -> bool:
    """Whether more than can be one person share something, before and after."""
    return len(keys) > SHARED and len([key for key in keys if key not in changed]) > SHARED


def _accounts(snapshots: Iterable[PeopleSnapshot]) -> dict[Key, list[DirectoryAccount]]:
    found: dict[Key, list[DirectoryAccount]] = defaultdict(list)
    for taken in snapshots:
        for row in taken.accounts:
            found[taken.feed, row.account_id].append(row)
    return found


def _differing(old: Mapping[Key, Sequence[T]], new: Mapping[Key, Sequence[T]]) -> set[Key]:
    changed = {key for key, rows in new.items() if old.get(key) != rows}
    return changed.union(key for key in old if key not in new)


def _both(
    old: Mapping[Key, Sequence[T]], new: Mapping[Key, Sequence[T]], changed: Iterable[Key]
) -> dict[Key, Sequence[T]]:
    return {**new, **{key: (*old.get(key, ()), *new.get(key, ())) for key in changed}}


def _alone(rows: Iterable[Key]) -> set[str]:
    """Return the numbers that only one worker has."""
    return {number for number, count in Counter(number for _, number in rows).items() if count == 1}


def _mails(rows: Iterable[Worker | DirectoryAccount]) -> set[str]:
    return {address(mail) for row in rows for mail in row.emails}


def _own(rows: Iterable[Worker]) -> Iterator[str]:
    """Yield what a worker has beside addresses that may tell who it is."""
    for row in rows:
        if row.person_key:
            yield row.person_key
        yield from (who.handle for one in row.identities if (who := fold(one)).system == "mail")


def _reports(workers: Mapping[Key, Sequence[Worker]]) -> dict[Key, set[Key]]:
    found: dict[Key, set[Key]] = defaultdict(set)
    for key, rows in workers.items():
        for row in rows:
            if row.manager is not None:
                found[key[0], str(row.manager)].add(key)
    return found


def _index(items: Mapping[Key, T], words: Callable[[T], Iterable[str]]) -> dict[str, Keys]:
    found: dict[str, Keys] = {}
    for key, item in items.items():
        for word in words(item):
            found[word] = (*found[word], key) if word in found else (key,)
    return found
