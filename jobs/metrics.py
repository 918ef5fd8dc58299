"""Step: the figures on leavers' credentials, from what is in the store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from correlate.kind import Kind
from correlate.metrics import (
    Metrics,
    Outlived,
    covered,
    deadlines_kept,
    exposed,
    open_cases,
    rejection,
    shares,
)
from correlate.model import Coverage, KindId
from correlate.ports_store import RunRecord, Store, Transaction
from correlate.sla import NONE, Deadlines
from correlate.verdict import Case, CaseState
from jobs.outlived import leavers, outlived
from jobs.people import circle


def measure(
    store: Store, kinds: Mapping[KindId, Kind], now: datetime, deadlines: Deadlines = NONE
) -> Metrics:
    """Return the figures as they stand at `now`. Names nobody, and counts no leave under embargo."""
    with store.transaction() as tx:
        known = circle(tx, now)
        left = leavers(known)
        cases = tx.cases.cases()
        held = outlived(tx, kinds, known, cases, left)
        run = newest_run(tx)
        parts = tx.runs.coverage(run.id) if run else []
    return figures(held, cases, parts, run, len(left), now, deadlines)


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
        exceptions=None,
        covered=covered(parts),
    )
