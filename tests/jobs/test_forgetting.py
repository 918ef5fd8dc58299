"""Who is forgotten stands in no file of ours; what stands in the way is said first."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from connectors.store_sql import SqlStore
from correlate.codec import encode
from correlate.errors import ConfigError
from correlate.model import LivenessState, PersonId, Worker
from correlate.verdict import Correction
from jobs.corrections import correct
from jobs.forgetting import forget, look
from jobs.judge import judge_all
from jobs.people import everybody
from tests.correlate.cast import NOW, mail, worker
from tests.jobs.gone import DPO, MAIL, WORDS, ZITA, ask, read, scene, seen
from tests.jobs.stage import KINDS, cases, ledger


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    made = scene(tmp_path)
    yield made
    made.close()


def test_who_is_forgotten_stands_in_no_file_and_no_report(store: SqlStore, tmp_path: Path) -> None:
    assert seen(store, tmp_path) == set(WORDS)
    forget(store, (), MAIL, DPO, "asked to be", NOW)
    assert store.wipe()
    assert seen(store, tmp_path) == set()
    read(store)  # nor do they come back with the feed
    judge_all(store, KINDS, NOW + timedelta(days=1), 0)
    assert seen(store, tmp_path) == set()


def test_the_case_and_the_ledger_keep_one_reference_that_leads_to_nobody(store: SqlStore) -> None:
    (before,) = cases(store)
    forget(store, (), MAIL, DPO, "asked to be", NOW)
    (held,) = cases(store)
    assert (held.key, held.state, held.closed_at) == (before.key, before.state, before.closed_at)
    entries = [one for one in map(json.loads, ledger(store)) if one["subject"] == held.person]
    assert {one["what"] for one in entries} == {"departure", "correction", "forgotten"}
    with store.transaction() as tx:
        assert tx.sensitive.references({"700417"})["700417"] != held.person


def test_nobody_else_is_touched(store: SqlStore) -> None:
    def others() -> object:
        with store.transaction() as tx:
            return encode(everybody(tx, NOW).people.persons[PersonId("2")])

    before = others()
    forget(store, (), MAIL, DPO, "asked to be", NOW)
    assert others() == before


def test_a_look_changes_nothing_and_counts(store: SqlStore) -> None:
    before = ledger(store)
    found = look(store, (), MAIL, NOW)
    assert (found.person, found.refusals, len(found.cases)) == ("700417", (), 1)
    assert (found.identities, found.shared, found.acted) == (5, 0, 0)
    assert ledger(store) == before


def refused(store: SqlStore) -> str:
    (why,) = look(store, (), MAIL, NOW).refusals
    with pytest.raises(ConfigError) as caught:
        forget(store, (), MAIL, DPO, "asked to be", NOW)
    assert caught.value.why == why
    return why


def test_while_a_case_is_open_nobody_is_forgotten(store: SqlStore) -> None:
    ask(store, LivenessState.LIVE, 60)
    assert refused(store) == f"case {cases(store)[0].key} is open"


@pytest.mark.parametrize(
    ("feed", "workers", "why"),
    [
        ("hr", (ZITA,), "listed still by hr"),
        ("other", (replace(ZITA, name="X", emails=()),), "listed still by other"),
    ],
)
def test_whom_a_live_feed_lists_would_come_back(
    store: SqlStore, feed: str, workers: tuple[Worker, ...], why: str
) -> None:
    read(store, *workers, feed=feed)
    assert look(store, (), "700417", NOW).refusals[0].startswith(why)


@pytest.mark.parametrize(
    ("last", "why"),
    [
        (replace(ZITA, ends_at=None), "not known to have left"),
        (replace(ZITA, legal_hold=True), "a legal hold stands"),
        (replace(ZITA, embargo_until=NOW + timedelta(days=1)), "not known to have left"),
    ],
)
def test_what_the_feed_said_last_may_stand_in_the_way(
    store: SqlStore, last: Worker, why: str
) -> None:
    read(store, last)
    read(store)
    assert look(store, (), MAIL, NOW).refusals == (why,)


def test_who_lends_somebody_else_their_number_is_not_forgotten(store: SqlStore) -> None:
    read(store, ZITA)
    read(store, worker("700417", "omar@y.example", start="2024-01-01"), feed="other")
    read(store)
    read(store, feed="other")
    with store.transaction() as tx:
        assert PersonId("other/700417") in everybody(tx, NOW).people.persons
    assert any("numbers somebody alike" in why for why in look(store, (), MAIL, NOW).refusals)


def test_a_reason_that_names_them_is_refused(store: SqlStore) -> None:
    with pytest.raises(ConfigError, match="names them"):
        forget(store, (), MAIL, DPO, "Zita Quist asked to be", NOW)


def test_what_they_did_themselves_is_counted_and_stays(store: SqlStore) -> None:
    correct(store, Correction(mail("o@home.example"), PersonId("2"), True, None, None, MAIL, "his", NOW))  # noqa: FBT003  # fmt: skip
    assert look(store, (), MAIL, NOW).acted == 1
