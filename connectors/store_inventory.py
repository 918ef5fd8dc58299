"""The store's inventory verbs: issuers' own lists as they were last seen."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, select

from connectors.store_rows import dumped, loaded, upsert
from connectors.store_schema import inventory_row
from correlate.listed import Listed


@dataclass(frozen=True, slots=True)
class InventoryRows:
    """`InventoryVerbs` over one connection."""

    connection: Connection

    def save_listed(self, rows: Iterable[Listed]) -> None:
        made = {
            (one.row.source, one.row.container, one.row.row_id): {
                "source": one.row.source,
                "container": one.row.container,
                "row_id": one.row.row_id,
                "data": dumped(one),
            }
            for one in rows
        }
        upsert(self.connection, inventory_row, list(made.values()))

    def listed(self, source: str = "") -> list[Listed]:
        table = inventory_row.c
        query = select(table.data).order_by(table.source, table.container, table.row_id)
        if source:
            query = query.where(table.source == source)
        return [loaded(Listed, text) for text in self.connection.scalars(query)]
