"""One pack of one leaver's token, made once, and how to make another."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from connectors.ledger_key import LedgerKey
from connectors.store_sql import SqlStore
from correlate.model import Coverage, CoverageState, Identity, LivenessState
from correlate.period import Period, parse_period
from correlate.sla import PRESETS
from correlate.stored import RunRecord
from correlate.verdict import LedgerEntry
from jobs.config import ConnectorConfig
from jobs.control_files import our_mapping
from jobs.evidence.about import About
from jobs.evidence.export import Order, export_pack
from jobs.evidence.gather import Gathered, Terms
from jobs.judge import judge_all
from jobs.ledger import seal
from tests.correlate.cast import FP, NOW, answer
from tests.jobs.stage import KINDS, PLACE, fill, fresh_store

YEAR = parse_period("2026")
LIVE = answer(LivenessState.LIVE, Identity("github", "janed"))
FEED = ConnectorConfig(
    "people", "csv", "hr", "people[0]", {"path": "hr.csv", "token": {"env": "HR_TOKEN"}}
)
TERMS = Terms(
    KINDS, (FEED,), ("tickets",), our_mapping().rows, PRESETS["fedramp-moderate"], 0.95
)  # fmt: skip
Maker = Callable[..., Gathered]


def run_of(store: SqlStore, key: LedgerKey, at: datetime, *parts: CoverageState) -> None:
    """Keep a run that examined so many parts, and seal the ledger."""
    name = f"run-{at:%Y%m%d%H%M}"
    with store.transaction() as tx:
        tx.runs.save_run(RunRecord(name, "nightly", at, at + timedelta(minutes=9), "findings"))
        rows = (Coverage("repos", f"r{n}", state) for n, state in enumerate(parts))
        tx.runs.replace_coverage(name, rows)
        tx.runs.append(
            LedgerEntry(at, "people", "hr", {"digest": "d", "workers": 2, "accounts": 0}),
            LedgerEntry(at, "answer", FP.digest[:16], {"state": "live"}),
        )
        seal(tx, key, at)


def make_pack(
    store: SqlStore,
    key: LedgerKey,
    folder: Path,
    now: datetime = NOW,
    period: Period | None = YEAR,
    who: str = "",
) -> Gathered:
    """Make a pack of what the store holds."""

    def about(told: Period, person: str, head: str) -> About:
        return About("Acme", "1", told, person, now, head, key.publics, "v", (), 0.95)

    return export_pack(store, key, TERMS, Order(folder, period, who), about, now)


@pytest.fixture
def key(tmp_path: Path) -> LedgerKey:
    return LedgerKey(tmp_path / "ledger.key")


@pytest.fixture(scope="session")
def held(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The folder of a pack that nobody may change, and the key that signed it."""
    folder = tmp_path_factory.mktemp("evidence")
    store, key = fresh_store(folder), LedgerKey(folder / "ledger.key")
    seen = replace(PLACE, first_seen_at=NOW, last_seen_at=NOW)
    fill(store, (LIVE,), places=(seen,))
    for days in (2, 1, 0):
        at = NOW - timedelta(days=days)
        judge_all(store, KINDS, at, 0)
        run_of(store, key, at, CoverageState.COMPLETE, CoverageState.COMPLETE)
    make_pack(store, key, folder / "pack")
    store.close()
    return folder / "pack", key.public


@pytest.fixture
def pack(held: tuple[Path, str], tmp_path: Path) -> tuple[Path, str]:
    """A copy of the pack, to be changed."""
    shutil.copytree(held[0], tmp_path / "pack")
    return tmp_path / "pack", held[1]
