"""What joins a found secret to its issuer's list, and gives nothing of it away."""

from __future__ import annotations

import base64
import hashlib

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from connectors.public_half import hint
from correlate.listed import hint_of
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


@pytest.mark.parametrize(
    "form", [PrivateFormat.PKCS8, PrivateFormat.TraditionalOpenSSL, PrivateFormat.OpenSSH]
)
def test_a_private_key_meets_its_public_half_in_whosever_list(form: PrivateFormat) -> None:
    key = rsa.generate_private_key(65537, 2048)
    pem = key.private_bytes(Encoding.PEM, form, NoEncryption()).decode()
    line = key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()
    (listed,) = hint(f"{line} jane@laptop")
    made = hints_of("private_keys", Secret(pem), PEPPER)
    assert made == (hint_of(PEPPER, "github", listed),) == (hint_of(PEPPER, "gitlab", listed),)


def test_a_key_that_is_locked_or_broken_gives_no_hint() -> None:
    key = ed25519.Ed25519PrivateKey.generate()
    locked = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"x"))
    for text in (locked.decode(), locked.decode()[:60]):
        assert hints_of("private_keys", Secret(text), PEPPER) == ()


def test_a_short_secret_gives_no_part_of_itself() -> None:
    assert len(hints_of("x", Secret("short-one"), PEPPER)) == 1


def test_no_hint_holds_a_part_of_the_secret() -> None:
    for made in hints_of("x", Secret(TEXT), PEPPER):
        assert len(made) == 32
        assert int(made, 16) >= 0
