"""A million entries added to the ledger, proofs out of it, and checking it whole.

The floor is the bare insertion of the same rows, in as many transactions.
"""

from __future__ import annotations

import random
import sqlite3
import statistics
import time
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
_PROOFS = 1000
_NOW = datetime(2026, 11, 30, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Ledger:
    """Seconds for all `entries`. `proof_ms` is the median of a thousand proofs, each read from the store,
    made and verified, and `slowest_ms` the slowest of them.
    """

    entries: int
    append_s: float
    floor_s: float
    proof_ms: float
    slowest_ms: float
    check_s: float


def measure_ledger(work: Path, entries: int = ENTRIES) -> Ledger:
    """Return what a new ledger of this many entries costs."""
    folder = work / "ledger"
    store = store_sql.connect(store_sql.Settings(), Setup("store", folder))
    store.prepare()
    with closing(store):
        began = time.perf_counter()
        for first in range(0, entries, _AT_ONCE):
            with store.transaction() as tx:
                tx.runs.append(*map(_entry, range(first, min(first + _AT_ONCE, entries))))
        append = time.perf_counter() - began
        began = time.perf_counter()
        with store.transaction() as tx:
            held = check(tx.ledger.entries(), tx.ledger.nodes(), ()).holds
        checked = time.perf_counter() - began
        if not held:
            raise RuntimeError("the ledger that was measured does not hold")
        proofs = _proofs(store, entries)
        median = statistics.median(proofs)
        return Ledger(entries, append, _floor(folder), median, max(proofs), checked)


def _entry(number: int) -> LedgerEntry:
    facts = {"state": "dead", "host": "api.example.com", "method": "GET", "status": 401}
    return LedgerEntry(_NOW, "answer", f"{number:016x}", facts)


def _proofs(store: Store, entries: int) -> list[float]:
    draw = random.Random(1)  # noqa: S311  # places to look at
    took = []
    for _ in range(min(_PROOFS, entries)):
        place = draw.randrange(entries)
        began = time.perf_counter()
        with store.transaction() as tx:
            root, text = root_at(entries, tx.ledger.hashes), tx.ledger.entry(place + 1) or ""
            proof = prove_inclusion(place, entries, tx.ledger.hashes)
        if not includes(root, entries, leaf_of(text), place, proof):
            raise RuntimeError("a proof does not hold")
        took.append((time.perf_counter() - began) * 1000)
    return took


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
