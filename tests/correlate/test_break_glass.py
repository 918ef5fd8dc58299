"""What ends a credential is its issuer's word, except for what is sealed for emergencies."""

from __future__ import annotations

from dataclasses import replace

import pytest

from correlate.break_glass import RESEAL, by_hand
from correlate.policy import Credential
from tests.correlate.cast import FP
from tests.jobs.stage import KIND

SAID = replace(KIND, revoke_hint="Under Settings.")


@pytest.mark.parametrize(
    ("break_glass", "told"),
    [
        ((), "Under Settings."),
        (("ffffffff",), "Under Settings."),
        (("ffffffff", FP.short), RESEAL),
        ((FP.digest,), RESEAL),
    ],
)
def test_what_a_person_does_to_end_it(break_glass: tuple[str, ...], told: str) -> None:
    assert by_hand(Credential(FP, SAID, (), None, None), break_glass) == told
