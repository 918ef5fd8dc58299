"""What the steps' tests stand on: a real store on disk, one credential, and hands that never wait."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

from connectors import store_sql
from connectors.store_sql import SqlStore
from correlate.kind import Kind, Survival, Verification
from correlate.model import Exposure, KindId, Liveness, PeopleSnapshot
from correlate.policy import Credential
from correlate.ports import Setup
from correlate.ports_store import Transaction
from correlate.verdict import Case
from jobs.credentials import all_credentials
from tests.correlate.cast import FP, NOW, author, exposure, snapshot, worker

KIND = Kind(
    KindId("kind"), "issuer", "Some token", "x", ("x",), "source", "x",
    verification=Verification("http", "https://issuer.example", "doc", proof_gap_seconds=600),
    survival=Survival("survives"),
)  # fmt: skip
KINDS = {KIND.id: KIND}
LEAVER = worker("1", "jane@x.example", login="janed", end="2026-06-30")
COLLEAGUE = worker("2", "omar@x.example")
PLACE = exposure(author("jane@x.example", "2025-02-01"))


def fresh_store(folder: Path) -> SqlStore:
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / "offkey.db").exists():
        (folder / "offkey.db").write_bytes(_empty_store())
    store = store_sql.connect(store_sql.Settings(), Setup("store", folder))
    store.prepare()
    return store


@cache
def _empty_store() -> bytes:
    """Return the file of a store with nothing in it: the way through all schemas is gone once."""
    with tempfile.TemporaryDirectory() as folder:
        store = store_sql.connect(store_sql.Settings(), Setup("store", Path(folder)))
        store.prepare()
        store.close()
        return (Path(folder) / "offkey.db").read_bytes()


def fill(
    store: SqlStore,
    answers: tuple[Liveness, ...] = (),
    people: PeopleSnapshot | None = None,
    places: tuple[Exposure, ...] = (PLACE,),
) -> None:
    with store.transaction() as tx:
        tx.people.save_snapshot(people or snapshot(LEAVER, COLLEAGUE))
        tx.scans.save_exposures(places, NOW)
        for said in answers:
            tx.scans.save_answer(FP, KIND.id, said)


def everything(tx: Transaction) -> list[Credential]:
    """Return all credentials of our kinds, the absorbed ones too."""
    return [item for chunk in all_credentials(tx, KINDS) for item in chunk]


def unabsorbed(tx: Transaction) -> list[Credential]:
    return [item for item in everything(tx) if not item.absorbed]


def cases(store: SqlStore) -> list[Case]:
    with store.transaction() as tx:
        return tx.cases.cases()


def ledger(store: SqlStore) -> list[str]:
    with store.transaction() as tx:
        return list(tx.runs.ledger())


@dataclass(slots=True)
class Time:
    """A clock that moves when somebody waits."""

    at: datetime = NOW
    waits: list[float] = field(default_factory=list)

    def now(self) -> datetime:
        return self.at

    def wait(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.at += timedelta(seconds=seconds)
