"""A million entries added to the ledger, proofs out of it, and checking it whole.

The floor is the bare insertion of the same rows, in as many transactions.
"""

from __future__ import annotations

import os
import random
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from connectors import store_sql
from correlate.evidence import leaf_of
from correlate.ledger_check import check
from correlate.merkle import includes, prove_inclusion, root_at
from correlate.ports import Setup
from correlate.ports_store import Store
from correlate.verdict import LedgerEntry

ENTRIES = 1_000_000
_AT_ONCE = 1000  # entries in a transaction: a night commits after every unit
_PROOFS, _COLD = 1000, 100
_NOW = datetime(2026, 11, 30, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Spread:
    """Milliseconds: the median, the 99th of a hundred, and the worst."""

    median: float
    p99: float
    worst: float


@dataclass(frozen=True, slots=True)
class Proofs:
    """What a proof of a random entry takes, read from the store, made and verified: by the clock, and of
    the processor's time, which others on the machine do not lengthen.
    """

    wall: Spread
    cpu: Spread


@dataclass(frozen=True, slots=True)
class Ledger:
    """Seconds for all `entries`, and proofs out of them: from a store that was read before (`warm`), and
    each from one that was just opened, its file out of the system's memory where that can be asked (`cold`).
    """

    entries: int
    append_s: float
    append_cpu_s: float
    floor_s: float
    warm: Proofs
    cold: Proofs
    check_s: float


def measure_ledger(work: Path, entries: int = ENTRIES) -> Ledger:
    """Return what a new ledger of this many entries costs."""
    folder = work / "ledger"
    with closing(_store(folder)) as store:
        store.prepare()
        began, worked = time.perf_counter(), time.process_time()
        for first in range(0, entries, _AT_ONCE):
            with store.transaction() as tx:
                tx.runs.append(*map(_entry, range(first, min(first + _AT_ONCE, entries))))
        append, append_cpu = time.perf_counter() - began, time.process_time() - worked
        began = time.perf_counter()
        with store.transaction() as tx:
            held = check(tx.ledger.entries(), tx.ledger.nodes(), ()).holds
        checked = time.perf_counter() - began
        if not held:
            raise RuntimeError("the ledger that was measured does not hold")
        floor = _floor(folder)
        places = list(_places(entries))
        _spent(store, entries, places)
        warm = _spent(store, entries, places)
    cold = [one for place in places[:_COLD] for one in _cold(folder, entries, place)]
    return Ledger(entries, append, append_cpu, floor, _proofs(warm), _proofs(cold), checked)


def _store(folder: Path) -> Store:
    return store_sql.connect(store_sql.Settings(), Setup("store", folder))


def _entry(number: int) -> LedgerEntry:
    facts = {"state": "dead", "host": "api.example.com", "method": "GET", "status": 401}
    return LedgerEntry(_NOW, "answer", f"{number:016x}", facts)


def _places(entries: int) -> Iterator[int]:
    draw = random.Random(1)  # noqa: S311  # places to look at
    for _ in range(min(_PROOFS, entries)):
        yield draw.randrange(entries)


def _spent(store: Store, entries: int, places: Sequence[int]) -> list[tuple[float, float]]:
    """Prove the entries at these places; return the milliseconds of each, by the clock and worked."""
    took = []
    for place in places:
        began, worked = time.perf_counter(), time.process_time()
        with store.transaction() as tx:
            root, text = root_at(entries, tx.ledger.hashes), tx.ledger.entry(place + 1) or ""
            proof = prove_inclusion(place, entries, tx.ledger.hashes)
        if not includes(root, entries, leaf_of(text), place, proof):
            raise RuntimeError("a proof does not hold")
        spent = time.perf_counter() - began, time.process_time() - worked
        took.append((spent[0] * 1000, spent[1] * 1000))
    return took


def _cold(folder: Path, entries: int, place: int) -> list[tuple[float, float]]:
    with closing(_store(folder)) as store:
        with store.transaction():
            pass  # a connection is opened before the clock is started
        if hasattr(os, "posix_fadvise"):
            with (folder / "offkey.db").open("rb") as file:
                os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
        return _spent(store, entries, [place])


def _proofs(took: Sequence[tuple[float, float]]) -> Proofs:
    wall, cpu = zip(*took, strict=True)
    return Proofs(_spread(wall), _spread(cpu))


def _spread(took: Sequence[float]) -> Spread:
    ordered = sorted(took)
    return Spread(ordered[len(took) // 2], ordered[(len(took) - 1) * 99 // 100], ordered[-1])


def _floor(folder: Path) -> float:
    """Copy the rows into a file of their own, and return how long the writing took."""
    took = 0.0
    with (
        closing(sqlite3.connect(folder / "offkey.db")) as full,
        closing(sqlite3.connect(folder / "floor.db", isolation_level=None)) as bare,
    ):
        bare.execute("PRAGMA journal_mode=WAL")
        bare.execute("PRAGMA synchronous=FULL")
        bare.execute("CREATE TABLE ledger (number INTEGER PRIMARY KEY, text TEXT)")
        bare.execute("CREATE TABLE node (rank INTEGER PRIMARY KEY, hash TEXT)")
        texts = full.execute("SELECT number, text FROM ledger ORDER BY number")
        nodes = full.execute("SELECT rank, hash FROM ledger_node ORDER BY rank")
        while some := texts.fetchmany(_AT_ONCE):
            made = nodes.fetchmany(2 * _AT_ONCE)
            began = time.perf_counter()
            bare.execute("BEGIN IMMEDIATE")
            bare.executemany("INSERT INTO ledger VALUES (?, ?)", some)
            bare.executemany("INSERT INTO node VALUES (?, ?)", made)
            bare.execute("COMMIT")
            took += time.perf_counter() - began
    return took
