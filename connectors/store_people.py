"""The store's people verbs: the last good snapshot of each feed, the persons, departures as stated."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, func, or_, select
from sqlalchemy.sql.elements import ColumnElement

from connectors.store_holders import HeldRows, held_rows
from connectors.store_packed import PackedPersons
from connectors.store_rows import chunks, dumped, insert_new, instant, loaded, streamed, upsert
from connectors.store_schema import access, departure, holding, mark, mention, person, snapshot
from connectors.store_schema import correction as said
from connectors.store_sensitive import words
from connectors.store_standings import forget_standings, is_unkept, keep_standings, standings
from connectors.store_texts import among
from correlate.identity import NUMBERED
from correlate.linking import RULES
from correlate.model import Identity, PeopleSnapshot, PersonId
from correlate.stored import Holders
from correlate.verdict import Correction, Departure, Person, Standing

_PERSONS = "persons"
_AT_ONCE = 2000  # persons written or read in one go


@dataclass(frozen=True, slots=True)
class PeopleRows:
    """`PeopleVerbs` over one connection."""

    connection: Connection

    def last_snapshot(self, feed: str) -> PeopleSnapshot | None:
        text = self.connection.scalar(select(snapshot.c.data).where(snapshot.c.feed == feed))
        return loaded(PeopleSnapshot, text) if text else None

    def save_snapshot(self, taken: PeopleSnapshot) -> None:
        row = {"feed": taken.feed, "taken_at": instant(taken.taken_at), "data": dumped(taken)}
        upsert(self.connection, snapshot, [row])
        self.connection.execute(delete(mark).where(mark.c.name == _PERSONS))

    def snapshots(self) -> list[PeopleSnapshot]:
        query = select(snapshot.c.data).order_by(snapshot.c.feed)
        return [loaded(PeopleSnapshot, text) for text in self.connection.scalars(query)]

    def persons_current(self) -> bool:
        query = select(mark.c.value).where(mark.c.name == _PERSONS)
        return self.connection.scalar(query) == RULES

    def save_persons(self, persons: Iterable[Person]) -> None:
        known = set(self.connection.scalars(select(person.c.id)))
        for chunk in chunks(persons, _AT_ONCE):
            self._save(chunk)
            known.difference_update(one.id for one in chunk)
        self._settle(known)

    def change_persons(self, persons: Iterable[Person], gone: Collection[PersonId]) -> None:
        for chunk in chunks(persons, _AT_ONCE):
            self._save(chunk)
        self._settle(gone)

    def _settle(self, gone: Iterable[PersonId]) -> None:
        """Take out who is no more, and note that all others are as the snapshots have it."""
        for some in chunks(gone):
            self.connection.execute(delete(holding).where(among(holding.c.person, some)))
            self.connection.execute(delete(person).where(among(person.c.id, some)))
            forget_standings(self.connection, some)
        upsert(self.connection, mark, [{"name": _PERSONS, "value": RULES}])

    def _save(self, persons: Collection[Person]) -> None:
        texts = {one.id: dumped(one) for one in persons}
        query = select(person.c.id, person.c.data).where(among(person.c.id, texts))
        for name, text in streamed(self.connection, query):
            if texts[name] == text:
                del texts[name]  # to write it again would take far longer
        changed, ids = [one for one in persons if one.id in texts], list(texts)
        rows = [{"id": name, "data": text} for name, text in texts.items()]
        upsert(self.connection, person, rows)
        forget_standings(self.connection, ids)
        self.connection.execute(delete(holding).where(among(holding.c.person, ids)))
        names = ("handle", "system", "person", "times")
        held = sorted(row for one in changed for row in held_rows(one))  # as they will lie
        insert_new(self.connection, holding, [dict(zip(names, row, strict=True)) for row in held])

    def persons(self, only: Collection[PersonId]) -> dict[PersonId, Person]:
        found: dict[PersonId, Person] = {}
        said = words(self.connection)
        for chunk in chunks(only):
            query = select(person.c.data).where(among(person.c.id, chunk))
            for text in self.connection.scalars(query):
                one = said.on(loaded(Person, text))
                found[one.id] = one
        return found

    def every_person(self) -> Iterator[Person]:
        said = words(self.connection)
        return (said.on(loaded(Person, text)) for text in self._texts())

    def packed(self, at_once: int, unkept_at: datetime | None = None) -> Iterator[PackedPersons]:
        said = words(self.connection)
        those = () if unkept_at is None else (is_unkept(unkept_at),)
        return (PackedPersons(chunk, said) for chunk in chunks(self._texts(*those), at_once))

    def standings(self, now: datetime) -> Mapping[PersonId, Standing]:
        return standings(self.connection, now)

    def keep_standings(
        self, some: Iterable[tuple[PersonId, Standing, datetime]], now: datetime
    ) -> None:
        keep_standings(self.connection, some, now)

    def _texts(self, *those: ColumnElement[bool]) -> Iterator[str]:
        query = select(person.c.data).where(*those).order_by(person.c.id)
        return (text for (text,) in streamed(self.connection, query))

    def named_holders(self) -> Holders:
        key = (holding.c.handle, holding.c.system, holding.c.person)
        query = select(*key, holding.c.times).where(_is_named()).order_by(*key)
        held = HeldRows(streamed(self.connection, query))
        return Holders(held, held.handles_of)

    def how_many_persons(self) -> int:
        return self.connection.scalar(select(func.count()).select_from(person)) or 0

    def holders(self, handles: Collection[str]) -> list[tuple[Identity, PersonId]]:
        found: list[tuple[Identity, PersonId]] = []
        for chunk in chunks(handles):
            query = select(holding).where(among(holding.c.handle, chunk))
            found += [
                (Identity(row.system, row.handle), PersonId(row.person))
                for row in self.connection.execute(query)
            ]
        return found

    def record_departures(self, stated: Iterable[Departure], now: datetime) -> list[Departure]:
        added: list[Departure] = []
        for chunk in chunks(stated, _AT_ONCE):
            known = self._newest({one.person for one in chunk})
            new = [one for one in chunk if known.get((one.person, one.spell)) != one]
            rows = [
                {
                    "person": one.person,
                    "spell": one.spell,
                    "recorded_at": instant(now),
                    "data": dumped(one),
                }
                for one in new
            ]
            if rows:
                self.connection.execute(departure.insert(), rows)
            added += new
        return added

    def _newest(self, persons: Collection[PersonId]) -> dict[tuple[PersonId, str], Departure]:
        return {(one.person, one.spell): one for one, _ in self.departures(persons)}

    def departures(
        self, only: Collection[PersonId] | None = None
    ) -> list[tuple[Departure, datetime]]:
        query = select(departure.c.data, departure.c.recorded_at).order_by(departure.c.number)
        some = [query]
        if only is not None:
            some = [query.where(among(departure.c.person, chunk)) for chunk in chunks(only)]
        return [
            (loaded(Departure, text), datetime.fromisoformat(recorded_at))
            for one in some
            for text, recorded_at in streamed(self.connection, one)
        ]

    def save_correction(self, correction: Correction) -> None:
        self.connection.execute(said.insert().values(data=dumped(correction)))

    def corrections(self) -> list[Correction]:
        query = select(said.c.data).order_by(said.c.number)
        return [loaded(Correction, text) for text in self.connection.scalars(query)]


def _is_named() -> ColumnElement[bool]:
    """Whether a credential or a reader names a holding's identity. Of a reader the login is a column,
    and not the account's number that its address may give too.
    """
    named = (select(table).where(table.c.handle == holding.c.handle) for table in (mention, access))
    return or_(*(one.exists() for one in named), holding.c.system.in_(NUMBERED))
