"""The report tells what the store holds, and what it could not look at."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from connectors.store_sql import SqlStore
from correlate.model import Coverage, CoverageState, Identity, LivenessState
from correlate.stored import RunRecord
from jobs.judge import judge_all
from jobs.report_data import collect
from jobs.report_rows import Report
from tests.correlate.cast import NOW, answer, author, exposure
from tests.jobs.stage import KINDS, fill, fresh_store

LIVE = answer(LivenessState.LIVE, Identity("github", "janed"))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    made = fresh_store(tmp_path)
    yield made
    made.close()


def report(store: SqlStore, minutes: int = 0) -> Report:
    return collect(store, KINDS, "Ours", ["tickets"], NOW + timedelta(minutes=minutes))


def ran(store: SqlStore, *states: CoverageState) -> None:
    with store.transaction() as tx:
        tx.runs.save_run(RunRecord("run", "nightly", NOW, NOW, "findings"))
        parts = [Coverage("s", str(number), state) for number, state in enumerate(states)]
        tx.runs.replace_coverage("run", parts)


def test_an_empty_store_is_neither_clean_nor_complete(store: SqlStore) -> None:
    made = report(store)
    assert (made.run_outcome, made.complete, made.live_share, made.cases) == (
        "never run",
        False,
        None,
        (),
    )


@pytest.mark.parametrize(
    ("states", "complete"),
    [
        ([CoverageState.COMPLETE], True),
        ([CoverageState.COMPLETE, CoverageState.INCOMPLETE], False),
        ([CoverageState.FAILED], False),
        ([], False),
    ],
)
def test_complete_is_what_was_examined_whole(
    store: SqlStore, states: list[CoverageState], complete: bool
) -> None:
    ran(store, *states)
    assert report(store).complete is complete


def test_a_leaver_their_case_and_how_long_it_lived_on(store: SqlStore) -> None:
    fill(store, (LIVE,))
    judge_all(store, KINDS, NOW, 0)
    made = report(store)
    (case,), (row,), (line,) = made.cases, made.leavers, made.lifelines
    assert (case.kind, case.person, case.paths) == ("F1", "1", ("payments:a.py",))
    assert (row.live, row.dead, row.cases, made.live_share) == (1, 0, 1, 1.0)
    assert (line.state, line.ended_at, line.left_at) == ("live", None, row.left_at)
    assert made.open_cases() == (case,)


def test_a_rejection_ends_the_line_where_it_was_first_seen(store: SqlStore) -> None:
    fill(store, (LIVE,))
    judge_all(store, KINDS, NOW, 0)
    for minutes in (5, 20):
        dead = replace(LIVE, state=LivenessState.DEAD, at=NOW + timedelta(minutes=minutes))
        fill(store, (dead,))
        judge_all(store, KINDS, NOW + timedelta(minutes=minutes), 0)
    made = report(store, 30)
    (line,) = made.lifelines
    assert (line.state, line.ended_at) == ("dead", NOW + timedelta(minutes=5))
    assert (made.live_share, made.open_cases()) == (0.0, ())
    assert len(made.cases[0].proofs) == 2


def test_what_was_dead_before_we_looked_has_no_end(store: SqlStore) -> None:
    fill(store, (replace(LIVE, state=LivenessState.DEAD),))
    judge_all(store, KINDS, NOW, 0)
    (line,) = report(store).lifelines
    assert (line.seen_dead, line.ended_at) == (True, None)


def test_strangers_and_allow_listed_places_are_counted(store: SqlStore) -> None:
    known = exposure(author("jane@x.example", "2025-02-01"))
    strange = exposure(author("who@elsewhere.example", "2025-02-01"), path="b.py")
    hidden = replace(exposure(path="c.py"), suppressed="pragma: allowlist secret")
    fill(store, (LIVE,), places=(known, strange, hidden))
    made = report(store)
    assert (made.suppressed, made.unresolved) == (1, ("mail:who@elsewhere.example",))
