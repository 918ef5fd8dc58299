from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.scram import Scram, new_nonce
from correlate.secret import Secret

# the examples of RFC 5802 and RFC 7677
VECTORS = [
    (
        "sha1",
        "fyko+d2lbbFgONRv9qkxdawL",
        "3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096",
        "v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=",
        "rmF9pqV8S7suAoZWja4dJRkFsKQ=",
    ),
    (
        "sha256",
        "rOprNGfwEbeRWgbNEkqO",
        "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
        "dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
        "6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=",
    ),
]


@pytest.mark.parametrize(("digest", "nonce", "rest", "proof", "verifier"), VECTORS)
def test_the_examples_of_the_standards_come_out(
    digest: str, nonce: str, rest: str, proof: str, verifier: str
) -> None:
    one = Scram(digest, "user", Secret("pencil"), nonce)
    assert one.first() == f"n,,n=user,r={nonce}".encode()
    said, expected = one.final(f"r={nonce}{rest}".encode())
    assert said.endswith(f",p={proof}".encode())
    assert expected == f"v={verifier}".encode()


@pytest.mark.parametrize(
    "challenge",
    [
        "", "r=", "r=mine,s=QSXC,i=4096", "r=other+,s=QSXC,i=4096", "r=mine+,s=QSXC,i=1",
        "r=mine+,s=QSXC,i=2000000000", "r=mine+,s=QSXC,i=-5", "r=mine+,s=QSXC", "r=mine+,s=!,i=4096",
        "r=mine+,s=QSXC,i=many", "\u00fc",
    ],
)  # fmt: skip
def test_a_challenge_that_is_none_is_refused(challenge: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  # all of them are
        Scram("sha256", "jane", Secret("p"), "mine").final(challenge.encode())


def test_a_users_name_is_escaped() -> None:
    assert Scram("sha1", "a,b=c", Secret("p"), "x").first() == b"n,,n=a=2Cb=3Dc,r=x"


def test_no_nonce_comes_twice() -> None:
    assert new_nonce() != new_nonce()


@given(st.text("xyz", min_size=12))
def test_the_password_is_in_nothing_that_is_sent(password: str) -> None:
    one = Scram("sha256", "jane", Secret(password), "mine")
    said, _ = one.final(b"r=mine+,i=4096,s=" + base64.b64encode(b"salt"))
    assert password.encode() not in one.first() + said
    assert password not in repr(one)
