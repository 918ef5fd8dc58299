"""Forgetting people in every table: rows that are theirs go, those that name them name a reference."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator

from sqlalchemy import Connection, Row, Table, and_, delete, select, tuple_, update

from connectors.store_rows import chunks, loaded
from connectors.store_schema import (
    absence,
    access,
    answer,
    case,
    correction,
    departure,
    embargo,
    exception_step,
    exposure,
    holding,
    inventory_row,
    mention,
    person,
    reference,
    restriction,
    snapshot,
    standing,
    succession_step,
    watch,
)
from correlate.forgetting import Eraser
from correlate.memory import listed_by
from correlate.model import Identity
from correlate.verdict import Absence, Correction, SuccessionStep

_AT_ONCE = 500
_NAMING = (
    exposure, answer, inventory_row, access, case, watch, correction, succession_step, exception_step,
)  # fmt: skip


def erase(connection: Connection, eraser: Eraser) -> None:
    """Do what `SensitiveVerbs.forget` promises."""
    ids = {str(one.person) for one in eraser.people}
    identities = {identity for one in eraser.people for identity in one.identities}
    _delete_rows(connection, ids)
    _delete_names(connection, ids, identities)
    _delete_words(connection, ids, identities)
    for table in _NAMING:
        _rewrite(connection, table, eraser)
    _rewrite_memories(connection, eraser)


def _delete_rows(connection: Connection, ids: Collection[str]) -> None:
    for table in (departure, embargo, restriction, holding, standing):
        for chunk in chunks(ids):
            connection.execute(delete(table).where(table.c.person.in_(chunk)))
    for chunk in chunks(ids):
        connection.execute(delete(person).where(person.c.id.in_(chunk)))


def _delete_names(
    connection: Connection, ids: Collection[str], identities: Collection[Identity]
) -> None:
    pairs = [(one.handle, one.system) for one in identities]
    handles = {one.handle for one in identities}
    for some in chunks(pairs, 1000):
        at = tuple_(access.c.handle, access.c.system).in_(some)
        connection.execute(delete(access).where(at))
    for chunk in chunks(handles):
        others = select(holding.c.handle).where(holding.c.handle.in_(chunk))
        gone = set(chunk) - set(connection.scalars(others))  # alike in another system
        connection.execute(delete(mention).where(mention.c.handle.in_(gone)))
    for names in chunks({*ids, *map(str, identities)}):
        connection.execute(delete(reference).where(reference.c.name.in_(names)))


def _delete_words(
    connection: Connection, ids: Collection[str], identities: Collection[Identity]
) -> None:
    """Of what people said, that which is about them."""
    gone = {
        correction: [
            row.number
            for row in connection.execute(select(correction)).all()
            if (said := loaded(Correction, row.data)).person in ids or said.identity in identities
        ],
        succession_step: [
            row.number
            for row in connection.execute(select(succession_step)).all()
            if loaded(SuccessionStep, row.data).person in ids
        ],
        absence: [
            row.number
            for row in connection.execute(select(absence)).all()
            if loaded(Absence, row.data).person in ids
        ],
    }
    for table, numbers in gone.items():
        for chunk in chunks(numbers):
            connection.execute(delete(table).where(table.c.number.in_(chunk)))


def _rewrite(connection: Connection, table: Table, eraser: Eraser) -> None:
    keys = list(table.primary_key)
    for row in _rows(connection, table):
        before = json.loads(row.data)
        after = eraser.plain(before)
        if after == before:
            continue
        values = {"data": json.dumps(after, sort_keys=True, ensure_ascii=False)}
        if table is case and row.person:
            values["person"] = eraser.number(row.person)
        at = and_(*(key == getattr(row, key.name) for key in keys))
        connection.execute(update(table).where(at).values(values))


def _rows(connection: Connection, table: Table) -> Iterator[Row[tuple[object, ...]]]:
    """Yield every row, some at a time: rows are rewritten meanwhile."""
    keys = list(table.primary_key)
    query = select(table).order_by(*keys).limit(_AT_ONCE)
    last: tuple[object, ...] | None = None
    while True:
        found = query if last is None else query.where(tuple_(*keys) > last)
        page = connection.execute(found).all()
        if not page:
            return
        yield from page
        last = tuple(getattr(page[-1], key.name) for key in keys)


def _rewrite_memories(connection: Connection, eraser: Eraser) -> None:
    """A memory's rows may name a manager; what a live feed says is its own."""
    for feed in connection.scalars(select(snapshot.c.feed)).all():
        if listed_by(feed) != feed:
            text = connection.scalar(select(snapshot.c.data).where(snapshot.c.feed == feed))
            after = json.dumps(
                eraser.plain(json.loads(text or "{}")), sort_keys=True, ensure_ascii=False
            )
            connection.execute(update(snapshot).where(snapshot.c.feed == feed).values(data=after))
