"""Step: the figures on leavers' credentials, from what is in the store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

from correlate.kind import Kind
from correlate.metrics import (
    Exceptions,
    Metrics,
    Outlived,
    covered,
    deadlines_kept,
    exceptions_kept,
    exposed,
    open_cases,
    rejection,
    shares,
)
from correlate.model import Coverage, KindId
from correlate.ports_store import Store, Transaction
from correlate.sla import NONE, Deadlines
from correlate.stored import RunRecord
from correlate.verdict import Case, CaseState, LedgerEntry
from jobs.exception_book import book_of
from jobs.outlived import leavers, outlived
from jobs.people import circle
from jobs.prometheus_file import write


def measure(
    store: Store,
    kinds: Mapping[KindId, Kind],
    now: datetime,
    deadlines: Deadlines = NONE,
    under_way: RunRecord | None = None,
    coverage: Sequence[Coverage] = (),
) -> Metrics:
    """Return the figures as they stand at `now`. Names nobody, and counts no leave under embargo.

    `coverage` is that of a run still `under_way`, which the store does not know yet.
    """
    with store.transaction() as tx:
        known = circle(tx, now)
        left = leavers(known)
        cases = tx.cases.cases()
        held = outlived(tx, kinds, known, cases, left)
        exceptions = exceptions_kept(book_of(tx, known, now).every())
        run = under_way or newest_run(tx)
        parts = coverage if under_way or run is None else tx.runs.coverage(run.id)
    return figures(held, cases, parts, run, len(left), now, deadlines, exceptions)


def newest_run(tx: Transaction) -> RunRecord | None:
    """Return the newest run that looked at anything."""
    return next((run for run in tx.runs.runs() if run.job in ("nightly", "leaver")), None)


def figures(
    held: Sequence[Outlived],
    cases: Sequence[Case],
    parts: Sequence[Coverage],
    run: RunRecord | None,
    left: int,
    now: datetime,
    deadlines: Deadlines,
    exceptions: Exceptions = Exceptions(),  # noqa: B008  # frozen
) -> Metrics:
    """Return the figures on what was drawn from the store: so many people have `left`."""
    return Metrics(
        made_at=now,
        run_started_at=run.started_at if run else None,
        leavers=left,
        shares=shares(held, now),
        rejection=rejection(held),
        exposed=exposed(held, now),
        deadlines=deadlines_kept(cases, deadlines, now),
        open_cases=open_cases(cases),
        accepted_risks=sum(1 for one in cases if one.state is CaseState.WAIVED),
        exceptions=exceptions,
        covered=covered(parts),
    )


def publish(store: Store, made: Metrics, path: Path) -> None:
    """Write the figures for Prometheus, once the ledger says so. Raises Unavailable."""
    with store.transaction() as tx:
        tx.runs.append(LedgerEntry(made.made_at, "export", "metrics prometheus", {}))
    write(made, path)
