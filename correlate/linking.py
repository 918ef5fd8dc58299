"""Persons out of what feeds say: the spells of all workers who are one person, and their accounts.

Which workers are one is `correlate.same_person`'s to tell.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from typing import NamedTuple

from correlate.identity import People, address, by_correction, covers, denied, fold, index
from correlate.model import (
    DirectoryAccount,
    Identity,
    PeopleSnapshot,
    PersonId,
    Truth,
    Worker,
    WorkerId,
)
from correlate.same_person import MONTH, SHARED, Key, begins, one_person, rows_of
from correlate.verdict import Correction, Holding, Person

DIRECTORY = "directory:"  # before the login in the id of a person whom no worker explains
# The edition of the rules here and in `correlate.same_person`: raised whenever they make something else
# of the same rows, for all persons are made anew then.
RULES = "1"
_Holders = Mapping[PersonId, Sequence[Holding]]
_Held = tuple[str, str, datetime | None, datetime | None]


def link(
    snapshots: Iterable[PeopleSnapshot],
    corrections: Iterable[Correction] = (),
) -> People:
    """Join what all feeds say into persons, and correct it by what people said, oldest first.

    A correction of somebody whom no feed knows any more is without effect.
    """
    persons, corrections = persons_of(snapshots), tuple(corrections)
    for name, identities in denied(corrections).items():
        if name in persons:
            persons[name] = without(persons[name], identities)
    corrected = by_correction(corrections, persons)
    return People(persons, index(persons.values()), corrected)


def persons_of(snapshots: Iterable[PeopleSnapshot]) -> dict[PersonId, Person]:
    """Join what all feeds say into persons, whatever the order of feeds and rows.

    A spell's manager is named by that person's id. An account joins the worker whose id it carries,
    else the sole worker holding one of its addresses; an account that no worker explains is a person
    of its own ("directory:LOGIN"), or a machine where the directory says so.
    """
    return linked(snapshots).persons


class Linked(NamedTuple):
    """The persons that feeds' rows come to, and whose each worker and each account is, by its feed and
    its id: accounts with one id in one feed stand beside each other.
    """

    persons: dict[PersonId, Person]
    workers: Mapping[Key, PersonId]
    accounts: Mapping[Key, Sequence[PersonId]]


def linked(snapshots: Iterable[PeopleSnapshot]) -> Linked:
    """Return `persons_of` the snapshots, and which rows came to be whom."""
    snapshots = sorted(snapshots, key=_by_feed)
    rows = rows_of(snapshots)
    named = _named(rows, one_person(rows, snapshots))
    whose = {key: name for name, keys in named.items() for key in keys}
    persons = {}
    for name, keys in named.items():
        spells = [_under(spell, key[0], whose) for key in keys for spell in rows[key]]
        spells.sort(key=lambda row: (row.starts_at is not None, row.starts_at, row.spell))
        persons[name] = Person(name, spells[-1].name, tuple(spells), (), _holdings(spells))
    return Linked(persons, whose, _join_accounts(persons, named, snapshots))


def _by_feed(taken: PeopleSnapshot) -> str:
    return taken.feed


def _under(spell: Worker, feed: str, whose: Mapping[Key, PersonId]) -> Worker:
    """Return a spell whose manager is named by the person's id."""
    if spell.manager is None:
        return spell
    boss = whose.get((feed, str(spell.manager)))
    return spell if boss is None else replace(spell, manager=WorkerId(boss))


def without(person: Person, identities: Collection[Identity]) -> Person:
    """Return the person not holding any of the identities."""
    kept = tuple(hold for hold in person.holdings if hold.identity not in identities)
    return replace(person, holdings=kept)


def _named(
    rows: Mapping[Key, Sequence[Worker]], groups: Mapping[Key, Key]
) -> dict[PersonId, list[Key]]:
    """Return each person's keys under their id: the worker id of their first spell, with the
    feed's name before it where another person has that id already.
    """
    members: dict[Key, list[Key]] = defaultdict(list)
    for key in rows:
        members[groups.get(key, key)].append(key)
    named: dict[PersonId, list[Key]] = {}
    for keys in sorted(members.values(), key=min):
        alone = len(keys) == 1  # as most are
        feed, number = keys[0] if alone else min(keys, key=lambda key: (begins(rows[key]), key))
        name = number
        while name in named:
            name = f"{feed}/{name}"
        named[PersonId(name)] = sorted(keys)
    return named


def _holdings(spells: Iterable[Worker]) -> tuple[Holding, ...]:
    found: dict[_Held, Holding] = {}
    for row in spells:
        for identity in (*(Identity("mail", mail) for mail in row.emails), *row.identities):
            _hold(found, fold(identity), row.starts_at, row.ends_at, "personnel feed")
    return tuple(found.values())


def _hold(
    found: dict[_Held, Holding],
    who: Identity,
    since: datetime | None,
    until: datetime | None,
    source: str,
) -> None:
    """Add that an identity was held, if it is not there yet; a key of plain values is found at once."""
    key = who.system, who.handle, since, until
    if key not in found:
        found[key] = Holding(who, since, until, source)


# --- accounts -----------------------------------------------------------------------


def _join_accounts(
    persons: dict[PersonId, Person],
    named: Mapping[PersonId, Sequence[Key]],
    snapshots: Sequence[PeopleSnapshot],
) -> Mapping[Key, Sequence[PersonId]]:
    owners: dict[Key, list[PersonId]] = defaultdict(list)
    register = _register(persons, named)
    joined: dict[PersonId, list[_Joined]] = defaultdict(list)
    for snap in snapshots:
        for account in sorted(snap.accounts, key=_by_id):
            may_be = register.owners(account)
            alone = len(may_be) != 1
            name = PersonId(f"{DIRECTORY}{account.login}") if alone else may_be[0]
            # an address that is one of several people's is not this account's own either
            mails = () if len(may_be) > 1 else account.emails
            joined[name].append(_Joined(account, mails, snap.feed))
            owners[snap.feed, account.account_id].append(name)
    for name, theirs in joined.items():
        persons[name] = _with_accounts(persons.get(name), name, theirs)
    return owners


def _by_id(account: DirectoryAccount) -> str:
    return account.account_id


class _Joined(NamedTuple):
    """An account of one person, and which addresses it brings them."""

    account: DirectoryAccount
    mails: tuple[str, ...]
    feed: str


@dataclass(frozen=True, slots=True)
class _Register:
    """Whom personnel feeds know by a worker id, and by an address, from when to when."""

    by_number: Mapping[str, Sequence[PersonId]]
    by_mail: Mapping[str, _Holders]

    def owners(self, account: DirectoryAccount) -> Sequence[PersonId]:
        """Return whose an account may be. A number and an address that name two people name both:
        the number may be that of another system's worker.
        """
        if account.service is Truth.YES:
            return ()
        told = [self.by_mail[mail] for mail in map(address, account.emails) if mail in self.by_mail]
        numbered = self.by_number.get(account.worker_id, ()) if account.worker_id else ()
        if len(numbered) > 1:
            numbered = [name for name in numbered if any(name in holders for holders in told)]
        if len(numbered) == 1:
            theirs = any(numbered[0] in holders for holders in told)
            other = None if theirs else next(_now(told), None)
            return numbered if other is None else [*numbered, other]
        return () if account.worker_id else _fitting(account, told)


def _now(told: Iterable[_Holders]) -> Iterator[PersonId]:
    """Yield who holds one of the addresses still."""
    for holders in told:
        for name, holds in holders.items():
            if any(one.until is None for one in holds):
                yield name


def _fitting(account: DirectoryAccount, told: Sequence[_Holders]) -> Sequence[PersonId]:
    """Return who of the holders of its addresses may have the account: those who held one when it
    was made, or else those who came to hold one within a month. Of a mailbox of many it is nobody.
    """
    for holders in told:
        if len(holders) > SHARED:
            return list(islice(holders, 2))  # one of several: who, does not matter
    held: dict[PersonId, list[Holding]] = defaultdict(list)
    for holders in told:
        for person, holds in holders.items():
            held[person] += holds
    at = account.created_at
    if at is None:
        return list(held)
    then = [one for one, holds in held.items() if any(covers(hold, at) for hold in holds)]
    soon = [
        one
        for one, holds in held.items()
        if any(hold.since is not None and at <= hold.since <= at + MONTH for hold in holds)
    ]
    return then or soon


def _register(
    persons: Mapping[PersonId, Person], named: Mapping[PersonId, Sequence[Key]]
) -> _Register:
    by_number: dict[str, list[PersonId]] = defaultdict(list)
    for name, keys in named.items():
        for number in sorted({number for _, number in keys}):
            by_number[number].append(name)
    by_mail: dict[str, dict[PersonId, list[Holding]]] = defaultdict(dict)
    for person in persons.values():
        for hold in person.holdings:
            if hold.identity.system == "mail":
                by_mail[hold.identity.handle].setdefault(person.id, []).append(hold)
    return _Register(by_number, by_mail)


def _with_accounts(known: Person | None, name: PersonId, joined: Sequence[_Joined]) -> Person:
    """Return a person with their accounts; whom no worker explains is made of the first account."""
    first = joined[0].account
    if known is None:
        machine = first.service is Truth.YES
        known = Person(name, first.name or first.login, machine=machine)
    spans = dict.fromkeys((row.starts_at, row.ends_at) for row in known.spells)
    found: dict[_Held, Holding] = {}
    for one in known.holdings:
        found[one.identity.system, one.identity.handle, one.since, one.until] = one
    for account, mails, feed in joined:
        source = f"directory {feed}"
        for identity in _identities(account, mails):
            for since, until in spans or ((account.created_at, account.expires_at),):
                _hold(found, identity, since, until, source)
    accounts = tuple([one.account for one in joined])
    holdings = tuple(found.values())
    return Person(name, known.name, known.spells, accounts, holdings, known.machine)


def _identities(account: DirectoryAccount, mails: Iterable[str]) -> Iterator[Identity]:
    yield fold(Identity("directory", account.account_id))
    yield fold(Identity("login", account.login))
    for mail in mails:
        yield fold(Identity("mail", mail))
    yield from map(fold, account.identities)
