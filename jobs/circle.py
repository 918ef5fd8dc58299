"""The people who have to do with the credentials at hand, drawn from the store as they are needed.

A company of hundreds of thousands is never held in memory: what was asked about once is.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from sys import intern

from correlate.attribution import asked_about, resolved
from correlate.departure import standing
from correlate.embargo import lifted, readable
from correlate.identity import People, by_correction, denied, fold, handles
from correlate.linking import without
from correlate.model import Identity, PersonId, Place, WorkerId
from correlate.policy import Credential
from correlate.ports_store import Transaction
from correlate.succession import Succession, successions
from correlate.verdict import Access, Holding, Person, Standing, StandingState


@dataclass(frozen=True, slots=True)
class Staff:
    """Those known, where each stands at one instant, and which containers they could read.

    `gone` is the part of `access` of those who have left.
    """

    people: People
    standings: Mapping[PersonId, Standing]
    access: Mapping[Place, tuple[Access, ...]] = field(default_factory=dict)
    gone: Mapping[Place, tuple[Access, ...]] = field(default_factory=dict)

    def sensitive(self, person: PersonId | None) -> bool:
        """Return whether somebody known is named nowhere."""
        found = self.people.persons.get(person) if person is not None else None
        return found is not None and found.sensitive

    def leavers(self) -> list[PersonId]:
        """Return who has left, sorted."""
        return sorted(
            person for person, held in self.standings.items() if held.state is StandingState.LEFT
        )


def of_the_gone(
    readers: Iterable[Access], standings: Mapping[PersonId, Standing]
) -> tuple[Access, ...]:
    """Return the part of who could read a container that is of those who have left."""
    return tuple(
        one
        for one in readers
        if (held := standings.get(one.person)) is not None and held.state is StandingState.LEFT
    )


class _Holders:
    """Who held what, of very many: texts and times that many have in common are kept once."""

    def __init__(self, held: dict[Identity, list[tuple[PersonId, Holding]]]) -> None:
        self._held = held
        self._times: dict[datetime | None, datetime | None] = {}

    def add(self, person: Person) -> None:
        for one in map(self._small, person.holdings):
            if one.identity in self._held:
                self._held[one.identity].append((person.id, one))
            else:
                self._held[one.identity] = [(person.id, one)]  # a list of one is of one's size

    def _small(self, one: Holding) -> Holding:
        return Holding(
            Identity(intern(one.identity.system), one.identity.handle),
            self._times.setdefault(one.since, one.since),
            self._times.setdefault(one.until, one.until),
            intern(one.source),
        )


class Circle:
    """Staff that grows with every credential, place and person that is met.

    Good within the transaction it was made in; `staff` stays good after it, for what was met. Of
    those `opened` no embargo is kept.
    """

    def __init__(
        self, tx: Transaction, now: datetime, opened: Collection[PersonId] = frozenset()
    ) -> None:
        self._tx, self._now, self._opened = tx, now, opened
        self._asked: set[str] = set()
        self._all = False
        self._persons: dict[PersonId, Person] = {}
        self._held: dict[Identity, list[tuple[PersonId, Holding]]] = {}
        self._standings: dict[PersonId, Standing] = {}
        self._access: dict[Place, tuple[Access, ...]] = {}
        self._gone: dict[Place, tuple[Access, ...]] = {}
        corrections = tx.people.corrections()
        self._denied = denied(corrections)
        self._load({one.person for one in corrections})
        people = People(self._persons, self._held, by_correction(corrections, self._persons))
        self.staff = Staff(people, self._standings, self._access, self._gone)

    def meet(self, credentials: Collection[Credential]) -> Staff:
        """Get to know all who have to do with the credentials; return all known."""
        if self._all:
            return self.staff
        places = {
            (place.locator.source, place.locator.container)
            for item in credentials
            for place in item.exposures
        } - self._access.keys()
        told = self._tx.access.readers(places)
        wanted = {reader.identity for readers in told.values() for reader in readers}
        for item in credentials:
            wanted |= asked_about(item.exposures, item.liveness or item.latest)
        self.ask(handles(wanted))
        for place in places:
            readers = resolved(told.get(place, ()), self.staff.people)
            self._access[place] = readers
            self._gone[place] = of_the_gone(readers, self._standings)
        return self.staff

    def ask(self, wanted: Collection[str]) -> Staff:
        """Get to know everybody who ever held an identity with one of the folded handles."""
        if self._all:
            return self.staff
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

    def standings(self) -> Iterator[tuple[PersonId, Standing]]:
        """Yield where each of all there are stands, without getting to know them."""
        for person in self._tx.people.every_person():
            yield person.id, standing(person, self._now, person.left_seen_at)

    def successions(self) -> Mapping[PersonId, Succession]:
        """Return who was asked to inherit from whom; both are known then."""
        steps = self._tx.successions.steps()
        self.know({one for step in steps for one in (step.person, step.successor)})
        return successions(steps, self._standings)

    def person(self, name: PersonId) -> Person | None:
        """Return a person, who is known then (`correlate.managers.Roll`)."""
        return self.know({name}).people.persons.get(name)

    def standing(self, name: PersonId) -> Standing | None:
        """Return where a person stands, who is known then."""
        return self.know({name}).standings.get(name)

    def of_worker(self, worker: WorkerId) -> PersonId | None:
        """Return who is meant by a manager's worker id: persons name theirs by the person's id."""
        return PersonId(worker) if self.person(PersonId(worker)) is not None else None

    def of_account(self, account: str) -> PersonId | None:
        """Return who has a directory's account, by its immutable id."""
        identity = fold(Identity("directory", account))
        held = self.ask({identity.handle}).people.held.get(identity, ())
        names = {name for name, _ in held}
        return names.pop() if len(names) == 1 else None

    def everybody(self, *, lean: bool = False) -> Staff:
        """Get to know all there are, for what is about most of them. Of the readers of containers
        only those who have left are known then. `lean`: where they stand and what they held, and
        of persons only those known before, the machines and the sensitive, so that two processes
        have room for it.
        """
        self._held.clear()
        self.staff.people.sole.clear()
        holders = _Holders(self._held)
        for person in self._tx.people.every_person():
            new = person.id not in self._persons
            if new:
                self._take(person)
            holders.add(self._persons[person.id])
            if lean and new and not (person.machine or person.sensitive):
                del self._persons[person.id]
        gone = set(self.staff.leavers())
        for place, readers in self._tx.access.all_readers():
            self._gone[place] = resolved(readers, self.staff.people, gone)
        self._all = True
        return self.staff

    def _holdings(self, name: PersonId) -> Iterable[Holding]:
        person = self._persons.get(name)
        return person.holdings if person is not None else ()

    def _load(self, persons: Collection[PersonId]) -> None:
        if self._all or not persons:
            return
        for person in self._tx.people.persons(persons).values():
            self._take(person)

    def _take(self, person: Person) -> None:
        if person.id in self._opened:
            person = lifted(person)
        if person.id in self._denied:
            person = without(person, self._denied[person.id])
        self._persons[person.id] = readable(person, self._now)
        self._standings[person.id] = standing(person, self._now, person.left_seen_at)
