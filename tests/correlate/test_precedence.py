"""Of a worker whom several feeds state, the one named first is believed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from correlate.departure import standing
from correlate.model import PersonId
from correlate.precedence import preferred
from correlate.verdict import Person, StandingState
from tests.correlate.cast import NOW, worker

GONE = worker("1", end="2026-10-31")
HERE = worker("1")
ELSEWHERE = worker("2")


@pytest.mark.parametrize(
    ("ranks", "state"),
    [
        ((None, None), StandingState.HERE),
        ((0, 1), StandingState.LEFT),
        ((1, 0), StandingState.HERE),
        ((0, None), StandingState.LEFT),
        ((None, 0), StandingState.HERE),
        ((0, 0), StandingState.HERE),
    ],
    ids=["side by side", "the one", "the other", "one named", "the other named", "the same feed"],
)
@pytest.mark.parametrize("turned", [False, True])
def test_who_is_believed(
    ranks: tuple[int | None, int | None], state: StandingState, turned: bool
) -> None:
    rows = [replace(GONE, rank=ranks[0]), replace(HERE, rank=ranks[1])]
    person = Person(PersonId("1"), "Jane", tuple(reversed(rows) if turned else rows))
    assert standing(person, NOW).state is state


def test_another_worker_id_is_another_employment() -> None:
    rows = [replace(GONE, rank=0), replace(ELSEWHERE, rank=1), replace(HERE, rank=1)]
    assert preferred(rows) == rows[:2]
