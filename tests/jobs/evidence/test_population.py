"""Who left in a period: every statement counts, nobody under an embargo does."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from connectors.store_sql import SqlStore
from correlate.model import PersonId
from correlate.period import parse_period
from correlate.verdict import Departure, Embargo, Restriction
from jobs.evidence.population import Leave, leaves_in, leaves_of, population_row
from jobs.people import circle
from tests.correlate.cast import NOW, day, snapshot, worker
from tests.jobs.stage import fill, fresh_store

H1 = parse_period("2026-01-01..2026-06-30")
ANNA, BEN = PersonId("1"), PersonId("2")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    made = fresh_store(tmp_path)
    people = snapshot(worker("1", "anna@x.example", end="2026-06-30"), worker("2", "ben@x.example"))
    fill(made, people=people)
    yield made
    made.close()


def state(store: SqlStore, person: PersonId, ends: str, recorded: str, **more: object) -> None:
    row = Departure(person, "2020-01-01", day(ends), "personnel feed", **more)  # type: ignore[arg-type]
    with store.transaction() as tx:
        tx.people.record_departures([row], day(recorded))


def leaves(store: SqlStore, now: datetime = NOW) -> list[Leave]:
    with store.transaction() as tx:
        return leaves_in(tx, circle(tx, now), H1, now)


def test_a_leave_has_all_statements_and_the_newest_one_stands(store: SqlStore) -> None:
    state(store, ANNA, "2026-05-31", "2026-04-01")
    state(store, ANNA, "2026-06-30", "2026-05-01")
    (leave,) = leaves(store)
    row = population_row(leave, [3, 7])
    assert (row["status"], row["effective_at"]) == ("left", day("2026-06-30").isoformat())
    assert [one["effective_at"][:10] for one in row["statements"]] == ["2026-05-31", "2026-06-30"]
    assert (row["person"], row["name"], row["ledger_entries"]) == ("1", "Person 1", [3, 7])


@pytest.mark.parametrize(
    ("then", "more", "status"),
    [
        ("2026-08-31", {}, "moved out of the period"),
        ("2026-06-30", {"reversed": True}, "reversed"),
    ],
)
def test_what_is_no_leave_of_the_period_any_more_stays_in_it_as_what_it_is(
    store: SqlStore, then: str, more: dict[str, object], status: str
) -> None:
    state(store, ANNA, "2026-06-30", "2026-04-01")
    state(store, ANNA, then, "2026-05-01", **more)
    assert [one.status for one in leaves(store)] == [status]


def test_one_who_is_here_and_one_whose_day_has_not_come(store: SqlStore) -> None:
    state(store, BEN, "2026-03-31", "2026-02-01")
    assert [one.status for one in leaves(store)] == ["here again"]
    assert [one.status for one in leaves(store, day("2026-03-01"))] == ["leaving"]


def test_of_a_leave_elsewhere_in_time_nothing_is_told(store: SqlStore) -> None:
    state(store, ANNA, "2025-06-30", "2025-04-01")
    assert leaves(store) == []
    with store.transaction() as tx:
        (leave,) = leaves_of(tx, circle(tx, NOW), ANNA, NOW)
    assert leave.status == "left"


def test_an_embargo_hides_a_leave_until_it_ends(store: SqlStore) -> None:
    state(store, ANNA, "2026-06-30", "2026-04-01")
    until = NOW + timedelta(days=3)
    with store.transaction() as tx:
        tx.sensitive.save_embargo(Embargo("e1", ANNA, until, "hr", "asked", NOW))
    assert leaves(store) == []
    with store.transaction() as tx:
        assert leaves_of(tx, circle(tx, NOW), ANNA, NOW) == []
    assert [one.status for one in leaves(store, until)] == ["left"]


def test_of_a_restricted_person_nothing_tells_who_it_is(store: SqlStore) -> None:
    state(store, ANNA, "2026-06-30", "2026-04-01")
    with store.transaction() as tx:
        tx.sensitive.save_restriction(
            Restriction(ANNA, holds=True, by="hr", reason="asked", at=NOW)
        )
    (leave,) = leaves(store)
    row = population_row(replace(leave), [])
    assert row["person"] == row["name"] == "restricted"
    assert "Person 1" not in str(row)
    assert "2020-01-01" not in str(row)


def test_one_who_was_forgotten_is_still_counted(store: SqlStore) -> None:
    state(store, PersonId("person:gone"), "2026-06-30", "2026-04-01")
    (leave,) = leaves(store)
    assert population_row(leave, [])["name"] == "forgotten"
