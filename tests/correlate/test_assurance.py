"""No word is stronger than what it rests on."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from correlate.assurance import Assurance, Tally, assurance, conclusion
from correlate.case import open_case
from correlate.model import KindId, LivenessState
from correlate.verdict import CaseKind, CaseState, Decision
from tests.correlate.cast import FP, NOW, answer

LIVE, DEAD = answer(LivenessState.LIVE), answer(LivenessState.DEAD)
CASE = open_case(Decision(CaseKind.F1, FP, KindId("kind"), None, None, ()), LIVE, NOW)


@pytest.mark.parametrize(
    ("said", "state", "proofs", "ticketed", "rests_on"),
    [
        (LIVE, CaseState.TICKETED, 0, True, Assurance.OBSERVED),
        (DEAD, CaseState.CLOSED, 2, True, Assurance.OBSERVED),
        (None, CaseState.CLOSED, 2, True, Assurance.OBSERVED),
        (None, CaseState.CLOSED, 0, True, Assurance.ATTESTED),
        (LIVE, CaseState.WAIVED, 0, True, Assurance.WAIVED),
        (None, CaseState.TICKETED, 0, True, Assurance.ACKNOWLEDGED),
        (None, CaseState.OPEN, 0, False, Assurance.UNKNOWN),
        (answer(LivenessState.RATE_LIMITED), None, 0, False, Assurance.UNKNOWN),
        (answer(LivenessState.SUSPENDED), None, 0, True, Assurance.ACKNOWLEDGED),
    ],
)
def test_a_statement_says_on_what_it_rests(
    said: object, state: CaseState | None, proofs: int, ticketed: bool, rests_on: Assurance
) -> None:
    held = replace(CASE, state=state, rejections=(DEAD,) * proofs) if state else None
    assert assurance(said, held, ticketed=ticketed) is rests_on  # type: ignore[arg-type]


COUNTS = st.integers(0, 50)


@given(COUNTS, COUNTS, COUNTS, st.integers(0, 500), st.floats(0, 1))
def test_nothing_is_ever_called_clean_and_little_coverage_is_told(
    live: int, rejected: int, unknown: int, planned: int, share: float
) -> None:
    tally = Tally(3, live, rejected, unknown, planned, int(share * planned))
    said = conclusion(tally, 0.95)
    assert "clean" not in said.casefold()
    covered = tally.covered
    if covered is None or covered < 0.95:
        assert "no credential of a leaver is known to be live" not in said
        assert "nothing" in said.casefold()
    if live or unknown:
        assert "no credential of a leaver" not in said


def test_whole_coverage_without_anything_live_is_said_of_what_was_examined_only() -> None:
    said: str = conclusion(Tally(2, 0, 3, 0, 10, 10))
    assert said.endswith(
        "10 of 10 parts (100.0%) were examined whole; in those, no credential of a leaver is known to "
        "be live."
    )
