"""A leave of absence is from when we saw it until we saw its end."""

from __future__ import annotations

from datetime import timedelta

import pytest

from correlate.absence import absences_to_record, open_absences
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
    ("rows", "standings", "expected"),
    [
        ([], {WHO: ON_LEAVE}, [Absence(WHO, NOW)]),
        ([], {WHO: LEAVING}, [Absence(WHO, NOW)]),
        ([], {WHO: HERE}, []),
        ([AWAY], {WHO: ON_LEAVE}, []),
        ([AWAY], {WHO: HERE}, [Absence(WHO, SINCE, NOW)]),
        ([AWAY], {}, []),
        ([AWAY, BACK], {WHO: HERE}, []),
        ([AWAY, BACK], {WHO: ON_LEAVE}, [Absence(WHO, NOW)]),
    ],
    ids=[
        "newly away", "away and leaving", "here", "still away", "back", "in no feed any more",
        "back before", "away again",
    ],
)  # fmt: skip
def test_what_is_recorded(
    rows: list[Absence], standings: dict[PersonId, Standing], expected: list[Absence]
) -> None:
    made = absences_to_record(open_absences(rows), standings, NOW)
    assert made == expected
    again = open_absences([*rows, *made])
    assert absences_to_record(again, standings, NOW) == []
