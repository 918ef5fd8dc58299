"""The store's people verbs: the last good snapshot of each feed, and departures as stated."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from connectors.store_rows import dumped, instant, loaded, upsert
from connectors.store_schema import correction as said
from connectors.store_schema import departure, snapshot
from correlate.model import PeopleSnapshot
from correlate.verdict import Correction, Departure


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

    def snapshots(self) -> list[PeopleSnapshot]:
        query = select(snapshot.c.data).order_by(snapshot.c.feed)
        return [loaded(PeopleSnapshot, text) for text in self.connection.scalars(query)]

    def record_departure(self, stated: Departure, now: datetime) -> bool:
        newest = self.connection.scalar(
            select(departure.c.data)
            .where(departure.c.person == stated.person, departure.c.spell == stated.spell)
            .order_by(departure.c.number.desc())
            .limit(1)
        )
        if newest is not None and loaded(Departure, newest) == stated:
            return False
        row = {
            "person": stated.person,
            "spell": stated.spell,
            "recorded_at": instant(now),
            "data": dumped(stated),
        }
        self.connection.execute(departure.insert().values(**row))
        return True

    def departures(self) -> list[tuple[Departure, datetime]]:
        query = select(departure.c.data, departure.c.recorded_at).order_by(departure.c.number)
        return [
            (loaded(Departure, row.data), datetime.fromisoformat(row.recorded_at))
            for row in self.connection.execute(query)
        ]

    def save_correction(self, correction: Correction) -> None:
        self.connection.execute(said.insert().values(data=dumped(correction)))

    def corrections(self) -> list[Correction]:
        query = select(said.c.data).order_by(said.c.number)
        return [loaded(Correction, text) for text in self.connection.scalars(query)]
