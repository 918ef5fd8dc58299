"""The store's facts become cases; the same facts twice become nothing new."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from connectors.store_sql import SqlStore
from correlate.model import Identity, KindId, LivenessState, Locator
from correlate.verdict import CaseKind, CaseState
from jobs.judge import JudgeReport, judge_all
from tests.correlate.cast import FP, NOW, answer, author, exposure, snapshot, worker
from tests.jobs.stage import (
    COLLEAGUE,
    KINDS,
    LEAVER,
    PLACE,
    cases,
    fill,
    fresh_store,
    ledger,
)

LIVE = answer(LivenessState.LIVE, Identity("github", "janed"))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    made = fresh_store(tmp_path)
    yield made
    made.close()


def judge(store: SqlStore, minutes: int = 0, gap: int = 0) -> JudgeReport:
    return judge_all(store, KINDS, NOW + timedelta(minutes=minutes), gap)


def test_a_leavers_live_token_is_one_case_once(store: SqlStore) -> None:
    fill(store, (LIVE,))
    assert judge(store).opened == 1
    entries = ledger(store)
    again = judge(store)
    assert again == JudgeReport(0, 0, 0, 0, 0)
    assert ledger(store) == entries
    (held,) = cases(store)
    assert (held.kind, held.person, held.state) == (CaseKind.F1, "1", CaseState.OPEN)
    assert any('"what":"departure"' in text for text in entries)


@pytest.mark.parametrize(
    ("used", "severity"), [(0, "high"), (-5, "critical")], ids=["we", "somebody"]
)
def test_only_a_use_by_others_after_the_leave_makes_it_worse(
    store: SqlStore, used: int, severity: str
) -> None:
    left = worker("1", "jane@x.example", login="janed", end=f"{NOW - timedelta(days=2):%Y-%m-%d}")
    said = replace(LIVE, last_used_at=NOW + timedelta(hours=used), asked_at=NOW)
    after = replace(said, at=NOW + timedelta(days=1), asked_at=NOW + timedelta(days=1))
    after = replace(after, last_used_at=after.asked_at)  # which is ours, and hides nothing
    fill(store, (said, after), people=snapshot(left, COLLEAGUE))
    judge(store, 24 * 60)
    assert [held.severity for held in cases(store)] == [severity]


def test_two_spaced_rejections_close_it(store: SqlStore) -> None:
    fill(store, (LIVE,))
    judge(store)
    for minutes, state in (
        (5, CaseState.UNPROVEN),
        (9, CaseState.UNPROVEN),
        (15, CaseState.CLOSED),
    ):
        dead = answer(LivenessState.DEAD, at=NOW + timedelta(minutes=minutes))
        fill(store, (dead,))
        report = judge(store, minutes)
        assert cases(store)[0].state is state
    assert report.closed == 1
    assert [proof.at.minute for proof in cases(store)[0].rejections] == [5, 15]


def test_it_lives_again(store: SqlStore) -> None:
    fill(store, (LIVE,))
    judge(store)
    for minutes in (5, 20):
        fill(store, (answer(LivenessState.DEAD, at=NOW + timedelta(minutes=minutes)),))
        judge(store, minutes)
    fill(store, (replace(LIVE, at=NOW + timedelta(minutes=40)),))
    assert judge(store, 40).reopened == 1
    assert (cases(store)[0].state, cases(store)[0].generation) == (CaseState.OPEN, 2)


def test_an_issuer_that_is_down_changes_nothing(store: SqlStore) -> None:
    fill(store, (LIVE,))
    judge(store)
    fill(store, (answer(LivenessState.UNKNOWN, at=NOW + timedelta(minutes=5)),))
    assert judge(store, 5) == JudgeReport(0, 0, 0, 0, 0)


def test_a_reversed_departure_voids_the_case(store: SqlStore) -> None:
    fill(store, (LIVE,))
    judge(store)
    fill(store, people=snapshot(replace(LEAVER, ends_at=None), COLLEAGUE))
    judge(store, 5)
    held = {case.key: case for case in cases(store)}
    # the same person and credential: the case goes on as that of somebody who is here
    assert [(case.kind, case.state) for case in held.values()] == [(CaseKind.F5, CaseState.OPEN)]


def test_a_rehire_closes_nothing(store: SqlStore) -> None:
    place = exposure(author("omar@x.example", "2025-02-01"))
    fill(store, (LIVE,), places=(place,))
    judge(store)
    again = worker("1", "jane@x.example", login="janed", start="2026-09-01")
    fill(store, people=snapshot(LEAVER, again, COLLEAGUE))
    judge(store, 5)
    assert [case.state.ended for case in cases(store)] == [False]


def test_what_cannot_be_proved_is_watched(store: SqlStore) -> None:
    fill(store, (answer(LivenessState.NOT_VERIFIABLE),))
    assert judge(store) == JudgeReport(0, 0, 0, 0, 1)
    with store.transaction() as tx:
        assert [watch.person for watch in tx.cases.watches()] == ["1"]


def test_allow_listed_places_and_unknown_kinds_make_nothing(store: SqlStore) -> None:
    hidden = replace(PLACE, suppressed="pragma: allowlist secret")
    other = replace(PLACE, kind=KindId("gone"), locator=Locator("repos", "b", "c"))
    fill(store, (LIVE,), places=(hidden, replace(other, fingerprint=replace(FP, digest="f" * 64))))
    assert judge(store).opened == 0
