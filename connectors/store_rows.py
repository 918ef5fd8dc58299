"""Reading and writing the vocabulary as rows: upserts for both engines, JSON in and out."""

from __future__ import annotations

import importlib
import re
from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from datetime import UTC, datetime
from functools import cache, lru_cache
from itertools import islice
from typing import Any, TypeVar, cast

import msgspec
from sqlalchemy import Connection, Dialect, Select, Table, and_, bindparam
from sqlalchemy.sql.elements import ColumnElement

from connectors.store_texts import among
from correlate.codec import encode
from correlate.secret import Fingerprint

T = TypeVar("T")
_STREAMED = 2000
CHUNK = 5000  # parameters a statement; SQLite takes 32,766, https://www.sqlite.org/limits.html


def dumped(value: object) -> str:
    """Return a value of the vocabulary as one JSON text that has every field of it, and instants in UTC.

    Raises TypeError for a Secret or a naive instant, as `encode` does.
    """
    made = _WRITER.encode(value)  # some ten times as fast as `encode`
    if _NOT_UTC.search(made):  # or a text that looks so: it knows
        made = msgspec.json.encode(encode(value, whole=True))
    return made.decode()


def _mapping(value: object) -> dict[Any, Any]:
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} has no serialised form")


_WRITER = msgspec.json.Encoder(enc_hook=_mapping, order="deterministic")
_NOT_UTC = re.compile(rb'T\d\d:\d\d:\d\d(?:\.\d+)?["+-]')


def loaded(kind: type[T], text: str) -> T:
    """Return the value that `dumped` made the text from. Raises ValueError for another text."""
    try:
        value: T = _reader(kind).decode(text)  # type: ignore[arg-type]  # a type can be hashed
    except msgspec.MsgspecError as error:
        raise ValueError(f"not a stored {kind.__name__}") from error
    return value


@cache
def _reader(kind: Hashable) -> msgspec.json.Decoder[Any]:
    # reading a million rows is most of a night's judgement: this is some 25 times as fast as `decode`
    return msgspec.json.Decoder(cast("type[Any]", kind))


def instant(at: datetime) -> str:
    """Return an instant as fixed-width UTC text, so that texts sort like instants."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def chunks(items: Iterable[T], size: int = CHUNK) -> Iterator[list[T]]:
    """Yield the items in lists of at most `size`."""
    walk = iter(items)
    while chunk := list(islice(walk, size)):
        yield chunk


def paired(
    first: ColumnElement[str], second: ColumnElement[str], pairs: Iterable[tuple[str, str]]
) -> Iterator[ColumnElement[bool]]:
    """Yield conditions that together hold for rows with one of the pairs in two columns, sorted.

    By the first column's value, of which there are few: SQLite finds no rows of an index by its
    second column alone, nor by a list of tuples, and would read the whole table.
    """
    grouped: dict[str, set[str]] = defaultdict(set)
    for one, other in pairs:
        grouped[one].add(other)
    for one in sorted(grouped):
        for some in chunks(sorted(grouped[one])):
            yield and_(first == one, among(second, some))


def keyed(table: Table, wanted: Iterable[Fingerprint]) -> Iterator[ColumnElement[bool]]:
    """Yield conditions that together hold for a table's rows of the fingerprints, sorted by them."""
    pairs = ((one.key_id, one.digest) for one in wanted)
    return paired(table.c.key_id, table.c.digest, pairs)


def streamed(connection: Connection, query: Select[Any]) -> Iterator[tuple[Any, ...]]:
    """Yield the rows of a query, as bare values, without holding all of them; other queries may run
    meanwhile.
    """
    if connection.dialect.name != "sqlite":
        yield from map(tuple, connection.execute(query.execution_options(yield_per=_STREAMED)))
        return
    # straight from the driver: the rows that SQLAlchemy makes take longer than all the rest
    compiled = query.compile(connection, compile_kwargs={"render_postcompile": True})
    params = compiled.params  # made anew whenever it is asked for
    given = [params[name] for name in compiled.positiontup or ()]
    with closing(connection.connection.cursor()) as cursor:
        cursor.execute(str(compiled), given)
        while rows := cursor.fetchmany(_STREAMED):
            yield from rows


def upsert(connection: Connection, table: Table, rows: Sequence[dict[str, Any]]) -> None:
    """Insert rows; where the primary key is taken, overwrite the other columns."""
    _insert(connection, table, rows, overwrite=True)


def insert_new(connection: Connection, table: Table, rows: Sequence[dict[str, Any]]) -> None:
    """Insert the rows whose primary key is free; leave the others as they are."""
    _insert(connection, table, rows, overwrite=False)


def _insert(
    connection: Connection, table: Table, rows: Sequence[dict[str, Any]], *, overwrite: bool
) -> None:
    if not rows:
        return
    text, order = _insertion(connection.dialect, table, tuple(rows[0]), overwrite)
    given = [tuple(row[name] for name in order) for row in rows] if order else list(rows)
    # straight to the driver: texts and numbers need no processing on the way
    connection.exec_driver_sql(text, given)


@lru_cache(maxsize=256)
def _insertion(
    dialect: Dialect,
    table: Table,
    names: tuple[str, ...],
    overwrite: bool,  # noqa: FBT001
) -> tuple[str, tuple[str, ...]]:
    """Return a statement for the columns named, and their order where the driver counts them."""
    # each takes its time to load, and only one is needed
    of_dialect = importlib.import_module(f"sqlalchemy.dialects.{dialect.name}")
    statement: Any = of_dialect.insert(table)
    keys = [column.name for column in table.primary_key]
    others = [column.name for column in table.columns if column.name not in keys]
    if overwrite and others:
        statement = statement.on_conflict_do_update(
            index_elements=keys, set_={name: statement.excluded[name] for name in others}
        )
    else:
        statement = statement.on_conflict_do_nothing(index_elements=keys)
    values: dict[str, Any] = {name: bindparam(name) for name in names}
    compiled = statement.values(values).compile(dialect=dialect)
    return str(compiled), tuple(compiled.positiontup or ())
