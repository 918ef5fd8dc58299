from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from correlate.kind import Kind
from detectors.facts import facts
from detectors.mint import mint


def b64(value: Any) -> str:
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def test_a_key_id_tells_its_account(kinds: dict[str, Kind]) -> None:
    # the account 1234 written into the bits of a key id
    number = (1234 << 7 | 1 << 47).to_bytes(6, "big") + bytes(4)
    key = "AKIA" + base64.b32encode(number).decode()
    told = facts(kinds["aws_access_key"], key + ":" + "x" * 40)
    assert told == {"key_id": key, "account_id": "000000001234"}
    old = "AKIAI" + "A" * 15
    assert facts(kinds["aws_access_key"], old + ":x") == {"key_id": old}


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
        ({"alg": "HS256"}, {"exp": True}, {"alg": "HS256"}),
    ],
)
def test_a_web_token_tells_what_it_claims(
    kinds: dict[str, Kind], header: Any, claims: Any, told: dict[str, str]
) -> None:
    assert facts(kinds["jwt"], f"{b64(header)}.{b64(claims)}.sig") == told


def test_a_routable_token_tells_its_user(kinds: dict[str, Kind]) -> None:
    payload = b64(b"\x00" * 16 + b"\nc:1\no:2\nu:rs\n")
    kind = kinds["gitlab_pat_routable"]
    assert facts(kind, f"glpat-{payload}.01.0abcdefgh") == {"user_id": "1000"}
    assert facts(kind, mint(kind, "a")) == {}


def test_a_checksum_that_does_not_decide_is_told(kinds: dict[str, Kind]) -> None:
    kind = kinds["atlassian_api_token"]
    token = mint(kind, "a")
    assert facts(kind, token) == {"checksum": "holds"}
    assert facts(kind, token[:-8] + "00000000") == {"checksum": "does not hold"}


def test_a_connection_string_tells_its_place_without_the_password(kinds: dict[str, Kind]) -> None:
    told = facts(kinds["database_url_redis"], "redis://app:p@ss@cache:6379/0")
    assert told == {"user": "app", "host": "cache:6379/0"}
