"""The people who have to do with the credentials at hand, drawn from the store as they are needed.

A company of hundreds of thousands is never held in memory: what was asked about once is.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from correlate.attribution import handles, resolved
from correlate.departure import standing
from correlate.identity import People, by_correction, spellings
from correlate.linking import without
from correlate.model import Identity, PersonId, Place, Reader
from correlate.policy import Credential
from correlate.ports_store import Transaction
from correlate.verdict import Access, Correction, Holding, Person, Standing, StandingState


@dataclass(frozen=True, slots=True)
class Staff:
    """Those known, where each stands at one instant, and which containers they could read.

    `gone` is the part of `access` of those who have left.
    """

    people: People
    standings: Mapping[PersonId, Standing]
    access: Mapping[Place, tuple[Access, ...]] = field(default_factory=dict)
    gone: Mapping[Place, tuple[Access, ...]] = field(default_factory=dict)

    def leavers(self) -> list[PersonId]:
        """Return who has left, sorted."""
        return sorted(
            person for person, held in self.standings.items() if held.state is StandingState.LEFT
        )


class Circle:
    """Staff that grows with every credential, place and person that is met.

    Good within the transaction it was made in; `staff` stays good after it, for what was met.
    """

    def __init__(self, tx: Transaction, now: datetime) -> None:
        self._tx, self._now = tx, now
        self._asked: set[str] = set()
        self._persons: dict[PersonId, Person] = {}
        self._held: dict[Identity, list[tuple[PersonId, Holding]]] = {}
        self._standings: dict[PersonId, Standing] = {}
        self._access: dict[Place, tuple[Access, ...]] = {}
        self._gone: dict[Place, tuple[Access, ...]] = {}
        corrections = tx.people.corrections()
        self._denied = _denied(corrections)
        self._load({one.person for one in corrections})
        said = {
            identity: [(person, hold) for person, hold in held if person in self._persons]
            for identity, held in by_correction(corrections).items()
        }
        corrected = {identity: held for identity, held in said.items() if held}
        people = People(self._persons, self._held, corrected)
        self.staff = Staff(people, self._standings, self._access, self._gone)

    def meet(self, credentials: Collection[Credential]) -> Staff:
        """Get to know all who have to do with the credentials; return all known."""
        places = {
            (place.locator.source, place.locator.container)
            for item in credentials
            for place in item.exposures
        } - self._access.keys()
        told = self._tx.access.readers(places)
        wanted = _handles(reader for readers in told.values() for reader in readers)
        for item in credentials:
            wanted |= handles(item.exposures, item.liveness or item.latest)
        self.ask(wanted)
        for place in places:
            readers = resolved(told.get(place, ()), self.staff.people)
            self._access[place] = readers
            self._gone[place] = tuple(one for one in readers if self._left(one.person))
        return self.staff

    def ask(self, wanted: Collection[str]) -> Staff:
        """Get to know everybody who ever held an identity with one of the folded handles."""
        new = set(wanted) - self._asked
        self._asked |= new
        holders = self._tx.people.holders(new)
        self._load({person for _, person in holders} - self._persons.keys())
        for identity in {identity for identity, _ in holders}:
            self._held[identity] = []
        for identity, name in sorted(holders):
            held = (hold for hold in self._holdings(name) if hold.identity == identity)
            self._held[identity] += [(name, hold) for hold in held]
        return self.staff

    def know(self, persons: Collection[PersonId]) -> Staff:
        """Get to know persons by their ids; ids of nobody are passed over."""
        self._load(set(persons) - self._persons.keys())
        return self.staff

    def handles_of(self, persons: Collection[PersonId]) -> set[str]:
        """Return the folded handles that any of the persons ever held, by feeds or by correction."""
        people = self.know(persons).people
        held = {hold.identity for one in persons for hold in self._holdings(one)}
        said = {
            identity
            for identity, holders in people.corrected.items()
            if any(person in persons for person, _ in holders)
        }
        return {identity.handle for identity in held | said}

    def everybody(self) -> Staff:
        """Get to know all there are: for what has to list them."""
        for person in self._tx.people.every_person():
            if person.id not in self._persons:
                self._take(person)
        handles = {hold.identity.handle for one in self._persons.values() for hold in one.holdings}
        return self.ask(handles)

    def _holdings(self, name: PersonId) -> Iterable[Holding]:
        person = self._persons.get(name)
        return person.holdings if person is not None else ()

    def _load(self, persons: Collection[PersonId]) -> None:
        for person in self._tx.people.persons(persons).values():
            self._take(person)

    def _take(self, person: Person) -> None:
        for identity in self._denied.get(person.id, ()):
            person = without(person, identity)
        self._persons[person.id] = person
        self._standings[person.id] = standing(person, self._now, person.left_seen_at)

    def _left(self, person: PersonId) -> bool:
        held = self._standings.get(person)
        return held is not None and held.state is StandingState.LEFT


def _denied(corrections: Iterable[Correction]) -> dict[PersonId, list[Identity]]:
    denied: dict[PersonId, list[Identity]] = {}
    for one in {(one.identity, one.person): one for one in corrections}.values():
        if not one.holds:
            denied.setdefault(one.person, []).append(one.identity)
    return denied


def _handles(readers: Iterable[Reader]) -> set[str]:
    return {one.handle for reader in readers for one in spellings(reader.identity)}
