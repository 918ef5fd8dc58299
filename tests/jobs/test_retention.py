"""After the configured time ended cases lose their person, and who left long ago is forgotten."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from connectors.store_sql import SqlStore
from correlate.forgetting import is_reference
from correlate.model import LivenessState, PersonId
from correlate.verdict import CaseState, Doubt, Watch
from jobs.judge import judge_all
from jobs.people import everybody
from jobs.retention import Forgotten, forget_old
from tests.correlate.cast import FP, NOW
from tests.jobs.gone import ZITA, ask, read, scene, seen
from tests.jobs.stage import KIND, KINDS, cases, ledger

CLOSED = NOW + timedelta(minutes=40)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    made = scene(tmp_path)
    yield made
    made.close()


def known(store: SqlStore, now: datetime) -> bool:
    with store.transaction() as tx:
        return PersonId("700417") in everybody(tx, now).people.persons


@pytest.mark.parametrize(
    ("days", "later", "done"),
    [
        (0, 10_000, Forgotten()),
        (90, 89, Forgotten()),
        (90, 90, Forgotten(1, 1)),
        (400, 390, Forgotten()),
        (400, 400, Forgotten(1, 1)),
    ],
)
def test_what_is_old_enough_is_forgotten(
    store: SqlStore, days: int, later: int, done: Forgotten
) -> None:
    now = CLOSED + timedelta(days=later)
    assert forget_old(store, days, now) == done
    assert known(store, now) is not bool(done.persons)


def test_it_stands_in_no_file_then_and_once_is_enough(store: SqlStore, tmp_path: Path) -> None:
    now = CLOSED + timedelta(days=90)
    forget_old(store, 90, now)
    assert seen(store, tmp_path) == set()
    before = ledger(store)
    assert forget_old(store, 90, now) == Forgotten()
    assert ledger(store) == before


def test_of_whom_a_feed_lists_still_only_the_case_is_unlinked(store: SqlStore) -> None:
    read(store, ZITA)
    now = CLOSED + timedelta(days=90)
    assert forget_old(store, 90, now) == Forgotten(1, 0)
    (held,) = cases(store)
    assert is_reference(str(held.person))
    judge_all(store, KINDS, now, 0)
    assert cases(store) == [held]
    ask(store, LivenessState.LIVE, 90 * 24 * 60)
    (again,) = cases(store)
    assert (again.key, again.person, again.state) == (held.key, "700417", CaseState.OPEN)


def test_an_open_case_or_a_watch_or_a_hold_keeps_them(store: SqlStore) -> None:
    now = CLOSED + timedelta(days=90)
    ask(store, LivenessState.LIVE, 60)
    assert forget_old(store, 30, now) == Forgotten()
    watch = Watch(FP, KIND.id, PersonId("700417"), Doubt.UNKNOWN, "")
    ask(store, LivenessState.DEAD, 80)
    ask(store, LivenessState.DEAD, 100)
    with store.transaction() as tx:
        tx.cases.replace_watches([watch])
    assert forget_old(store, 30, now) == Forgotten(1, 0)
    with store.transaction() as tx:
        tx.cases.replace_watches([])
    read(store, replace(ZITA, legal_hold=True))
    read(store)
    assert forget_old(store, 30, now) == Forgotten()
