"""The store's case verbs: cases, deliveries to ticket systems, and watches."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, delete, select

from connectors.store_packed import PackedCases
from connectors.store_rows import chunks, dumped, keyed, loaded, streamed, upsert
from connectors.store_schema import case, delivery, watch
from correlate.model import CaseKey
from correlate.secret import Fingerprint
from correlate.stored import Delivery
from correlate.verdict import Case, Watch


@dataclass(frozen=True, slots=True)
class CaseRows:
    """`CaseVerbs` over one connection."""

    connection: Connection

    def cases(self) -> list[Case]:
        query = select(case.c.data).order_by(case.c.key)
        return [loaded(Case, text) for (text,) in streamed(self.connection, query)]

    def packed(self, only: Collection[Fingerprint]) -> PackedCases:
        query = select(case.c.data).order_by(case.c.key)
        found = (streamed(self.connection, query.where(some)) for some in keyed(case, only))
        return PackedCases([text for rows in found for (text,) in rows])

    def in_cases(self) -> set[Fingerprint]:
        query = select(case.c.key_id, case.c.digest).distinct()
        return {Fingerprint(*row) for row in streamed(self.connection, query)}

    def save_case(self, held: Case) -> None:
        self.save_cases([held])

    def save_cases(self, cases: Iterable[Case]) -> None:
        for chunk in chunks(cases, 1000):
            upsert(self.connection, case, [_row(held) for held in chunk])

    def deliveries(self, sink: str) -> Mapping[CaseKey, Delivery]:
        query = select(delivery.c.data).where(delivery.c.sink == sink)
        made = [loaded(Delivery, text) for text in self.connection.scalars(query)]
        return {row.key: row for row in made}

    def save_delivery(self, made: Delivery) -> None:
        row = {"sink": made.sink, "key": made.key, "data": dumped(made)}
        upsert(self.connection, delivery, [row])

    def drop_delivery(self, sink: str, key: CaseKey) -> None:
        self.connection.execute(
            delete(delivery).where(delivery.c.sink == sink, delivery.c.key == key)
        )

    def replace_watches(self, watches: Iterable[Watch]) -> None:
        self.connection.execute(delete(watch))
        rows = [{"data": dumped(item)} for item in watches]
        if rows:
            self.connection.execute(watch.insert(), rows)

    def watches(self) -> list[Watch]:
        query = select(watch.c.data).order_by(watch.c.number)
        return [loaded(Watch, text) for text in self.connection.scalars(query)]


def _row(held: Case) -> dict[str, str | None]:
    return {
        "key": held.key,
        "key_id": held.fingerprint.key_id,
        "digest": held.fingerprint.digest,
        "state": held.state.value,
        "person": held.person,
        "data": dumped(held),
    }
