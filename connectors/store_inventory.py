"""The store's inventory verbs: issuers' own lists as they were last seen."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, select

from connectors.store_found import index_listed
from connectors.store_rows import chunks, dumped, loaded, upsert
from connectors.store_schema import inventory_row
from correlate.listed import Listed
from correlate.secret import Fingerprint


@dataclass(frozen=True, slots=True)
class InventoryRows:
    """`InventoryVerbs` over one connection."""

    connection: Connection

    def save_listed(self, rows: Iterable[Listed]) -> None:
        made = {(one.row.source, one.row.container, one.row.row_id): one for one in rows}
        upsert(
            self.connection,
            inventory_row,
            [
                {
                    "source": source,
                    "container": container,
                    "row_id": number,
                    "key_id": one.fingerprint.key_id,
                    "digest": one.fingerprint.digest,
                    "data": dumped(one),
                }
                for (source, container, number), one in made.items()
            ],
        )
        index_listed(self.connection, made.values())

    def listed(self, source: str = "", only: Collection[Fingerprint] | None = None) -> list[Listed]:
        table = inventory_row.c
        query = select(table.data).order_by(table.source, table.container, table.row_id)
        if source:
            query = query.where(table.source == source)
        if only is None:
            return [loaded(Listed, text) for text in self.connection.scalars(query)]
        found = []
        for chunk in chunks([one.digest for one in only]):
            wanted = query.where(table.digest.in_(chunk))
            found += [loaded(Listed, text) for text in self.connection.scalars(wanted)]
        return found
