"""What is written down of everybody: once, in order, and nothing of whom no feed knows."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors.store_sql import SqlStore
from correlate.departure import standing
from correlate.model import Employment, PersonId, Worker
from correlate.verdict import Person
from jobs.standings import record_standings
from tests.correlate.cast import NOW, day, worker
from tests.jobs.stage import fresh_store, ledger

WHO = PersonId("1")
AWAY = worker("1", employment=Employment.ON_LEAVE)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    made = fresh_store(tmp_path)
    yield made
    made.close()


def record(store: SqlStore, *rows: Worker, known: bool = True) -> dict[PersonId, object]:
    held = standing(Person(WHO, "Jane", rows), NOW)
    with store.transaction() as tx:
        return dict(record_standings(tx, [(WHO, held)] if known else [], NOW))


def written(store: SqlStore) -> list[tuple[str, str]]:
    entries = map(json.loads, ledger(store))
    return [
        (entry["what"], entry["data"].get("change") or entry["data"]["state"]) for entry in entries
    ]


def test_each_change_is_written_down_once(store: SqlStore) -> None:
    gone = worker("1", end="2026-06-30")
    for rows in ([gone], [gone], [worker("1", end="2027-06-30")], [AWAY], [AWAY], [worker("1")]):
        away = record(store, *rows)
        assert away == ({WHO: NOW} if rows == [AWAY] else {})
    assert written(store) == [
        ("departure", "stated"), ("departure", "put back"), ("departure", "reversed"),
        ("absence", "away"), ("absence", "back"),
    ]  # fmt: skip


def test_whoever_no_feed_knows_any_more_takes_nothing_back(store: SqlStore) -> None:
    record(store, worker("1", start="2015-01-01", end="2020-01-01"), AWAY)
    before = written(store)
    assert record(store, known=False) == {WHO: NOW}
    assert written(store) == before
    with store.transaction() as tx:
        assert [stated.effective_at for stated, _ in tx.people.departures()] == [day("2020-01-01")]
