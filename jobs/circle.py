"""The people who have to do with the credentials at hand, drawn from the store as they are needed.

A company of hundreds of thousands is never held in memory: what was asked about once is.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from itertools import islice
from operator import itemgetter
from typing import NamedTuple

from correlate.attribution import asked_about, resolved
from correlate.departure import standing
from correlate.embargo import lifted, readable, was_sealed
from correlate.identity import People, by_correction, denied, fold, handles, index
from correlate.linking import without
from correlate.model import Identity, PersonId, Place, Reader, WorkerId
from correlate.policy import Credential
from correlate.ports_store import Transaction
from correlate.standstill import stands_until
from correlate.stored import Holders, Packed
from correlate.succession import Succession, successions
from correlate.verdict import Access, Held, Holding, Person, Standing, StandingState
from jobs.beside import HANDED_OVER, shared

_AT_ONCE = 2000  # persons looked at in one go
_CONTAINERS = 250  # ... and containers


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


class _Corrected(Mapping[Identity, Sequence[tuple[PersonId, Holding]]]):
    """`Held` with some of its entries replaced."""

    def __init__(
        self, held: Held, instead: Mapping[Identity, Sequence[tuple[PersonId, Holding]]]
    ) -> None:
        self._held, self._instead = held, instead

    def __getitem__(self, identity: Identity) -> Sequence[tuple[PersonId, Holding]]:
        return self._instead[identity] if identity in self._instead else self._held[identity]

    def __iter__(self) -> Iterator[Identity]:
        return iter(self._held)

    def __len__(self) -> int:
        return len(self._held)


class _Looked(NamedTuple):
    """What a look at some of all persons came to: where they stand, and until when, those `known` from
    then on, and those who were under embargo.
    """

    standings: Sequence[tuple[PersonId, Standing, datetime]]
    known: Sequence[Person]
    sealed: Sequence[PersonId]


def _resolved(
    people: People, only: Collection[PersonId], some: Packed[tuple[Place, tuple[Reader, ...]]]
) -> list[tuple[Place, tuple[Access, ...]]]:
    return [(place, resolved(readers, people, only)) for place, readers in some.unpack()]


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
        self._of_leavers: set[str] = set()
        self._looked: list[tuple[PersonId, Standing, datetime]] = []
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
        for person in self._every_person():
            yield person.id, standing(person, self._now, person.left_seen_at)

    def handles_of_leavers(self) -> set[str]:
        """Return the folded handles of all who have left: good once everybody is known."""
        return self._of_leavers

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

    def everybody(self) -> Staff:
        """Get to know all there are, for what is about most of them. Of the readers of containers
        only those who have left are known then.
        """
        self._held.clear()
        self.staff.people.met.clear()
        self._held.update(index(self._everyone()))
        self._meet_gone(self.handles_of, both=False)
        return self.staff

    def _everyone(self) -> Iterator[Person]:
        """Yield all there are by their ids; each is known then."""
        for person in self._tx.people.every_person():
            if person.id not in self._persons:
                self._take(person)
            yield self._persons[person.id]

    def everybody_lean(self, at_once: int, *, both: bool) -> Staff:
        """Get to know of all there are where they stand and what they held; of persons only those known
        before, the machines and the sensitive. Of the readers of containers only those who have left
        are known then. Of whom it is not kept where they stand is looked at, `at_once` in one go; if
        `both`, by a second process, too.
        """
        altered = set(self._denied)
        holders: list[Holders] = []
        self._looked = [(one, held, self._now) for one, held in self._standings.items()]
        self._standings.update(self._tx.people.standings(self._now))
        for seen in shared(self._look, self._packs(at_once, holders), alone=not both):
            self._looked += seen.standings
            self._persons.update((one.id, one) for one in seen.known)
            altered.update(seen.sealed)
        self._standings.update((one, held) for one, held, _ in self._looked)
        ((held, handles_of),) = holders
        people = replace(self.staff.people, held=self._as_readable(held, altered), met={})
        self.staff = replace(self.staff, people=people)
        self._meet_gone(handles_of, both=both)
        return self.staff

    def looked_at(self) -> Sequence[tuple[PersonId, Standing, datetime]]:
        """Return where those stand of whom it was not kept, and until when: good once everybody is
        known. Of whom it may not be kept that is now.
        """
        return self._looked

    def _packs(self, at_once: int, holders: list[Holders]) -> Iterator[Packed[Person]]:
        """Yield the persons to look at. Who held what is read on the way: while a second process looks
        at the first of them, we have the time.
        """
        packs = self._tx.people.packed(at_once, unkept_at=self._now)
        yield from islice(packs, 2 * HANDED_OVER)
        holders.append(self._tx.people.named_holders())
        yield from packs

    def _look(self, some: Packed[Person]) -> _Looked:
        """Return what is to be known of persons without what they held."""
        standings: list[tuple[PersonId, Standing, datetime]] = []
        known: list[Person] = []
        sealed: list[PersonId] = []
        for person in some.unpack():
            hidden = was_sealed(person)
            if hidden:
                sealed.append(person.id)
            if person.id in self._persons:
                continue
            one = self._corrected(person)
            special, seen_at = one.machine or one.sensitive, one.left_seen_at
            plain = not (special or hidden)
            until = stands_until(one, self._now, seen_at) if plain else self._now
            standings.append((one.id, standing(one, self._now, seen_at), until))
            if special:
                known.append(readable(one, self._now))
        return _Looked(standings, known, sealed)

    def _meet_gone(self, handles_of: Callable[[set[PersonId]], set[str]], *, both: bool) -> None:
        """Get to know which containers those who have left could read, by the handles they had."""
        people = self.staff.people
        gone = {one for one, held in self._standings.items() if held.state is StandingState.LEFT}
        handles = handles_of(gone)
        corrected = people.corrected.items()
        handles |= {who.handle for who, held in corrected if any(one in gone for one, _ in held)}
        self._of_leavers = handles
        packs = self._tx.access.packed(handles, _CONTAINERS)
        for some in shared(partial(_resolved, people, gone), packs, alone=not both):
            self._gone.update(some)
        self._all = True

    def _as_readable(self, held: Held, altered: Collection[PersonId]) -> Held:
        """Return who held what, with what those altered held as it may be read."""
        instead: dict[Identity, list[tuple[PersonId, Holding]]] = {}
        for name, person in sorted(self._tx.people.persons(altered).items()):
            kept = readable(self._corrected(person), self._now).holdings
            for identity in {hold.identity for hold in person.holdings}:
                if identity not in held:
                    continue  # nothing names it
                others = instead[identity] if identity in instead else held[identity]
                mine = [(name, one) for one in kept if one.identity == identity]
                instead[identity] = sorted(
                    [*(pair for pair in others if pair[0] != name), *mine], key=itemgetter(0)
                )
        return _Corrected(held, instead) if instead else held

    def _every_person(self) -> Iterator[Person]:
        for some in self._tx.people.packed(_AT_ONCE):
            yield from some.unpack()

    def _holdings(self, name: PersonId) -> Iterable[Holding]:
        person = self._persons.get(name)
        return person.holdings if person is not None else ()

    def _load(self, persons: Collection[PersonId]) -> None:
        if self._all or not persons:
            return
        for person in self._tx.people.persons(persons).values():
            self._take(person)

    def _take(self, person: Person) -> None:
        person = self._corrected(person)
        self._persons[person.id] = readable(person, self._now)
        self._standings[person.id] = standing(person, self._now, person.left_seen_at)

    def _corrected(self, person: Person) -> Person:
        if person.id in self._opened:
            person = lifted(person)
        if person.id in self._denied:
            person = without(person, self._denied[person.id])
        return person
