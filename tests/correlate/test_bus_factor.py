"""Who could rotate a credential: by their own hand or by inheritance, and here to stay."""

from __future__ import annotations

import pytest

from correlate.bus_factor import rotators
from correlate.model import PersonId
from correlate.verdict import Claim, Relation, Standing, StandingState
from tests.correlate.cast import FP

STANDINGS = {
    PersonId(state.value): Standing(state) for state in StandingState
} | {PersonId("other"): Standing(StandingState.HERE)}  # fmt: skip
OWNS, PUT, READ = Relation.OWNS, Relation.INTRODUCED, Relation.COULD_READ


@pytest.mark.parametrize(
    ("made", "heirs", "expected"),
    [
        ([], {}, set()),
        ([("here", OWNS, 0.95)], {}, {"here"}),
        ([("here", OWNS, 0.3)], {}, set()),
        ([("here", PUT, 0.65), ("other", OWNS, 0.95)], {}, {"here", "other"}),
        ([("here", READ, 0.9)], {}, set()),
        ([("on_leave", PUT, 0.65)], {}, {"on_leave"}),
        ([("left", OWNS, 0.95), ("leaving", PUT, 0.9), ("suspected", PUT, 0.9)], {}, set()),
        ([("left", OWNS, 0.95)], {"left": "other"}, {"other"}),
        ([("left", READ, 0.95)], {"left": "other"}, set()),
        ([("left", OWNS, 0.95)], {"left": "leaving"}, set()),
        ([("stranger", OWNS, 0.95)], {}, set()),
    ],
    ids=[
        "nobody", "owner", "weak owner", "owner and introducer", "reader", "away for a while",
        "all going", "accepted successor", "successor of a reader", "successor leaves", "stranger",
    ],
)  # fmt: skip
def test_who_could_rotate(
    made: list[tuple[str, Relation, float]], heirs: dict[str, str], expected: set[str]
) -> None:
    claims = [Claim(FP, PersonId(who), how, strength, ()) for who, how, strength in made]
    found = rotators(
        claims, STANDINGS, {PersonId(left): PersonId(heir) for left, heir in heirs.items()}
    )
    assert found == expected
