"""What the rows of people feeds share with one another, as they were and as they are."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from correlate.identity import address, fold
from correlate.linking import DIRECTORY
from correlate.model import DirectoryAccount, PeopleSnapshot, Worker
from correlate.same_person import SHARED, Key, rows_of

T = TypeVar("T")
K = TypeVar("K")
Snapshots = Mapping[str, PeopleSnapshot]  # by feed
Keys = list[Key]  # nearly all are of one: sets would take three times the memory
Index = dict[str, Keys]


@dataclass(frozen=True, slots=True)
class RowTies:
    """The rows of each worker and each account, both as they were and as they are where something
    `changed`, and by what they are found: workers by what may tell who they are (`sharing`), accounts
    by their addresses, their logins and the numbers that they carry. Numbers of workers and logins
    are bare (`bare`). `alone` are the numbers that one worker only has: who has it has the
    addresses of the accounts that carry it.
    """

    workers: Mapping[Key, Sequence[Worker]]
    accounts: Mapping[Key, Sequence[DirectoryAccount]]
    changed: Collection[Key]
    changed_accounts: Collection[Key]
    alone: Collection[str]
    sharing: Index = field(default_factory=dict)
    by_number: Index = field(default_factory=dict)
    reports: dict[Key, Keys] = field(default_factory=dict)  # of each worker who is a manager
    by_mail: Index = field(default_factory=dict)
    by_login: Index = field(default_factory=dict)
    numbered: Index = field(default_factory=dict)

    def __post_init__(self) -> None:
        for key, rows in self.workers.items():
            _add(self.by_number, bare(key[1]), key)
            for row in rows:
                for bond in _own(row):
                    _add(self.sharing, bond, key)
                if row.manager is not None:
                    _add(self.reports, (key[0], str(row.manager)), key)
        for key, accounts in self.accounts.items():
            for account in accounts:
                for mail in account.emails:
                    _add(self.by_mail, address(mail), key)
                _add(self.by_login, bare(DIRECTORY + account.login), key)
                if account.worker_id:
                    _add(self.numbered, str(account.worker_id), key)

    def one_person(self, workers: Iterable[Key]) -> set[Key]:
        """Return the workers and all that may be one person with them, by however many steps."""
        return _reached(workers, self._bonds, self._sharers)

    def bringing(self, worker: Key) -> Sequence[Key]:
        """Return the accounts whose addresses the worker has."""
        return self.numbered.get(worker[1], ()) if worker[1] in self.alone else ()

    def _bonds(self, worker: Key) -> Iterator[str]:
        """Yield what may make one person of a worker and others."""
        for row in self.workers[worker]:
            yield from _own(row)
        for account in self.bringing(worker):
            for one in self.accounts[account]:
                yield from map(address, one.emails)

    def _sharers(self, bond: str) -> Iterator[Key]:
        """Yield the workers who share it, unless they are too many for it to be somebody's own."""
        own = self.sharing.get(bond, ())
        if len(own) > SHARED and len([key for key in own if key not in self.changed]) > SHARED:
            return
        yield from own
        for account in self.by_mail.get(bond, ()):
            for row in self.accounts[account]:
                if row.worker_id and row.worker_id in self.alone:
                    yield from self.by_number.get(bare(row.worker_id), ())

    def one_login(self, accounts: Iterable[Key]) -> set[Key]:
        """Return the accounts and all that have a login of theirs, by however many steps: an id may be
        that of several.
        """
        return _reached(accounts, self._logins, self.by_login.__getitem__)

    def _logins(self, account: Key) -> Iterator[str]:
        return (bare(DIRECTORY + row.login) for row in self.accounts[account])

    def bosses(self, worker: Key) -> Iterator[str]:
        """Yield the numbers of a worker's managers."""
        return (str(row.manager) for row in self.workers[worker] if row.manager is not None)

    def accounts_at(self, workers: Iterable[Key]) -> set[Key]:
        """Return the accounts that are held against any of the workers."""
        numbers = {number for _, number in workers}
        bonds = {bond for key in workers for bond in self._bonds(key)}
        return {
            *_found(self.numbered, numbers),
            *_found(self.by_login, map(bare, numbers)),
            *_found(self.by_mail, bonds),
        }

    def workers_at(self, accounts: Iterable[Key]) -> set[Key]:
        """Return the workers whom any of the accounts is held against."""
        rows = {row for key in accounts for row in self.accounts[key]}
        names = {name for row in rows for name in (row.worker_id or "", DIRECTORY + row.login)}
        mails = {address(mail) for row in rows for mail in row.emails}
        return {*self.of_numbers(names), *_found(self.sharing, mails)}

    def of_numbers(self, numbers: Iterable[str]) -> Iterator[Key]:
        """Yield the workers whose ids may be taken for one of these."""
        return _found(self.by_number, set(map(bare, numbers)))


def row_ties(before: Snapshots, after: Snapshots) -> RowTies:
    """Return the ties of all rows of the snapshots before and after."""
    old, new = rows_of(before.values()), rows_of(after.values())
    was, now = _accounts(before.values()), _accounts(after.values())
    changed, changed_accounts = _differing(old, new), _differing(was, now)
    workers, accounts = _both(old, new, changed), _both(was, now, changed_accounts)
    return RowTies(workers, accounts, changed, changed_accounts, _alone(old) | _alone(new))


def bare(name: str) -> str:
    """Return what all names have in common that may be taken for one another: a person's id is a
    number, with feeds before it, or a login, with the directory before it, and a number may be
    written like either.
    """
    return name.rpartition("/")[2]


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


def _own(row: Worker) -> Iterator[str]:
    """Yield what may tell who a worker is."""
    yield from map(address, row.emails)
    if row.person_key:
        yield row.person_key
    for one in row.identities:
        who = fold(one)
        if who.system == "mail":
            yield who.handle


def _add(index: dict[K, Keys], word: K, key: Key) -> None:
    held = index.get(word)
    if held is None:
        index[word] = [key]
    else:
        held.append(key)


def _reached(
    start: Iterable[Key],
    words: Callable[[Key], Iterable[str]],
    sharers: Callable[[str], Iterable[Key]],
) -> set[Key]:
    """Return the keys that words lead to, by however many steps. Each word is followed once: thousands
    may share it.
    """
    found, followed = set(start), set[str]()
    todo = list(found)
    while todo:
        for word in words(todo.pop()):
            if word not in followed:
                followed.add(word)
                new = set(sharers(word)) - found
                found |= new
                todo += new
    return found


def _found(index: Index, words: Iterable[str]) -> Iterator[Key]:
    return (key for word in words for key in index.get(word, ()))
