"""Exceptions as the store holds them: with names, what tickets say of them, and an entry for each step."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from connectors.store_sql import SqlStore
from correlate.exception import ExceptionStep, Move, Stage, Terms
from correlate.model import Identity, LivenessState, PersonId
from jobs.exception_book import exceptions_of_cases, listed, record, record_proved
from jobs.judge import judge_all
from jobs.people import circle
from tests.correlate.cast import FP, NOW, answer, snapshot, worker
from tests.jobs.stage import COLLEAGUE, KINDS, LEAVER, cases, fill, fresh_store, ledger

ANNA = worker("3", "anna@x.example")
TERMS = Terms(FP, None, "RISK-7", "2", NOW + timedelta(days=30), service="the till")
ASKED = ExceptionStep("ex-1", Move.ASKED, PersonId("2"), "needed", NOW, TERMS)
APPROVED = ExceptionStep("ex-1", Move.APPROVED, PersonId("3"), "fine", NOW)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    made = fresh_store(tmp_path)
    people = snapshot(LEAVER, COLLEAGUE, ANNA)
    fill(made, (answer(LivenessState.LIVE, Identity("github", "janed")),), people)
    judge_all(made, KINDS, NOW, 0)
    with made.transaction() as tx:
        for step in (ASKED, APPROVED):
            record(tx, step, TERMS)
    yield made
    made.close()


def test_each_step_has_an_entry_that_names_people_by_references(store: SqlStore) -> None:
    said = [json.loads(text) for text in ledger(store) if '"what":"exception"' in text]
    with store.transaction() as tx:
        names = tx.sensitive.references({"2", "3"})
    assert [(one["subject"], one["data"]["by"]) for one in said] == [
        ("ex-1", names["2"]), ("ex-1", names["3"]),
    ]  # fmt: skip
    assert said[0]["data"]["beneficiary"] == "the till"


def test_a_case_tells_who_asked_who_approved_and_until_when(store: SqlStore) -> None:
    (case,) = cases(store)
    with store.transaction() as tx:
        told = dict(exceptions_of_cases(tx, circle(tx, NOW), [case], NOW)[case.key])
    assert told == {
        "Exception": "ex-1, valid",
        "Asked for by": "Person 2 (2) on 2026-11-20: needed",
        "Approved by": "Person 3 (3) on 2026-11-20",
        "Until": "2026-12-20 09:00 UTC, never renewed",
        "Policy": "RISK-7 2",
        "Used by": "the till",
    }


def test_a_restricted_approver_is_not_named_nor_is_their_leave(store: SqlStore) -> None:
    with store.transaction() as tx:
        gone = replace(ANNA, ends_at=NOW, legal_hold=True)
        tx.people.save_snapshot(snapshot(LEAVER, COLLEAGUE, gone))
    (one,) = listed(store, NOW)
    assert (one.judged.stage, one.judged.why) == (Stage.VOID, "it no longer holds")
    assert one.name(PersonId("3")) == "restricted (restricted)"


def test_an_end_by_proof_is_nobodys_word(store: SqlStore) -> None:
    with store.transaction() as tx:
        record_proved(tx, [])
        record_proved(tx, [ExceptionStep("ex-1", Move.PROVED, None, "rejected", NOW)])
    (one,) = listed(store, NOW)
    assert one.judged.stage is Stage.PROVED
    (entry,) = [json.loads(text) for text in ledger(store) if '"move":"proved"' in text]
    assert entry["data"]["by"] is None
