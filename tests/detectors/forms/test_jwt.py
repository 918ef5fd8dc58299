from __future__ import annotations

from typing import Any

import pytest

from detectors.forms.jwt import JWT, instant, jwt_part
from tests.detectors.forms.spelled import b64url


@pytest.mark.parametrize(
    "token",
    [
        "eyJhIjoxfQ.eyJhIjoxfQ.x",
        "eyJhbGci.eyJhIjoxfQ.x",
        "e30.e30.x",
        "eyJhbGciOjF9.W10.x",
        "a",
        "",
    ],
)
def test_what_is_no_web_token_is_none(token: str) -> None:
    assert not JWT.holds(token)


def test_a_header_with_an_algorithm_and_claims_make_a_web_token() -> None:
    assert JWT.holds(f"{b64url({'alg': 'HS256'})}.{b64url({})}.")


def test_a_part_that_is_no_object_is_none() -> None:
    assert jwt_part("W10.e30.", 0) is None
    assert jwt_part("W10.e30.", 1) == {}
    assert jwt_part("W10", 1) is None


@pytest.mark.parametrize(
    ("header", "claims", "told"),
    [
        (
            {"alg": "HS256"},
            {"iss": "me", "sub": "you", "exp": 0},
            {
                "iss": "me",
                "sub": "you",
                "alg": "HS256",
                "expires_at": "1970-01-01T00:00:00+00:00",
            },
        ),
        ({"alg": "none"}, {}, {"alg": "none", "unsigned": "yes"}),
        ({"alg": "HS256"}, {"exp": 10**30}, {"alg": "HS256"}),
        ({"alg": "HS256"}, {"exp": "soon"}, {"alg": "HS256"}),
        ({"alg": "HS256"}, {"exp": True, "iss": 1}, {"alg": "HS256"}),
    ],
)
def test_a_web_token_tells_what_it_claims(header: Any, claims: Any, told: dict[str, str]) -> None:
    assert JWT.facts(f"{b64url(header)}.{b64url(claims)}.sig") == told


def test_an_instant_is_told_in_utc() -> None:
    assert instant(1.5) == "1970-01-01T00:00:01.500000+00:00"
    assert instant(float("nan")) is None
    assert instant(None) is None
