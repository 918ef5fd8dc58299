"""The store on SQLite (default) or PostgreSQL, through SQLAlchemy Core.

SQLite runs in WAL mode with full synchronisation, and every transaction that may write takes the
write lock at once: a read that later writes would otherwise fail under a second writer.
"""

from __future__ import annotations

import importlib
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, inspect, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DatabaseError, OperationalError

from connectors.store_access import AccessRows
from connectors.store_cases import CaseRows
from connectors.store_exceptions import ExceptionRows
from connectors.store_inventory import InventoryRows
from connectors.store_ledger import LedgerRows
from connectors.store_notices import NoticeRows
from connectors.store_people import PeopleRows
from connectors.store_runs import RunRows
from connectors.store_scans import ScanRows
from connectors.store_sensitive import SensitiveRows
from connectors.store_succession import SuccessionRows
from correlate.errors import ConfigError, Unavailable
from correlate.ports import Setup
from correlate.ports_store import Transaction
from correlate.secret import Secret

NEWEST = "0014"  # the schema's version that this code reads and writes
BUSY_SECONDS = 60
_READING = "offkey_reading"  # of a connection that is not to write
# rows that are streamed come from the driver, and so do their errors
_OF_THE_PLACE = (
    DatabaseError, OperationalError, sqlite3.DatabaseError, sqlite3.OperationalError,
)  # fmt: skip
PAGE = 8192  # bytes: a row may fill a quarter before it overflows, and of SQLite's 4096 most persons did
CACHE_KB = 65_536  # SQLite's own 2 MB make a store of a million places read its index over and over


@dataclass(frozen=True, slots=True)
class Settings:
    """`url` empty: a SQLite file in the state folder. It may hold a password, so it is a Secret."""

    url: Secret | None = None


def connect(settings: Settings, setup: Setup) -> SqlStore:
    """Return a store that opens nothing until it is used."""
    url = settings.url.reveal() if settings.url else f"sqlite:///{setup.workdir / 'offkey.db'}"
    return SqlStore(url)


class SqlStore:
    """`Store` over one SQLAlchemy engine. Safe to share between threads of one process."""

    def __init__(self, url: str) -> None:
        self._url = make_url(url)
        self._engine: Engine | None = None

    def __repr__(self) -> str:
        return f"SqlStore({self._url.render_as_string(hide_password=True)!r})"

    def prepare(self) -> None:
        """Create or upgrade the schema; a SQLite file is made readable by its owner only."""
        self._make_private()
        engine = self._opened()
        with self._guarded(), engine.begin() as connection:
            present = _present(connection)
            if present == NEWEST:
                return
            # alembic takes longer to load than most commands to run, and is hardly ever needed
            upgrade = importlib.import_module("connectors.store_upgrade").upgrade
            if not upgrade(connection, present):
                raise ConfigError(
                    "The store was written by a newer offkey",
                    where=self._place(),
                    why=f"its schema is {present}",
                    fix="upgrade offkey, or point `organisation.state` at another folder",
                )

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """Open a transaction; commit at the end, roll back on any exception."""
        with self._guarded(), self._opened().begin() as connection:
            yield _verbs(connection)

    @contextmanager
    def reading(self) -> Iterator[Transaction]:
        """Open a transaction that takes no lock on a SQLite file; roll back at the end."""
        reader = self._opened().execution_options(**{_READING: True})
        with self._guarded(), reader.connect() as connection:
            yield _verbs(connection)

    def wipe(self) -> bool:
        """Rebuild a SQLite file without what was deleted, and empty its write-ahead log."""
        if self._url.get_backend_name() != "sqlite":
            return False
        with self._guarded(), closing(self._opened().raw_connection()) as connection:
            cursor = connection.cursor()
            cursor.execute("VACUUM")
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            row = cursor.fetchone()
        # its first column is 0 where nobody was in the way, https://www.sqlite.org/pragma.html
        return row is not None and row[0] == 0

    def close(self) -> None:
        """Release every connection."""
        if self._engine is not None:
            self._engine.dispose()
            self._engine = None

    @contextmanager
    def _guarded(self) -> Iterator[None]:
        try:
            yield
        except (DatabaseError, sqlite3.DatabaseError) as error:
            if type(error) not in _OF_THE_PLACE:
                raise  # a fault of ours
            raise Unavailable(
                "The store cannot be used",
                where=self._place(),
                why=str(getattr(error, "orig", error))[:200],
                fix="check that the disk has room and that no other process holds it, then rerun",
            ) from None

    def _place(self) -> str:
        return self._url.render_as_string(hide_password=True)

    def _make_private(self) -> None:
        if self._url.get_backend_name() != "sqlite" or not self._url.database:
            return
        path = Path(self._url.database)
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        path.chmod(0o600)

    def _opened(self) -> Engine:
        if self._engine is None:
            self._engine = create_engine(self._url)
            if self._engine.dialect.name == "sqlite":
                event.listen(self._engine, "connect", _tune_sqlite)
                event.listen(self._engine, "begin", _begin)
        return self._engine


def _verbs(connection: Connection) -> Transaction:
    return Transaction(
        ScanRows(connection),
        PeopleRows(connection),
        CaseRows(connection),
        RunRows(connection),
        InventoryRows(connection),
        AccessRows(connection),
        SuccessionRows(connection),
        SensitiveRows(connection),
        NoticeRows(connection),
        ExceptionRows(connection),
        LedgerRows(connection),
    )


def _present(connection: Connection) -> str | None:
    """Return the version of the schema that is there, None where there is none."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found = connection.scalar(text("select version_num from alembic_version"))
    return str(found) if found else None


def _tune_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves
    for pragma in (
        f"page_size={PAGE}",  # of a new file: one that is there keeps its own
        "journal_mode=WAL",
        "synchronous=FULL",
        f"busy_timeout={BUSY_SECONDS * 1000}",
        f"cache_size=-{CACHE_KB}",
        "foreign_keys=ON",
        "secure_delete=ON",  # what is forgotten is overwritten
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Any) -> None:
    reads = connection.get_execution_options().get(_READING)
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")
