"""The store's sensitive verbs: embargoes, restrictions, and the references that stand for people."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection, Table, select

from connectors.store_forget import erase
from connectors.store_rows import chunks, dumped, insert_new, loaded, streamed
from connectors.store_schema import embargo, reference, restriction
from connectors.store_standings import forget_standings
from connectors.store_texts import among
from correlate.forgetting import PREFIX, Eraser, is_reference
from correlate.model import PersonId
from correlate.verdict import Embargo, Named, Person, Restriction


@dataclass(frozen=True, slots=True)
class SensitiveRows:
    """`SensitiveVerbs` over one connection."""

    connection: Connection

    def save_embargo(self, said: Embargo) -> None:
        self._append(embargo, said)

    def embargoes(self) -> list[Embargo]:
        query = select(embargo.c.data).order_by(embargo.c.number)
        return [loaded(Embargo, text) for text in self.connection.scalars(query)]

    def save_restriction(self, said: Restriction) -> None:
        self._append(restriction, said)

    def restrictions(self) -> list[Restriction]:
        query = select(restriction.c.data).order_by(restriction.c.number)
        return [loaded(Restriction, text) for text in self.connection.scalars(query)]

    def references(self, names: Collection[str]) -> Mapping[str, str]:
        found = {name: name for name in names if is_reference(name)}
        fresh = [
            {"name": name, "value": PREFIX + secrets.token_hex(12)}
            for name in set(names) - found.keys()
        ]
        for chunk in chunks(fresh, 2000):
            insert_new(self.connection, reference, chunk)
            named = among(reference.c.name, [row["name"] for row in chunk])
            query = select(reference.c.name, reference.c.value).where(named)
            found.update(streamed(self.connection, query))
        return found

    def forget(self, people: Sequence[Named]) -> None:
        erase(self.connection, Eraser(people))

    def _append(self, table: Table, said: Embargo | Restriction) -> None:
        self.connection.execute(table.insert().values(person=said.person, data=dumped(said)))
        forget_standings(self.connection, [said.person])


@dataclass(frozen=True, slots=True)
class Words:
    """What operators last said of some persons: until when an embargo is, and whether restricted."""

    until: Mapping[PersonId, datetime]
    restricted: Collection[PersonId]

    def on(self, person: Person) -> Person:
        """Return the person with what was said of them."""
        if person.id not in self.until and person.id not in self.restricted:
            return person
        return replace(
            person,
            embargo_until=self.until.get(person.id),
            restricted=person.id in self.restricted,
        )


def words(connection: Connection) -> Words:
    """Return what operators last said of anybody."""
    rows = SensitiveRows(connection)
    holds = {one.person: one.holds for one in rows.restrictions()}
    until = {one.person: one.until for one in rows.embargoes()}
    return Words(until, {person for person, restricted in holds.items() if restricted})
