from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from correlate import case as moves
from correlate.model import KindId, PersonId
from correlate.sla import NONE, PRESETS, Deadlines, due_at
from correlate.verdict import CaseKind, Decision, Departure
from tests.correlate.cast import FP, NOW, answer

WHO = PersonId("1")
LEFT = Departure(WHO, "s", NOW - timedelta(days=1), "hr")
HELD = moves.open_case(Decision(CaseKind.F1, FP, KindId("kind"), WHO, LEFT, ()), answer(), NOW)
OWN = Deadlines(by_severity={"high": 72, "low": 0})


@pytest.mark.parametrize(
    ("deadlines", "kind", "hours"),
    [
        (PRESETS["fedramp-moderate"], CaseKind.F1, 4),
        (PRESETS["fedramp-high"], CaseKind.F1, 1),
        (PRESETS["fedramp-high"], CaseKind.F2, 24),
        (PRESETS["fedramp-high"], CaseKind.F9, None),
        (OWN, CaseKind.F2, 72),
        (NONE, CaseKind.F1, None),
    ],
)
def test_a_case_is_due_so_many_hours_after_the_leave(
    deadlines: Deadlines, kind: CaseKind, hours: int | None
) -> None:
    wanted = LEFT.effective_at + timedelta(hours=hours) if hours else None
    assert due_at(replace(HELD, kind=kind), deadlines) == wanted


def test_where_the_hour_of_the_leave_is_not_known_the_latest_counts() -> None:
    late: datetime = LEFT.effective_at + timedelta(hours=26)
    held = replace(HELD, departure=replace(LEFT, latest_at=late))
    assert due_at(held, PRESETS["fedramp-high"]) == late + timedelta(hours=1)


@pytest.mark.parametrize("severity", ["low", "medium"])
def test_no_hours_is_no_deadline(severity: str) -> None:
    assert due_at(replace(HELD, severity=severity), OWN) is None


def test_where_nobody_left_nothing_is_due() -> None:
    assert due_at(replace(HELD, departure=None), PRESETS["fedramp-high"]) is None
