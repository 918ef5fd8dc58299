"""What people say of whose an identity is: kept for good, above all that feeds say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from correlate.errors import ConfigError
from correlate.identity import Link, Match, fold
from correlate.model import Identity, PersonId
from correlate.ports_store import Store
from correlate.verdict import Correction, Holding, LedgerEntry, Person, Standing
from jobs.people import circle

_NOW = {
    Match.HELD: "{}'s now, says the {}",
    Match.OUTSIDE: "nobody's now; it was only ever {}'s, says the {}, who is meant by it",
    Match.NONE: "nobody's that we know",
    Match.AMBIGUOUS: "more than one person's, so it names nobody",
    Match.BOT: "a machine's by its form, so it names nobody",
}


@dataclass(frozen=True, slots=True)
class Explained:
    """Whose an identity is now and was, by whose word: `holders` by feeds, `corrections` by people.
    `names` are those of all it was ever tied to.
    """

    identity: Identity
    now: Link
    names: Mapping[PersonId, str]
    holders: tuple[tuple[PersonId, Holding], ...]
    corrections: tuple[Correction, ...]


@dataclass(frozen=True, slots=True)
class Somebody:
    """All that is known of who one person is."""

    person: Person
    standing: Standing
    corrections: tuple[Correction, ...]


def identity_of(text: str) -> Identity:
    """Return the identity that people write as SYSTEM:HANDLE, or as an address.

    Raises ConfigError for a text that is neither.
    """
    system, colon, handle = text.partition(":")
    if not colon and "@" in text:
        system, handle = "mail", text
    if not system or not handle:
        raise ConfigError(
            "That is no identity", where=text, why="it has no system, and is no address",
            fix="write SYSTEM:HANDLE, as in mail:jane@example.com, github:jane or login:jdoe",
        )  # fmt: skip
    return fold(Identity(system, handle))


def correct(store: Store, said: Correction) -> None:
    """Keep a correction and write it into the ledger.

    Raises ConfigError for a person nobody knows, and for a period that ends before it begins.
    """
    with store.transaction() as tx:
        known = circle(tx, said.at).know({said.person}).people
        problem = _problem(said, known.persons.get(said.person))
        if problem:
            raise ConfigError(
                "The correction says nothing that can be", where=said.identity.handle, why=problem,
                fix="see what is known with `offkey people explain`",
            )  # fmt: skip
        tx.people.save_correction(said)
        named = str(said.identity)
        names = tx.sensitive.references({said.person, named})
        facts = {
            "identity": names[named],
            "holds": said.holds,
            "since": said.since.isoformat() if said.since else None,
            "until": said.until.isoformat() if said.until else None,
            "by": said.by,
            "reason": said.reason,
        }
        tx.runs.append(LedgerEntry(said.at, "correction", names[said.person], facts))


def _problem(said: Correction, person: Person | None) -> str:
    if person is None:
        return f"nobody is known by the id {said.person}"
    if said.since and said.until and said.until < said.since:
        return "it ends before it begins"
    return ""


def explain(store: Store, identity: Identity, now: datetime) -> Explained:
    """Return whose an identity is and was, and why."""
    with store.transaction() as tx:
        people = circle(tx, now).ask({identity.handle}).people
        corrections = tx.people.corrections()
    about = tuple(one for one in corrections if one.identity == identity)
    holders = tuple(people.held.get(identity, ()))
    tied = {person for person, _ in holders} | {one.person for one in about}
    names = {one: people.persons[one].name for one in tied if one in people.persons}
    return Explained(identity, people.who(identity, now), names, holders, about)


def somebody(store: Store, person: PersonId, now: datetime) -> Somebody:
    """Return all that is known of who a person is. Raises KeyError for one nobody knows."""
    with store.transaction() as tx:
        known, corrections = circle(tx, now).know({person}), tx.people.corrections()
    about = tuple(one for one in corrections if one.person == person)
    return Somebody(known.people.persons[person], known.standings[person], about)


def told(found: Explained) -> Iterator[str]:
    """Yield an explanation as lines of text."""
    named = _person(found, found.now.person) if found.now.person else ""
    said = _NOW[found.now.match].format(named, found.now.source)
    yield f"{found.identity}: {said}"
    for person, hold in found.holders:
        yield f"  {_person(found, person)}  {_period(hold.since, hold.until)}  {hold.source}"
    yield from _corrections(found.corrections)


def _person(found: Explained, person: PersonId) -> str:
    return f"{found.names.get(person, 'somebody')} ({person})"


def told_of(found: Somebody) -> Iterator[str]:
    """Yield what is known of a person as lines of text."""
    person, standing = found.person, found.standing
    yield f"{person.name} ({person.id}): {standing.state.value.replace('_', ' ')}"
    for spell in person.spells:
        yield f"  works     {_period(spell.starts_at, spell.ends_at)}  {spell.employment.value}"
    for account in person.accounts:
        enabled = {"yes": "enabled", "no": "disabled"}.get(account.enabled.value, "state not told")
        yield f"  account   {account.login}  {'deleted' if account.deleted else enabled}"
    for hold in person.holdings:
        yield f"  holds     {hold.identity}  {_period(hold.since, hold.until)}  {hold.source}"
    yield from (f"  note      {note}" for note in standing.notes)
    yield from _corrections(found.corrections)


def _corrections(corrections: tuple[Correction, ...]) -> Iterator[str]:
    for one in corrections:
        verb = "is" if one.holds else "is not"
        period = f" {_period(one.since, one.until)}" if one.since or one.until else ""
        yield f"  corrected {one.identity} {verb} {one.person}'s{period}: {one.reason} ({one.by}, {one.at:%Y-%m-%d})"


def _period(since: datetime | None, until: datetime | None) -> str:
    first = f"{since:%Y-%m-%d}" if since else "always"
    return f"{first} to {f'{until:%Y-%m-%d}' if until else 'now'}"
