"""The store's run verbs: the lock, runs, coverage, and adding to the ledger."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, select

from connectors.store_ledger import LedgerRows
from connectors.store_rows import dumped, instant, loaded, upsert
from connectors.store_schema import coverage, lease, run
from correlate.model import Coverage
from correlate.stored import RunRecord
from correlate.verdict import LedgerEntry


@dataclass(frozen=True, slots=True)
class RunRows:
    """`RunVerbs` over one connection."""

    connection: Connection

    def acquire(self, name: str, holder: str, now: datetime, until: datetime) -> bool:
        held = self.connection.execute(select(lease).where(lease.c.name == name)).one_or_none()
        if held is not None and held.holder != holder and held.until > now.timestamp():
            return False
        row = {"name": name, "holder": holder, "until": until.timestamp()}
        upsert(self.connection, lease, [row])
        return True

    def release(self, name: str, holder: str) -> None:
        self.connection.execute(delete(lease).where(lease.c.name == name, lease.c.holder == holder))

    def save_run(self, record: RunRecord) -> None:
        row = {
            "id": record.id,
            "job": record.job,
            "started_at": instant(record.started_at),
            "data": dumped(record),
        }
        upsert(self.connection, run, [row])

    def runs(self, job: str = "", limit: int = 50) -> list[RunRecord]:
        query = select(run.c.data).order_by(run.c.started_at.desc(), run.c.id).limit(limit)
        if job:
            query = query.where(run.c.job == job)
        return [loaded(RunRecord, text) for text in self.connection.scalars(query)]

    def replace_coverage(self, run_id: str, parts: Iterable[Coverage]) -> None:
        self.connection.execute(delete(coverage).where(coverage.c.run == run_id))
        rows = [
            {
                "run": run_id,
                "source": part.source,
                "container": part.container,
                "data": dumped(part),
            }
            for part in parts
        ]
        upsert(self.connection, coverage, rows)

    def coverage(self, run_id: str) -> list[Coverage]:
        query = select(coverage.c.data).where(coverage.c.run == run_id)
        ordered = query.order_by(coverage.c.source, coverage.c.container)
        return [loaded(Coverage, text) for text in self.connection.scalars(ordered)]

    def append(self, *entries: LedgerEntry) -> None:
        LedgerRows(self.connection).append(entries)

    def ledger(self) -> Iterator[str]:
        return (text for _, text in LedgerRows(self.connection).entries())
