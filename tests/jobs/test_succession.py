"""Who inherits, by people's own words in the store; what rests on one person; what tickets say of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from connectors.store_sql import SqlStore
from correlate.errors import ConfigError
from correlate.kind import Grade
from correlate.model import Identity, LivenessState, PersonId, WorkerId
from correlate.succession import Terms
from correlate.verdict import Step
from jobs.judge import judge_all
from jobs.leaver import leaver
from jobs.people import circle
from jobs.succession import Leave, answer, handovers_of_cases, leaves, propose, risks, told_of
from tests.correlate.cast import NOW, author, exposure, snapshot, worker
from tests.correlate.cast import answer as said
from tests.jobs.stage import COLLEAGUE, KIND, KINDS, LEAVER, fill, fresh_store, ledger

LIVE = said(LivenessState.LIVE, Identity("github", "janed"))
BOSS = worker("3", "boss@x.example")
GONE = worker("4", "gone@x.example", end="2025-06-30")
TEAM = snapshot(replace(LEAVER, manager=WorkerId("3")), COLLEAGUE, BOSS, GONE)
TERMS = Terms("platform@x.example", timedelta(days=7))
JANE, OMAR, CHIEF = "jane@x.example", "omar@x.example", "boss@x.example"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    made = fresh_store(tmp_path)
    fill(made, (LIVE,), people=TEAM)
    judge_all(made, KINDS, NOW, 0)
    yield made
    made.close()


def only(store: SqlStore, days: int = 0) -> Leave:
    (found,) = leaves(store, TERMS, NOW + timedelta(days=days))
    return found


def test_a_successor_is_proposed_and_accepts(store: SqlStore) -> None:
    assert only(store).rows == (("Successor", "none yet"), ("To name one", "Person 3 (3)"))
    propose(store, JANE, OMAR, CHIEF, "he knows it", NOW)
    assert (only(store).state, only(store).open_cases) == ("proposed", 1)
    answer(store, JANE, Step.ACCEPTED, OMAR, "I will", NOW)
    assert only(store).rows == (("Successor", "Person 2 (2), accepted on 2026-11-20"),)
    entries = [json.loads(text) for text in ledger(store) if '"what":"succession"' in text]
    with store.transaction() as tx:
        name = tx.sensitive.references({"1", "2", "3"})
    assert [(entry["subject"], entry["data"]["step"], entry["data"]["by"]) for entry in entries] == [
        (name["1"], "proposed", name["3"]), (name["1"], "accepted", name["2"]),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("who", "successor", "by", "why"),
    [
        (JANE, "gone@x.example", CHIEF, "have left"),
        (JANE, JANE, CHIEF, "themselves"),
        (JANE, OMAR, "gone@x.example", "who proposes has left"),
        (JANE, "stranger@x.example", CHIEF, "people are known"),
    ],
)
def test_who_cannot_be_proposed_or_propose(
    store: SqlStore, who: str, successor: str, by: str, why: str
) -> None:
    with pytest.raises(ConfigError, match=why):
        propose(store, who, successor, by, "why", NOW)
    assert not any('"what":"succession"' in text for text in ledger(store))


@pytest.mark.parametrize(
    ("by", "why"), [(JANE, "who leaves"), (CHIEF, "only the successor"), (OMAR, "")]
)
def test_only_the_successor_answers(store: SqlStore, by: str, why: str) -> None:
    propose(store, JANE, OMAR, CHIEF, "why", NOW)
    if why:
        with pytest.raises(ConfigError, match=why):
            answer(store, JANE, Step.ACCEPTED, by, "why", NOW)
        assert only(store).state == "proposed"
    else:
        answer(store, JANE, Step.REFUSED, by, "no time", NOW)
        assert only(store).state == "refused"


def test_what_nobody_answers_goes_up_the_chain_and_to_the_fallback(store: SqlStore) -> None:
    propose(store, JANE, OMAR, CHIEF, "why", NOW)
    assert "Escalated to" not in dict(only(store, 6).rows)
    assert dict(only(store, 8).rows)["Escalated to"] == "Person 3 (3)"
    assert dict(only(store, 15).rows)["Escalated to"] == "platform@x.example"
    assert only(store, 15).limbo == 2
    assert next(told_of(only(store, 15))).endswith(
        "1 open cases, unanswered for 2 spans of waiting"
    )


def test_when_the_successor_leaves_it_starts_anew(store: SqlStore) -> None:
    propose(store, JANE, OMAR, CHIEF, "why", NOW)
    answer(store, JANE, Step.ACCEPTED, OMAR, "yes", NOW)
    left = replace(COLLEAGUE, ends_at=NOW)
    fill(store, people=replace(TEAM, workers=(TEAM.workers[0], left, BOSS)))
    assert only(store).state == "nobody"
    assert dict(only(store).rows)["To name one"] == "Person 3 (3)"


def test_tickets_of_a_leavers_own_say_who_inherits_from_run_to_run_the_same(
    store: SqlStore,
) -> None:
    propose(store, JANE, OMAR, CHIEF, "why", NOW)
    rows = []
    for days in (1, 2, 6):
        now = NOW + timedelta(days=days)
        with store.transaction() as tx:
            rows.append(handovers_of_cases(tx, circle(tx, now), TERMS, now))
    assert rows[0] == rows[1] == rows[2]
    assert set(rows[0]) == {"1"}


def test_what_rests_on_one_person_or_on_nobody_is_a_risk(store: SqlStore) -> None:
    (found,) = risks(store, KINDS, NOW)
    assert (found.factor, found.person, found.paths) == (0, "", ("payments:a.py",))
    propose(store, JANE, OMAR, CHIEF, "why", NOW)
    assert risks(store, KINDS, NOW)[0].factor == 0
    answer(store, JANE, Step.ACCEPTED, OMAR, "yes", NOW)
    (found,) = risks(store, KINDS, NOW)
    assert (found.factor, found.person) == (1, "Person 2 (2)")
    assert not leaver(store, KINDS, "1", NOW, before_leave=True).held[0].only_person


def test_what_two_people_could_rotate_or_nobody_can_use_is_none(store: SqlStore) -> None:
    both = (exposure(author(OMAR, "2025-02-01"), author(CHIEF, "2025-02-01")),)
    generic = {KIND.id: replace(KIND, grade=Grade.GENERIC)}
    assert risks(store, generic, NOW) == []
    with store.transaction() as tx:
        tx.scans.save_exposures(
            (replace(both[0], locator=replace(both[0].locator, item="b")),), NOW
        )
    assert risks(store, KINDS, NOW) == []
    fill(store, (said(LivenessState.DEAD, at=NOW + timedelta(hours=1)),), people=TEAM)
    assert risks(store, KINDS, NOW) == []


def test_who_is_here_has_nobody_to_inherit_from_them(store: SqlStore) -> None:
    propose(store, OMAR, CHIEF, CHIEF, "planned", NOW)
    assert [leave.person for leave in leaves(store, TERMS, NOW)] == [PersonId("1")]
