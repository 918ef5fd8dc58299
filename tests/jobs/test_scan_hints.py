"""What joins a found secret to its issuer's list, and gives nothing of it away."""

from __future__ import annotations

import base64
import hashlib

import pytest

from correlate.secret import Pepper, Secret
from jobs.scan_hints import hints_of

PEPPER = Pepper("p1", b"k" * 32)
TEXT = "tok_" + "abcdefghij" * 3


@pytest.mark.parametrize(
    ("form", "value"),
    [
        ("last8", TEXT[-8:]),
        ("last4", TEXT[-4:]),
        ("sha256", base64.b64encode(hashlib.sha256(TEXT.encode()).digest()).decode()),
    ],
)
def test_a_list_that_shows_it_is_met(form: str, value: str) -> None:
    assert PEPPER.hint("github", form, value) in hints_of("github", Secret(TEXT), PEPPER)
    assert PEPPER.hint("gitlab", form, value) not in hints_of("github", Secret(TEXT), PEPPER)


def test_of_a_pair_the_public_half_is_the_hint() -> None:
    made = hints_of("aws", Secret("KEYID123:" + "s" * 40), PEPPER)
    assert made == (PEPPER.hint("aws", "id", "KEYID123"),)


def test_a_short_secret_gives_no_part_of_itself() -> None:
    assert len(hints_of("x", Secret("short-one"), PEPPER)) == 1


def test_no_hint_holds_a_part_of_the_secret() -> None:
    for hint in hints_of("x", Secret(TEXT), PEPPER):
        assert len(hint) == 32
        assert int(hint, 16) >= 0
