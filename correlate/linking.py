"""Who is one person: workers, spells and accounts of all feeds joined, and never by a name alone.

Within one feed a worker id is one person. Personnel systems number their workers from the same
low numbers, so across feeds it takes more: an address that each holds for one worker only, at
overlapping times. Where a number alone would join two, they stay two.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from correlate.identity import People, by_correction, fold, index
from correlate.memory import listed_by
from correlate.model import DirectoryAccount, Identity, PeopleSnapshot, PersonId, Truth, Worker
from correlate.verdict import Correction, Holding, Person

_FIRST = datetime.min.replace(tzinfo=UTC)
_LAST = datetime.max.replace(tzinfo=UTC)
_SHARED = 32
Key = tuple[str, str]  # a feed's name and a worker id in it


def link(
    snapshots: Iterable[PeopleSnapshot],
    corrections: Iterable[Correction] = (),
    machines: tuple[str, ...] = (),
) -> People:
    """Join what all feeds say into persons, and correct it by what people said, oldest first.

    An account joins the worker whose id it carries, else the sole worker holding one of its
    addresses; an account that no worker explains is a person of its own ("directory:LOGIN"), or
    a machine where the directory says so. A correction of somebody whom no feed knows any more
    is without effect.
    """
    snapshots, corrections = tuple(snapshots), tuple(corrections)
    rows = _rows(snapshots)
    groups = _groups(rows)
    named = _named(rows, groups)
    persons = {}
    for name, keys in named.items():
        spells = [spell for key in keys for spell in rows[key]]
        spells.sort(key=lambda row: (row.starts_at is not None, row.starts_at, row.spell))
        holdings = tuple(dict.fromkeys(hold for row in spells for hold in _holdings(row)))
        persons[name] = Person(name, spells[-1].name, tuple(spells), (), holdings)
    _join_accounts(persons, named, snapshots)
    for one in {(one.identity, one.person): one for one in corrections}.values():
        if not one.holds and one.person in persons:
            persons[one.person] = without(persons[one.person], one.identity)
    corrected = {
        identity: known
        for identity, held in by_correction(corrections).items()
        if (known := [(person, hold) for person, hold in held if person in persons])
    }
    return People(persons, index(persons.values()), corrected, machines)


def without(person: Person, identity: Identity) -> Person:
    """Return the person not holding an identity."""
    kept = tuple(hold for hold in person.holdings if hold.identity != identity)
    return replace(person, holdings=kept)


def _rows(snapshots: Sequence[PeopleSnapshot]) -> dict[Key, list[Worker]]:
    rows: dict[Key, list[Worker]] = defaultdict(list)
    for snap in snapshots:
        feed = listed_by(snap.feed)
        for worker in snap.workers:
            rows[feed, str(worker.worker_id)].append(worker)
    return rows


# --- which rows are one person ------------------------------------------------------


def _groups(rows: Mapping[Key, Sequence[Worker]]) -> dict[Key, Key]:
    """Return for each key the first of those that are the same person."""
    parent: dict[Key, Key] = {}

    def root(key: Key) -> Key:
        while key in parent:
            key = parent[key]
        return key

    for left, right in _same(rows):
        first, second = sorted((root(left), root(right)))
        if first != second:
            parent[second] = first
    return {key: root(key) for key in parent}


def _same(rows: Mapping[Key, Sequence[Worker]]) -> Iterator[tuple[Key, Key]]:
    """Yield pairs of keys that are one person."""
    by_key: dict[Key, Key] = {}
    for (feed, number), spells in rows.items():
        for spell in spells:
            if spell.person_key:
                first = by_key.setdefault((feed, spell.person_key), (feed, number))
                if first != (feed, number):
                    yield first, (feed, number)
    if len({feed for feed, _ in rows}) > 1:
        yield from _across(rows)


def _across(rows: Mapping[Key, Sequence[Worker]]) -> Iterator[tuple[Key, Key]]:
    """Yield the keys of different feeds that hold an address at overlapping times, where each of
    the two feeds knows it of one worker only at that time.
    """
    held: dict[str, list[tuple[Key, datetime, datetime]]] = defaultdict(list)
    for key, spells in rows.items():
        for spell in spells:
            span = (spell.starts_at or _FIRST, spell.ends_at or _LAST)
            for address in spell.emails:
                held[fold(Identity("mail", address)).handle].append((key, *span))
    for spans in held.values():
        if 1 < len(spans) <= _SHARED:  # what more hold is a mailbox of many, and nobody's own
            yield from _overlapping(spans)


def _overlapping(
    spans: Sequence[tuple[Key, datetime, datetime]],
) -> Iterator[tuple[Key, Key]]:
    for number, (key, since, until) in enumerate(spans):
        for other, start, end in spans[number + 1 :]:
            if other[0] == key[0] or start > until or since > end:
                continue
            together = [
                one for one, first, last in spans
                if first <= min(until, end) and last >= max(since, start)
            ]  # fmt: skip
            if len({one for one in together if one[0] in (key[0], other[0])}) == 2:  # noqa: PLR2004
                yield key, other


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
        feed, number = min(keys, key=lambda key: (_start(rows[key]), key))
        name = PersonId(number)
        named[PersonId(f"{feed}/{number}") if name in named else name] = keys
    return named


def _start(spells: Iterable[Worker]) -> datetime:
    return min(spell.starts_at or _FIRST for spell in spells)


def _holdings(row: Worker) -> Iterator[Holding]:
    for address in row.emails:
        identity = fold(Identity("mail", address))
        yield Holding(identity, row.starts_at, row.ends_at, "personnel feed")
    for identity in row.identities:
        yield Holding(fold(identity), row.starts_at, row.ends_at, "personnel feed")


# --- accounts -----------------------------------------------------------------------


def _join_accounts(
    persons: dict[PersonId, Person],
    named: Mapping[PersonId, Sequence[Key]],
    snapshots: Sequence[PeopleSnapshot],
) -> None:
    by_number: dict[str, list[PersonId]] = defaultdict(list)
    for name, keys in named.items():
        for number in {number for _, number in keys}:
            by_number[number].append(name)
    by_mail: dict[str, dict[PersonId, bool]] = defaultdict(dict)
    for person in persons.values():
        for hold in person.holdings:
            if hold.identity.system == "mail":
                by_mail[hold.identity.handle][person.id] = hold.until is None
    for snap in snapshots:
        for account in snap.accounts:
            owner = _owner(account, by_number, by_mail)
            machine = account.service is Truth.YES
            known = persons.get(owner) or Person(
                owner, account.name or account.login, machine=machine
            )
            persons[owner] = _with_account(known, account, snap.feed)


def _owner(
    account: DirectoryAccount,
    by_number: Mapping[str, Sequence[PersonId]],
    by_mail: Mapping[str, Mapping[PersonId, bool]],
) -> PersonId:
    """Return whose an account is. A number and an address that name two people name nobody: the
    number may be that of another system's worker.
    """
    alone = PersonId(f"directory:{account.login}")
    if account.service is Truth.YES:
        return alone
    mails = [fold(Identity("mail", address)).handle for address in account.emails]
    found = {person: now for mail in mails for person, now in by_mail.get(mail, {}).items()}
    numbered = by_number.get(account.worker_id, ()) if account.worker_id else ()
    if len(numbered) > 1:
        numbered = [name for name in numbered if name in found]
    if len(numbered) == 1:
        elsewhere = numbered[0] not in found and any(found.values())
        return alone if elsewhere else numbered[0]
    return next(iter(found)) if len(found) == 1 and not account.worker_id else alone


def _with_account(person: Person, account: DirectoryAccount, feed: str) -> Person:
    identities = (
        Identity("directory", account.account_id),
        Identity("login", account.login),
        *(Identity("mail", address) for address in account.emails),
        *account.identities,
    )
    spans = dict.fromkeys((row.starts_at, row.ends_at) for row in person.spells) or {
        (account.created_at, account.expires_at): None
    }
    held = {(hold.identity, hold.since, hold.until) for hold in person.holdings}
    added = tuple(
        Holding(identity, since, until, f"directory {feed}")
        for identity in dict.fromkeys(map(fold, identities))
        for since, until in spans
        if (identity, since, until) not in held
    )
    return replace(
        person, accounts=(*person.accounts, account), holdings=(*person.holdings, *added)
    )
