"""A leave of absence is from when we saw it until we saw its end."""

from __future__ import annotations

from datetime import timedelta

import pytest

from correlate.absence import absence_to_record, open_absences
from correlate.model import PersonId
from correlate.verdict import Absence, Standing, StandingState
from tests.correlate.cast import NOW

WHO = PersonId("1")
SINCE = NOW - timedelta(days=9)
AWAY, BACK = Absence(WHO, SINCE), Absence(WHO, SINCE, NOW - timedelta(days=2))
ON_LEAVE = Standing(StandingState.ON_LEAVE, away=True)
LEAVING = Standing(StandingState.LEAVING, away=True)
HERE = Standing(StandingState.HERE)


@pytest.mark.parametrize(
    ("rows", "held", "expected"),
    [
        ([], ON_LEAVE, Absence(WHO, NOW)),
        ([], LEAVING, Absence(WHO, NOW)),
        ([], HERE, None),
        ([AWAY], ON_LEAVE, None),
        ([AWAY], HERE, Absence(WHO, SINCE, NOW)),
        ([AWAY, BACK], HERE, None),
        ([AWAY, BACK], ON_LEAVE, Absence(WHO, NOW)),
    ],
    ids=[
        "newly away",
        "away and leaving",
        "here",
        "still away",
        "back",
        "back before",
        "away again",
    ],
)
def test_what_is_recorded(rows: list[Absence], held: Standing, expected: Absence | None) -> None:
    made = absence_to_record(WHO, open_absences(rows).get(WHO), held, NOW)
    assert made == expected
    after = open_absences([*rows, *([made] if made else [])]).get(WHO)
    assert absence_to_record(WHO, after, held, NOW) is None
