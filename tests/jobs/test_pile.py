"""A pile is judged out of what it is sent, by whoever is sent it."""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from connectors.store_sql import SqlStore
from correlate.model import Identity, LivenessState
from correlate.ports_store import Transaction
from correlate.verdict import CaseKind, CaseState
from jobs.credentials import lists
from jobs.exception_book import book_of
from jobs.judge import judge_all
from jobs.people import circle
from jobs.pile import Court, JudgeReport, Pile, judge_pile
from tests.correlate.cast import FP, NOW, answer
from tests.jobs.stage import KINDS, fill, fresh_store

LIVE = answer(LivenessState.LIVE, Identity("github", "janed"))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    made = fresh_store(tmp_path)
    fill(made, (LIVE,))
    yield made
    made.close()


def court(tx: Transaction, days: int = 0) -> Court:
    now = NOW + timedelta(days=days)
    known = circle(tx, now)
    book = book_of(tx, known, now)
    staff = known.everybody_lean(9, both=False)
    return Court(KINDS, now, 0, staff, {}, book, known.successions(), lists(tx))


def pile(tx: Transaction) -> Pile:
    ((names, pack),) = tx.scans.packed(9)
    return Pile(tx.cases.packed(names), pack)


def test_it_is_judged_the_same_where_it_was_sent(store: SqlStore) -> None:
    with store.transaction() as tx:
        here, sent = pile(tx), pickle.loads(pickle.dumps(pile(tx)))  # noqa: S301  # our own
        known = court(tx)
    changes = judge_pile(known, here)
    assert [(case.kind, case.person) for case in changes.changed] == [(CaseKind.F1, "1")]
    assert changes.moved == changes.changed
    assert changes.report == JudgeReport(opened=1)
    assert judge_pile(known, sent) == pickle.loads(pickle.dumps(changes)) == changes  # noqa: S301


def test_what_is_as_it_was_changes_nothing(store: SqlStore) -> None:
    judge_all(store, KINDS, NOW, 0)
    with store.transaction() as tx:
        changes = judge_pile(court(tx), pile(tx))
    assert (changes.changed, changes.report) == ([], JudgeReport())


def test_cases_of_which_nothing_more_is_known_go_on(store: SqlStore) -> None:
    judge_all(store, KINDS, NOW, 0)
    with store.transaction() as tx:
        (held,) = tx.cases.cases()
        until = NOW + timedelta(days=1)
        tx.cases.save_case(replace(held, state=CaseState.WAIVED, waived_until=until))
        alone = Pile(tx.cases.packed([FP]))
        found = [judge_pile(court(tx, days), alone).changed for days in (0, 2)]
    assert found[0] == []
    assert [case.state for case in found[1]] == [CaseState.OPEN]


def test_reports_are_counted_together() -> None:
    one, other = JudgeReport(1, 2, 3, 4, 5), JudgeReport(10, 20, 30, 40, 50)
    assert one + other == JudgeReport(11, 22, 33, 44, 55)
