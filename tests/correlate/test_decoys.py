from __future__ import annotations

import pytest

from correlate.decoys import is_decoy, listed, skipped, written
from correlate.model import Liveness, LivenessState
from correlate.secret import Fingerprint
from tests.correlate.cast import NOW, answer

MINE = Fingerprint("p1", "0a1b2c3d" + "4" * 56)


@pytest.mark.parametrize(
    ("decoys", "found"),
    [
        ((), False),
        ((MINE.short,), True),
        ((MINE.digest,), True),
        (("00000000", MINE.digest[:12]), True),
        (("0a1b2c3e",), False),
        (("1b2c3d44",), False),
    ],
)
def test_a_fingerprint_is_listed_as_it_is_shown_or_with_more_digits(
    decoys: tuple[str, ...], found: bool
) -> None:
    assert listed(decoys, MINE) is found


@pytest.mark.parametrize("text", ["", "0a1b2c3", "0A1B2C3D", "0a1b2c3d ", "0" * 65, "ghp_0a1b2c3d"])
def test_what_is_no_fingerprint_is_none(text: str) -> None:
    assert not written(text)
    assert written(MINE.short)
    assert written(MINE.digest)


def test_only_the_policys_own_answer_tells_a_decoy() -> None:
    assert is_decoy(skipped(NOW))
    assert skipped(NOW).reason == "decoy: listed in the policy"
    other = Liveness(LivenessState.SKIPPED, NOW, "policy: the key's account is not one of ours")
    for said in (None, other, answer(), Liveness(LivenessState.UNKNOWN, NOW, skipped(NOW).reason)):
        assert not is_decoy(said)
