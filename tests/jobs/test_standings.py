"""What is written down of everybody: once, in order, and nothing of whom no feed knows."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

import pytest

from connectors.store_schema import standing as standing_rows
from connectors.store_sql import SqlStore
from correlate.departure import standing
from correlate.model import Employment, PeopleSnapshot, PersonId, Worker
from correlate.ports_store import Transaction
from correlate.verdict import Embargo, Person, Restriction
from jobs.judge import judge_all
from jobs.people import circle, make_persons
from jobs.standings import record_standings
from sample_data.corporation import NOW as COMPANY_NOW
from sample_data.corporation import build
from sample_data.corporation_secrets import KIND, keep, plant, register
from tests.correlate.cast import NOW, day, worker
from tests.jobs.stage import fresh_store, ledger

WHO = PersonId("1")
DAY = timedelta(days=1)
RARELY, OFTEN = 0.2, 0.7
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


def rows_of_tomorrow(taken: PeopleSnapshot, luck: Random, now: datetime) -> PeopleSnapshot:
    """Return a feed some of whose rows are others: people leave, are to leave, come back, are on leave."""

    def later(row: Worker) -> Worker:
        ends = luck.choice((None, now + luck.choice((-40, -1, 1, 3)) * DAY))
        state = luck.choice(list(Employment))
        sealed = now + 3 * DAY if luck.random() < RARELY else None
        return replace(row, ends_at=ends, employment=state, embargo_until=sealed, moved_at=ends)

    rows = tuple(later(row) if luck.random() < RARELY else row for row in taken.workers)
    return replace(taken, workers=rows, taken_at=now)


def said_of(tx: Transaction, person: PersonId, luck: Random, now: datetime) -> None:
    until = now + luck.choice((-1, 0, 2)) * DAY
    tx.sensitive.save_embargo(Embargo("r", person, until, "b", "c", now))
    other, holds = luck.choice(list(tx.people.persons([person]))), luck.random() < RARELY
    tx.sensitive.save_restriction(Restriction(other, holds=holds, by="c", reason="r", at=now))


def after_nights(folder: Path, seed: int, *, kept: bool) -> list[object]:
    """Return all that nights make of a company that changes, be it kept where people stand or not."""
    store, luck = fresh_store(folder), Random(seed)  # noqa: S311  # the same for the same seed
    company = build(seed, 60)
    now, told = COMPANY_NOW, []
    with store.transaction() as tx:
        register(company, tx)
        keep(list(plant(company, seed, 40, 80)), tx)
    for _ in range(6):
        with store.transaction() as tx:
            for taken in tx.people.snapshots():
                if luck.random() < OFTEN:
                    tx.people.save_snapshot(rows_of_tomorrow(taken, luck, now))
            make_persons(tx, now)
            said_of(tx, luck.choice([one.id for one in tx.people.every_person()]), luck, now)
        if not kept:
            with store._opened().begin() as connection:
                connection.execute(standing_rows.delete())
        judge_all(store, {KIND.id: KIND}, now, 0)
        with store.transaction() as tx:
            told += [tx.people.departures(), tx.successions.absences(), tx.cases.cases()]
            told += [tx.cases.watches(), len(list(tx.runs.ledger()))]
            everybody = dict(circle(tx, now).standings())
            assert tx.people.standings(now).items() <= everybody.items()
            assert len(tx.people.standings(now)) > len(everybody) / 2
        now += luck.choice((1, 2, 5)) * DAY
    store.close()
    return told


@pytest.mark.parametrize("seed", range(3))
def test_a_night_makes_the_same_of_people_whom_nobody_looked_at_again(
    tmp_path: Path, seed: int
) -> None:
    both = [after_nights(tmp_path / str(kept), seed, kept=kept) for kept in (True, False)]
    assert both[0] == both[1]
