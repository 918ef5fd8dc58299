"""Operators' words on sensitive leaves: when they hold, who hears of them, and what the ledger says."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from connectors.store_sql import SqlStore
from correlate.errors import ConfigError
from correlate.model import PersonId, Truth, Worker
from correlate.verdict import StandingState
from jobs.judge import judge_all
from jobs.leaver import leaver
from jobs.people import everybody, read_people
from jobs.report_data import collect
from jobs.sensitive import check_reader, end_embargo, opened, restrict, sealed, set_embargo
from jobs.succession import leaves
from tests.correlate.cast import NOW, account, answer, worker
from tests.jobs.stage import COLLEAGUE, KINDS, LEAVER, cases, fill, fresh_store, ledger
from tests.jobs.test_succession import TERMS
from tests.twins.people import PeopleTwin

HERE = replace(LEAVER, ends_at=None)
JANE, COUNSEL, SOON = "jane@x.example", "counsel@x.example", NOW + timedelta(hours=1)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    made = fresh_store(tmp_path)
    fill(made, (answer(),))
    yield made
    made.close()


def read(store: SqlStore, *workers: Worker, most: int = 50) -> None:
    feeds = (
        PeopleTwin("hr", workers=(*workers, COLLEAGUE)),
        PeopleTwin("dir", accounts=(account("jane", JANE, worker_id="1", enabled=Truth.NO),)),
    )
    assert read_people(feeds, store, NOW, most).problems == ()


def night(store: SqlStore, hours: float = 0) -> None:
    judge_all(store, KINDS, NOW + timedelta(hours=hours), 0)


def embargo(store: SqlStore) -> str:
    return set_embargo(store, "1", SOON, COUNSEL, "fired for cause", NOW).reference


def about(store: SqlStore, what: str) -> list[dict[str, object]]:
    return [one for one in map(json.loads, ledger(store)) if one["what"] == what]


def test_under_embargo_nothing_follows_and_at_its_end_everything_does(store: SqlStore) -> None:
    read(store, HERE)
    embargo(store)
    read(store, LEAVER, most=0)  # nor does it count among the new leavers
    night(store, 0.99)
    assert {held.kind.value for held in cases(store)} <= {"F5"}
    assert about(store, "departure") == []
    night(store, 1)
    (held,) = (held for held in cases(store) if held.person == "1" and held.departure)
    assert held.departure is not None
    assert held.departure.effective_at == LEAVER.ends_at
    assert len(about(store, "departure")) == 1


@pytest.mark.parametrize("hours", [0, 2])
def test_who_is_listed_may_ask_and_the_ledger_says_so(store: SqlStore, hours: int) -> None:
    read(store, HERE)
    embargo(store)
    read(store, LEAVER)
    now = NOW + timedelta(hours=hours)
    person = opened(store, JANE, COUNSEL, now)
    seen = leaver(store, KINDS, JANE, now, before_leave=False, opened={person})
    assert seen.standing.state is StandingState.LEFT
    others = leaver(store, KINDS, JANE, now, before_leave=False)
    assert (others.standing.state is StandingState.LEFT) is (hours > 1)
    assert about(store, "embargo")[-1]["data"] == {"state": "shown", "by": COUNSEL}


def test_the_ledger_names_nobody(store: SqlStore) -> None:
    read(store, HERE)
    reference = embargo(store)
    end_embargo(store, "1", COUNSEL, "Jane was told", NOW)
    entries = about(store, "embargo")
    assert [(one["subject"], one["data"]["state"]) for one in entries] == [  # type: ignore[index]
        (reference, "set"), (reference, "ended"),
    ]  # fmt: skip
    with store.transaction() as tx:
        assert reference not in tx.sensitive.references({"1"}).values()
    for entry in entries:
        assert not {word for word in (JANE, "Jane", "Person 1", "cause") if word in str(entry)}


def test_the_embargoes_in_force_are_listed_until_they_end(store: SqlStore) -> None:
    read(store, HERE)
    assert sealed(store, COUNSEL, NOW) == []
    embargo(store)
    (row,) = sealed(store, COUNSEL, NOW)
    assert (row.person, row.until, row.by) == ("1", SOON, COUNSEL)
    assert sealed(store, COUNSEL, SOON) == []
    end_embargo(store, JANE, COUNSEL, "told", NOW)
    assert sealed(store, COUNSEL, NOW) == []
    with pytest.raises(ConfigError, match="no operator's is in force"):
        end_embargo(store, JANE, COUNSEL, "told", NOW)


def test_what_was_told_already_cannot_be_put_under_embargo(store: SqlStore) -> None:
    read(store, LEAVER)
    night(store)
    with pytest.raises(ConfigError, match="stands in the ledger already"):
        embargo(store)


def test_a_leave_long_ago_does_not_stand_in_the_way(store: SqlStore) -> None:
    before = replace(worker("1", JANE, start="2010-01-01", end="2012-01-01"))
    read(store, before, HERE)
    night(store)
    embargo(store)
    read(store, before, LEAVER)
    with store.transaction() as tx:
        assert everybody(tx, NOW).standings[PersonId("1")].state is StandingState.HERE


def test_an_embargo_ends_in_the_future_and_is_somebodys(store: SqlStore) -> None:
    read(store, HERE)
    for who, until in (("1", NOW), ("nobody@x.example", SOON)):
        with pytest.raises(ConfigError):
            set_embargo(store, who, until, COUNSEL, "why", NOW)
    assert about(store, "embargo") == []


@pytest.mark.parametrize("speaker", ["Counsel@x.example", COUNSEL])
def test_who_may_read(speaker: str) -> None:
    check_reader((COUNSEL,), speaker)


@pytest.mark.parametrize("readers", [(), ("other@x.example",)])
def test_who_may_not(readers: tuple[str, ...]) -> None:
    with pytest.raises(ConfigError, match="not for everybody"):
        check_reader(readers, COUNSEL)


def test_a_restricted_person_is_named_in_no_list(store: SqlStore) -> None:
    read(store, LEAVER)
    night(store)
    plain = repr((collect(store, KINDS, "x", (), NOW), leaves(store, TERMS, NOW)))
    restrict(store, JANE, COUNSEL, "asked to", NOW, holds=True)
    hidden = repr((collect(store, KINDS, "x", (), NOW), leaves(store, TERMS, NOW)))
    for word in ("Person 1", "'1'"):
        assert word in plain
        assert word not in hidden
    assert "restricted" in hidden
    restrict(store, JANE, COUNSEL, "no more", NOW, holds=False)
    assert repr((collect(store, KINDS, "x", (), NOW), leaves(store, TERMS, NOW))) == plain
