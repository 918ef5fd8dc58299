"""Of a worker whom several feeds state, the one named first is believed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from correlate.departure import standing
from correlate.identity import link
from correlate.precedence import preferred
from correlate.verdict import StandingState
from tests.correlate.cast import NOW, account, snapshot, worker

GONE = worker("1", end="2026-10-31")
HERE = worker("1")
OTHER = worker("2")


@pytest.mark.parametrize(
    ("ranks", "state"),
    [
        ((None, None), StandingState.HERE),
        ((0, 1), StandingState.LEFT),
        ((1, 0), StandingState.HERE),
        ((0, None), StandingState.LEFT),
        ((None, 0), StandingState.HERE),
    ],
    ids=["side by side", "the one", "the other", "one named", "the other named"],
)
@pytest.mark.parametrize("turned", [False, True])
def test_who_is_believed(
    ranks: tuple[int | None, int | None], state: StandingState, turned: bool
) -> None:
    one = replace(snapshot(GONE, feed="employer of record"), rank=ranks[0])
    two = replace(snapshot(HERE, OTHER, accounts=(account("a"),), feed="hr"), rank=ranks[1])
    found = preferred([two, one] if turned else [one, two])
    people = link(found)
    assert standing(people.persons[next(k for k in people.persons if k == "1")], NOW).state is state
    assert {"1", "2", "directory:a"} == set(people.persons)
