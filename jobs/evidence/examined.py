"""What was examined in a period: the runs, what they left out, and the feeds that named the leavers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from correlate.model import Coverage, CoverageState
from correlate.period import Period
from correlate.ports_store import Transaction
from correlate.stored import RunRecord
from jobs.config import ConnectorConfig

ALL = 1_000_000
_REFERRED = frozenset({"env", "file", "cmd"})  # how a configuration refers to a secret


@dataclass(frozen=True, slots=True)
class Examined:
    """The `runs` of a period, and their coverage `rows`: of the last run each, of others what was not
    complete. `planned` and `whole` count the parts of all of them.
    """

    runs: tuple[dict[str, Any], ...]
    rows: tuple[dict[str, Any], ...]
    planned: int
    whole: int


def examined_in(tx: Transaction, period: Period) -> Examined:
    """Return what the runs that began in a period examined."""
    held = [run for run in tx.runs.runs(limit=ALL) if period.has(run.started_at)]
    runs, rows, all_states = [], [], Counter[CoverageState]()
    for run in reversed(held):
        parts = tx.runs.coverage(run.id)
        states = Counter(part.state for part in parts)
        all_states += states
        runs.append(_run(run, states))
        last = run is held[0]
        rows += [
            {"run": run.id, "at": run.started_at.isoformat(), **_part(part)}
            for part in parts
            if last or part.state is not CoverageState.COMPLETE
        ]
    whole = all_states[CoverageState.COMPLETE]
    return Examined(tuple(runs), tuple(rows), sum(all_states.values()), whole)


def _run(run: RunRecord, states: Mapping[CoverageState, int]) -> dict[str, Any]:
    return {
        "run": run.id,
        "job": run.job,
        "started_at": run.started_at.isoformat(),
        "finished_at": run.finished_at.isoformat() if run.finished_at else None,
        "outcome": run.outcome or "did not end",
        "parts": {state.value: number for state, number in sorted(states.items())},
    }


def feed_rows(
    configured: Iterable[ConnectorConfig],
    entries: Sequence[tuple[int, Mapping[str, Any]]],
    period: Period,
    now: datetime,
) -> list[dict[str, Any]]:
    """Return one record per reading of a feed that was believed, and one per feed that was read never,
    with what it is asked for and the longest time without a reading in the period, as far as it has
    passed (hours).

    `entries` are the ledger's on feeds, by number.
    """
    rows: list[dict[str, Any]] = []
    asked = {item.name: item for item in configured}
    named = sorted({str(entry["subject"]) for _, entry in entries} | asked.keys())
    for feed in named:
        read = [(number, entry) for number, entry in entries if entry["subject"] == feed]
        told = {
            "feed": feed,
            "type": asked[feed].type if feed in asked else "no longer configured",
            "query": _query(asked[feed].table) if feed in asked else {},
            "longest_gap_hours": _longest([_at(entry) for _, entry in read], period, now),
        }
        rows += [
            {
                **told,
                "read_at": entry["at"],
                **dict(entry["data"]),
                "ledger_entries": [number],
                "ledger_says": dict(entry),
            }
            for number, entry in read
        ] or [{**told, "read_at": None, "ledger_entries": []}]
    return rows


def _query(table: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a feed is asked for, as configured. Secrets are referred to there, not written."""
    return {
        name: "(a secret)" if isinstance(value, Mapping) and _REFERRED & value.keys() else value
        for name, value in sorted(table.items())
    }


def _longest(read: Sequence[datetime], period: Period, now: datetime) -> float:
    marks = [period.start, *sorted(read), max(period.start, min(period.end, now))]
    gaps = (later - earlier for earlier, later in pairwise(marks))
    return round(max(gaps, default=timedelta()) / timedelta(hours=1), 1)


def _at(entry: Mapping[str, Any]) -> datetime:
    return datetime.fromisoformat(str(entry["at"]))


def _part(part: Coverage) -> dict[str, Any]:
    return {
        "source": part.source,
        "container": part.container,
        "state": part.state.value,
        "items": part.items,
        "bytes": part.bytes,
        "skipped": part.skipped,
        "reason": part.reason,
    }
