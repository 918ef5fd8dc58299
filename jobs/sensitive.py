"""What operators say of sensitive leaves: who may not be told of yet, and whose cases name nobody."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from correlate.departure import standing
from correlate.departure_log import in_force
from correlate.errors import ConfigError
from correlate.model import PersonId
from correlate.ports_store import Store, Transaction
from correlate.verdict import Embargo, LedgerEntry, Person, Restriction
from jobs.leaver import find_person
from jobs.people import circle


@dataclass(frozen=True, slots=True)
class Sealed:
    """One person under an operator's embargo."""

    person: PersonId
    name: str
    until: datetime
    by: str
    reason: str


def check_reader(readers: Collection[str], speaker: str) -> None:
    """Raise ConfigError unless `speaker` may set and see embargoes."""
    if speaker.casefold() not in {one.casefold() for one in readers}:
        raise ConfigError(
            "That is not for everybody", where="policy.embargo_readers",
            why="who asks is not listed there", fix="ask somebody who is, or add the address",
        )  # fmt: skip


def set_embargo(
    store: Store, who: str, until: datetime, by: str, reason: str, now: datetime
) -> Embargo:
    """Keep an embargo on a person's leave, stated already or yet to be; in place of any before.

    It is written into the ledger under a name of its own. Raises ConfigError for an instant that is
    past, for nobody, and for a leave that was told already: the ledger takes back nothing.
    """
    if until <= now:
        raise _no("--until", "that instant is past", "name one to come")
    _, person = find_person(store, who, now)
    said = Embargo(secrets.token_hex(12), person, until, by, reason, now)
    with store.transaction() as tx:
        if _told(tx, person, now):
            raise _no(
                who, "the leave stands in the ledger already",
                "`offkey people restrict` keeps names out of tickets and reports",
            )  # fmt: skip
        _keep(tx, said, "set")
    return said


def end_embargo(store: Store, who: str, by: str, reason: str, now: datetime) -> Embargo:
    """End a person's embargo now: the next run or poll tells of the leave. Raises ConfigError where
    no operator's is in force.
    """
    _, person = find_person(store, who, now)
    with store.transaction() as tx:
        held = _in_force(tx, now).get(person)
        if held is None:
            raise _no(who, "no operator's is in force", "`offkey people embargo` lists them")
        said = Embargo(held.reference, person, now, by, reason, now)
        _keep(tx, said, "ended")
    return said


def sealed(store: Store, by: str, now: datetime) -> list[Sealed]:
    """Return the operators' embargoes in force, by their end. The ledger says who looked."""
    with store.transaction() as tx:
        held = _in_force(tx, now)
        persons = tx.people.persons(held.keys())
        _looked(tx, "embargoes", by, now)
    rows = [
        Sealed(person, persons[person].name if person in persons else "", *_said(one))
        for person, one in held.items()
    ]
    return sorted(rows, key=lambda row: (row.until, row.person))


def opened(store: Store, who: str, by: str, now: datetime) -> PersonId:
    """Return whom a reader asks about in spite of any embargo. The ledger says first that they did."""
    _, person = find_person(store, who, now)
    with store.transaction() as tx:
        held = _in_force(tx, now).get(person)
        name = held.reference if held else tx.sensitive.references({person})[person]
        _looked(tx, name, by, now)
    return person


def restrict(
    store: Store, who: str, by: str, reason: str, now: datetime, *, holds: bool
) -> PersonId:
    """Keep that a person's cases are told in neutral words, or are no longer."""
    _, person = find_person(store, who, now)
    with store.transaction() as tx:
        tx.sensitive.save_restriction(Restriction(person, holds, by, reason, now))
        name = tx.sensitive.references({person})[person]
        tx.runs.append(LedgerEntry(now, "restriction", name, {"holds": holds, "by": by}))
    return person


def _told(tx: Transaction, person: PersonId, now: datetime) -> bool:
    """Whether a departure was recorded that an embargo would hide."""
    known = circle(tx, now, {person}).person(person)
    if known is None:
        return False
    sealed_now = replace(known, embargo_until=now + timedelta(seconds=1))
    hidden = _stated(known, now) - _stated(sealed_now, now)
    rows = tx.people.departures()
    return any(row.person == person and row.spell in hidden for row in in_force(rows))


def _stated(person: Person, now: datetime) -> set[str]:
    return {one.spell for one in standing(person, now, person.left_seen_at).stated}


def _in_force(tx: Transaction, now: datetime) -> Mapping[PersonId, Embargo]:
    newest = {one.person: one for one in tx.sensitive.embargoes()}
    return {person: one for person, one in newest.items() if one.until > now}


def _said(one: Embargo) -> tuple[datetime, str, str]:
    return one.until, one.by, one.reason


def _keep(tx: Transaction, said: Embargo, state: str) -> None:
    tx.sensitive.save_embargo(said)
    facts = {"state": state, "until": said.until.isoformat(), "by": said.by}
    tx.runs.append(LedgerEntry(said.at, "embargo", said.reference, facts))


def _looked(tx: Transaction, subject: str, by: str, now: datetime) -> None:
    tx.runs.append(LedgerEntry(now, "embargo", subject, {"state": "shown", "by": by}))


def _no(where: str, why: str, fix: str) -> ConfigError:
    return ConfigError("The embargo cannot be recorded", where=where, why=why, fix=fix)
