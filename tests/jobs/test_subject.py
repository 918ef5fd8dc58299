"""A draft is made only of a case whose kind is known and whose issuer was asked."""

from __future__ import annotations

from pathlib import Path

from correlate.model import LivenessState
from correlate.sla import Deadlines
from jobs.judge import judge_all
from jobs.subject import subjects_of
from tests.correlate.cast import FP, NOW, answer
from tests.jobs.stage import KINDS, cases, fill, fresh_store

LIVE = answer(LivenessState.LIVE)


def test_a_case_is_left_out_while_its_kind_or_an_answer_is_missing(tmp_path: Path) -> None:
    store = fresh_store(tmp_path)
    fill(store, (LIVE,))
    judge_all(store, KINDS, NOW, 0)
    (case,) = cases(store)
    assert set(subjects_of([case], KINDS, {}, {FP: LIVE}, {})) == {case.key}
    assert subjects_of([case], {}, {}, {FP: LIVE}, {}) == {}
    assert subjects_of([case], KINDS, {}, {}, {}) == {}
    store.close()


def test_a_credential_kept_for_emergencies_is_marked_and_a_case_has_its_day(tmp_path: Path) -> None:
    store = fresh_store(tmp_path)
    fill(store, (LIVE,))
    judge_all(store, KINDS, NOW, 0)
    (case,) = cases(store)
    hours = Deadlines(by_severity={case.severity: 8})
    (made,) = subjects_of(
        [case], KINDS, {}, {FP: LIVE}, {}, break_glass=(FP.short,), deadlines=hours
    ).values()
    assert made.break_glass
    assert made.due_at is not None
    store.close()
