"""Who has a say: people who are here, and whom it does not concern."""

from __future__ import annotations

from dataclasses import replace

import pytest

from correlate.approval import no_say, parties
from correlate.case import open_case
from correlate.model import KindId, PersonId
from correlate.verdict import (
    CaseKind,
    Claim,
    Decision,
    Relation,
    Standing,
    StandingState,
)
from tests.correlate.cast import FP, NOW, answer

JANE, OMAR, ANNA = PersonId("1"), PersonId("2"), PersonId("3")
CASE = open_case(Decision(CaseKind.F2, FP, KindId("kind"), JANE, None, ()), answer(), NOW)
OWNS = Claim(FP, OMAR, Relation.OWNS, 0.95, ())


def test_it_concerns_whom_it_is_held_against_and_who_may_own_the_credential() -> None:
    weak, reader = replace(OWNS, strength=0.1), replace(OWNS, relation=Relation.COULD_READ)
    assert parties(CASE, [OWNS]) == {JANE, OMAR}
    assert parties(CASE, [weak, reader]) == {JANE}
    assert parties(replace(CASE, person=None), []) == frozenset()


@pytest.mark.parametrize("state", StandingState)
def test_who_left_or_may_have_has_no_say(state: StandingState) -> None:
    gone = state in (StandingState.LEFT, StandingState.SUSPECTED)
    assert bool(no_say(ANNA, {ANNA: Standing(state)}, ())) is gone


def test_who_is_not_known_or_whom_it_concerns_has_none() -> None:
    here = {ANNA: Standing(StandingState.HERE)}
    assert no_say(OMAR, here, ())
    assert "theirs" in no_say(ANNA, here, {ANNA})
