"""The store's access verbs: who could read which container, from when to when."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby
from operator import itemgetter

from sqlalchemy import Connection, select

from connectors.store_packed import PackedReaders
from connectors.store_rows import chunks, dumped, loaded, paired, streamed, upsert
from connectors.store_schema import access
from connectors.store_texts import among
from correlate.identity import BY_NUMBER, fold
from correlate.model import Identity, Place, Reader


@dataclass(frozen=True, slots=True)
class AccessRows:
    """`AccessVerbs` over one connection."""

    connection: Connection

    def save_readers(self, place: Place, readers: Sequence[Reader], now: datetime) -> None:
        told = _told(readers)
        source, container = place
        query = select(access).where(access.c.source == source, access.c.container == container)
        known = {
            Identity(row.system, row.handle): loaded(Reader, row.data)
            for row in self.connection.execute(query)
        }
        after = {one: _continued(known.get(one), reader) for one, reader in told.items()}
        for identity, reader in known.items():
            if identity not in told and reader.until is None:
                after[identity] = replace(reader, until=now)
        rows = [
            _row(place, one, reader) for one, reader in after.items() if known.get(one) != reader
        ]
        upsert(self.connection, access, rows)

    def readers(self, places: Collection[Place]) -> Mapping[Place, tuple[Reader, ...]]:
        columns = select(access.c.source, access.c.container, access.c.data)
        found: dict[Place, list[Reader]] = defaultdict(list)
        for some in paired(access.c.source, access.c.container, places):
            for source, container, data in streamed(self.connection, columns.where(some)):
                found[source, container].append(loaded(Reader, data))
        return {place: tuple(readers) for place, readers in found.items()}

    def all_readers(self) -> Iterator[tuple[Place, tuple[Reader, ...]]]:
        for place, of in self._rows():
            yield place, tuple(loaded(Reader, row[4]) for row in of)

    def packed(self, handles: Container[str], at_once: int) -> Iterator[PackedReaders]:
        for rows in chunks(self._rows(), at_once):
            wanted = [
                (place, [row[4] for row in of if row[2] in handles or row[3] in BY_NUMBER])
                for place, of in rows
            ]
            yield PackedReaders([(place, texts) for place, texts in wanted if texts])

    def _rows(self) -> Iterator[tuple[Place, list[tuple[str, ...]]]]:
        key = (access.c.source, access.c.container)
        columns = select(*key, access.c.handle, access.c.system, access.c.data).order_by(*key)
        for place, of in groupby(streamed(self.connection, columns), key=itemgetter(0, 1)):
            yield place, list(of)

    def readable(self, handles: Collection[str]) -> set[Place]:
        found: set[Place] = set()
        columns = select(access.c.source, access.c.container).distinct()
        for chunk in chunks(handles):
            rows = self.connection.execute(columns.where(among(access.c.handle, chunk)))
            found.update((row.source, row.container) for row in rows)
        return found


def _told(readers: Sequence[Reader]) -> dict[Identity, Reader]:
    told: dict[Identity, Reader] = {}
    for reader in readers:
        folded = fold(reader.identity)
        other = told.get(folded)
        told[folded] = _continued(other, reader) if other else reader
    return told


def _continued(before: Reader | None, reader: Reader) -> Reader:
    """Return what is told now, from the earliest instant that was ever told. One who could not
    read it for a while is taken to have read on: what was seen once stays seen.
    """
    if before is None or before.since == reader.since:
        return reader
    since = (
        None
        if None in (before.since, reader.since)
        else min(at for at in (before.since, reader.since) if at is not None)
    )
    return replace(reader, since=since)


def _row(place: Place, identity: Identity, reader: Reader) -> dict[str, str]:
    return {
        "source": place[0],
        "container": place[1],
        "handle": identity.handle,
        "system": identity.system,
        "data": dumped(reader),
    }
