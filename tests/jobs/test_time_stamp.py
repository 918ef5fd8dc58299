"""Heads are stamped once, kept with their stamps, and stamps are witnesses that nobody can back-date."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from connectors.ledger_key import LedgerKey
from connectors.store_sql import SqlStore
from correlate.errors import ConfigError
from correlate.ledger_check import disagreement
from correlate.ports import TimeAuthority
from correlate.tree_head import HeadStamp, TreeHead
from jobs.ledger import check_ledger, seal
from jobs.outcome import Exit, exit_code
from jobs.time_stamp import in_stamps, newest_stamp, stamp_newest
from tests.correlate.cast import NOW
from tests.jobs.stage import fresh_store
from tests.jobs.test_ledger import add, named, rewrite
from tests.twins.time_authority import TimeAuthorityTwin

LATER = NOW + timedelta(minutes=1)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    made = fresh_store(tmp_path)
    yield made
    made.close()


@pytest.fixture
def key(tmp_path: Path) -> LedgerKey:
    return LedgerKey(tmp_path / "ledger.key")


def sealed(store: SqlStore, key: LedgerKey) -> TreeHead:
    add(store, 4)
    with store.transaction() as tx:
        return seal(tx, key, NOW)


def stamps(store: SqlStore) -> list[HeadStamp]:
    with store.transaction() as tx:
        return list(tx.ledger.stamps())


def said(store: SqlStore, after: int) -> list[tuple[str, int]]:
    with store.transaction() as tx:
        entries = [json.loads(text) for number, text in tx.ledger.entries() if number > after]
    return [(entry["what"], entry["data"]["size"]) for entry in entries]


def no_authority() -> TimeAuthority:
    raise ConfigError("no stamps", where="ledger", why="nobody is configured", fix="set it")


def test_the_newest_head_is_stamped_once_and_each_step_is_in_the_ledger(
    store: SqlStore, key: LedgerKey
) -> None:
    twin = TimeAuthorityTwin(LATER)
    assert stamp_newest(store, lambda: twin, lambda: NOW) == []
    assert twin.asked == [], "there is no head yet"
    sealed(store, key)
    head = sealed(store, key)
    for _ in range(2):
        assert stamp_newest(store, lambda: twin, lambda: NOW) == []
    assert twin.asked == [head]
    (stamp,) = stamps(store)
    assert stamp.head == head
    assert said(store, head.size) == [("time_stamp_asked", 10), ("time_stamped", 10)]
    with store.transaction() as tx:
        assert newest_stamp(tx) == stamp
    assert check_ledger(store, key).holds


def test_an_authority_that_is_down_is_told_fails_nothing_and_is_asked_again(
    store: SqlStore, key: LedgerKey
) -> None:
    twin = TimeAuthorityTwin(LATER, down=True)
    head = sealed(store, key)
    (problem,) = stamp_newest(store, lambda: twin, lambda: NOW)
    assert "it is down" in problem.what
    assert exit_code((), [problem], findings=False) is Exit.CLEAN
    assert stamps(store) == []
    assert said(store, head.size) == [("time_stamp_asked", 5)]
    twin.down = False
    newer = sealed(store, key)
    assert stamp_newest(store, lambda: twin, lambda: NOW) == []
    assert [one.head for one in stamps(store)] == [newer]


def test_settings_that_lack_something_are_told_and_fail_nothing(
    store: SqlStore, key: LedgerKey
) -> None:
    head = sealed(store, key)
    (problem,) = stamp_newest(store, no_authority, lambda: NOW)
    assert "nobody is configured" in problem.what
    assert said(store, head.size) == []


def test_a_stamped_head_is_a_witness_with_a_time(store: SqlStore, key: LedgerKey) -> None:
    twin = TimeAuthorityTwin(LATER)
    assert in_stamps(store, key, no_authority).witnesses == ()
    assert in_stamps(store, key, no_authority).problems == (), "there is nothing to check"
    head = sealed(store, key)
    stamp_newest(store, lambda: twin, lambda: NOW)
    told = in_stamps(store, key, lambda: twin)
    (seen,) = told.witnesses
    assert (seen.head, seen.genuine, seen.stamped_at) == (head, True, LATER)
    assert seen.name == "a time stamp by CN=twin"
    assert check_ledger(store, key, told.witnesses).holds


def test_stamps_that_nobody_can_check_are_no_witnesses_and_are_told(
    store: SqlStore, key: LedgerKey
) -> None:
    sealed(store, key)
    stamp_newest(store, lambda: TimeAuthorityTwin(LATER), lambda: NOW)
    told = in_stamps(store, key, no_authority)
    assert told.witnesses == ()
    assert exit_code((), told.problems, findings=False) is Exit.INCOMPLETE


def test_a_stamp_that_does_not_fit_its_head_disagrees(store: SqlStore, key: LedgerKey) -> None:
    twin = TimeAuthorityTwin(LATER)
    head = sealed(store, key)
    other = twin.stamp(replace(head, at=LATER))
    with store.transaction() as tx:
        tx.ledger.save_stamp(replace(other, head=head))
    made = check_ledger(store, key, in_stamps(store, key, lambda: twin).witnesses)
    assert not made.holds
    assert disagreement(made.against[0], made.size) == "it is of something else"


def test_heads_signed_and_stamped_anew_vouch_for_nothing_beside_an_old_stamp(
    store: SqlStore, key: LedgerKey
) -> None:
    twin = TimeAuthorityTwin(LATER)
    early = sealed(store, key)
    late = sealed(store, key)
    stamp_newest(store, lambda: twin, lambda: NOW)
    rewrite(store, key, 2, resign=True)
    assert check_ledger(store, key).holds, "nothing but the stamp shows it"
    with store.transaction() as tx:
        anew = next(head for head in tx.ledger.heads() if head.size == early.size)
        tx.ledger.save_stamp(twin.stamp(anew))
    made = check_ledger(store, key, in_stamps(store, key, lambda: twin).witnesses)
    assert named(made) == (["a time stamp by CN=twin"], (1, late.size))
