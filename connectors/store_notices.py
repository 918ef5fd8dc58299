"""The store's verbs on notices: what was told of cases, by outlet."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, select

from connectors.store_rows import chunks, dumped, loaded, upsert
from connectors.store_schema import told
from correlate.notice import Told


@dataclass(frozen=True, slots=True)
class NoticeRows:
    """`NoticeVerbs` over one connection."""

    connection: Connection

    def told(self, outlet: str) -> list[Told]:
        query = select(told.c.data).where(told.c.outlet == outlet).order_by(told.c.id)
        return [loaded(Told, text) for text in self.connection.scalars(query)]

    def save_told(self, rows: Iterable[Told]) -> None:
        for chunk in chunks(rows, 1000):
            upsert(
                self.connection, told,
                [{"outlet": row.outlet, "id": row.id, "data": dumped(row)} for row in chunk],
            )  # fmt: skip
