"""Forgetting one person on request: what stands in the way, what would go, and doing it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from correlate.departure import standing
from correlate.errors import ConfigError
from correlate.forgetting import Eraser, folded, named, names_of, unlinked, without_them
from correlate.memory import listed_by
from correlate.model import CaseKey, Identity, PersonId
from correlate.ports_store import Store, Transaction
from correlate.verdict import Case, LedgerEntry, Named, Person, StandingState
from jobs.leaver import find_person
from jobs.people import make_persons


@dataclass(frozen=True, slots=True)
class Forgetting:
    """What forgetting a person comes to. `refusals` say why it cannot be done now; `acted` counts the
    ledger's entries on what they did themselves under one of their addresses, which stay.
    """

    person: PersonId
    refusals: tuple[str, ...]
    cases: tuple[CaseKey, ...]
    tickets: tuple[str, ...]
    watches: int
    identities: int
    shared: int
    acted: int


@dataclass(frozen=True, slots=True)
class Listing:
    """By which numbers live feeds list people, each with the feed."""

    workers: Mapping[str, str]
    accounts: Mapping[str, str]

    def feeds(self, person: Person) -> set[str]:
        """Return the live feeds that may still list a person. Feeds that number alike count too."""
        rows = {self.workers.get(str(row.worker_id), "") for row in person.spells}
        rows |= {self.accounts.get(one.account_id, "") for one in person.accounts}
        return rows - {""}


def look(store: Store, sinks: Iterable[str], who: str, now: datetime) -> Forgetting:
    """Return what forgetting somebody would come to; nothing is changed."""
    _, person = find_person(store, who, now)
    with store.transaction() as tx:
        return _look(tx, sinks, tx.people.persons({person})[person], now)


def forget(
    store: Store, sinks: Iterable[str], who: str, by: str, reason: str, now: datetime
) -> Forgetting:
    """Forget somebody in the store for good; the ledger keeps a reference that leads to nobody.

    Raises ConfigError for what stands in the way, and for a reason that names them.
    """
    _, person = find_person(store, who, now)
    with store.transaction() as tx:
        known = tx.people.persons({person})[person]
        found = _look(tx, sinks, known, now)
        if found.refusals:
            raise _no(
                "; ".join(found.refusals), "see to it first; without --yes nothing is changed"
            )
        (about,) = names_in(tx, [known]).values()
        if Eraser([about]).text(reason) != reason:
            raise _no("the reason names them", "give one that does not; it stays in the ledger")
        erase(tx, [known], now, {"by": by, "reason": reason})
    return found


def erase(
    tx: Transaction, persons: Sequence[Person], now: datetime, facts: Mapping[str, object]
) -> None:
    """Forget persons whom no live feed lists. Their cases, which have ended, stay under a reference."""
    names = tx.sensitive.references({one.id for one in persons})
    about = names_in(tx, persons)
    for taken in tx.people.snapshots():
        if listed_by(taken.feed) != taken.feed:
            kept = without_them(taken, persons)
            if kept != taken:
                tx.people.save_snapshot(kept)
    held = [one for one in tx.cases.cases() if one.person in names]
    tx.cases.save_cases(unlinked(one, names[one.person]) for one in held if one.person)
    tx.runs.append(*(LedgerEntry(now, "forgotten", names[one.id], facts) for one in persons))
    tx.sensitive.forget(tuple(about.values()))


def names_in(tx: Transaction, persons: Sequence[Person]) -> dict[PersonId, Named]:
    """Return by what each of these is known and nobody else."""
    ids = {one.id for one in persons}
    said = {one: _held(tx, one) for one in persons}
    handles = {identity.handle for held in said.values() for identity in held}
    others = {identity for identity, holder in tx.people.holders(handles) if holder not in ids}
    wanted = {folded(name) for one in persons for name in names_of(one)}
    theirs = {
        folded(name)
        for other in tx.people.every_person()
        if other.id not in ids
        for name in names_of(other)
    }
    names = tx.sensitive.references(ids)
    return {
        one.id: named(one, said[one], names[one.id], others, wanted & theirs) for one in persons
    }


def listing(tx: Transaction) -> Listing:
    """Return whom the live feeds list."""
    workers: dict[str, str] = {}
    accounts: dict[str, str] = {}
    for taken in tx.people.snapshots():
        if listed_by(taken.feed) == taken.feed:
            workers |= {str(row.worker_id): taken.feed for row in taken.workers}
            accounts |= {one.account_id: taken.feed for one in taken.accounts}
    return Listing(workers, accounts)


def rests_on(tx: Transaction, persons: Collection[PersonId]) -> set[PersonId]:
    """Return those of whom others of the same number in other feeds have their ids: these would take
    on the forgotten one's.
    """
    feeds = {listed_by(taken.feed) for taken in tx.people.snapshots()}
    beside = {PersonId(f"{feed}/{one}"): one for feed in feeds for one in persons}
    return {beside[one] for one in tx.people.persons(beside.keys())}


def under_legal_hold(person: Person) -> bool:
    """Whether a feed states that what there is on a person has to be kept."""
    return any(row.legal_hold for row in person.spells)


def _look(tx: Transaction, sinks: Iterable[str], person: Person, now: datetime) -> Forgetting:
    make_persons(tx, now)
    held = [one for one in tx.cases.cases() if one.person == person.id]
    keys = {one.key for one in held}
    (about,) = names_in(tx, [person]).values()
    tickets = sorted(
        made.ref.key
        for sink in sinks
        for key, made in tx.cases.deliveries(sink).items()
        if key in keys and made.ref is not None
    )
    mails = {one.handle for one in about.identities if one.system == "mail"}
    return Forgetting(
        person.id,
        tuple(_refusals(tx, person, held, now)),
        tuple(sorted(keys)),
        tuple(tickets),
        sum(1 for one in tx.cases.watches() if one.person == person.id),
        len(about.identities),
        len(_held(tx, person) - about.identities),
        sum(1 for text in tx.runs.ledger() if any(f'"by":"{mail}"' in text for mail in mails)),
    )


def _refusals(
    tx: Transaction, person: Person, held: Iterable[Case], now: datetime
) -> Iterator[str]:
    feeds = listing(tx).feeds(person)
    # who left under an embargo has not left yet
    state = standing(person, now, person.left_seen_at).state
    if feeds:
        yield f"listed still by {', '.join(sorted(feeds))}: the next reading would bring them back"
    elif state not in (StandingState.LEFT, StandingState.SUSPECTED):
        yield "not known to have left"
    yield from (f"case {one.key} is {one.state.value}" for one in held if not one.state.ended)
    if under_legal_hold(person):
        yield "a legal hold stands"
    if rests_on(tx, {person.id}):
        yield "another feed numbers somebody alike, whose id rests on theirs"


def _held(tx: Transaction, person: Person) -> frozenset[Identity]:
    said = {
        one.identity for one in tx.people.corrections() if one.person == person.id and one.holds
    }
    return frozenset({hold.identity for hold in person.holdings} | said)


def _no(why: str, fix: str) -> ConfigError:
    return ConfigError("Nobody is forgotten", where="offkey people forget", why=why, fix=fix)
