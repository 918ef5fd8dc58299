from __future__ import annotations

import json
from typing import Any

import pytest

from correlate.kind import Kind
from detectors.forms.macaroon import MACAROON, macaroon
from detectors.mint import mint
from tests.detectors.forms.spelled import b64url


def field(number: int, data: bytes) -> bytes:
    size = len(data)
    length = bytes([size]) if size < 128 else bytes([size & 127 | 128, size >> 7])
    return bytes([number]) + length + data


def token(*caveats: Any, signature: bytes = b"s" * 32, location: bytes = b"pypi.org") -> str:
    raw = b"\x02" + field(1, location) + field(2, b"id") + b"\x00"
    for caveat in caveats:
        raw += field(2, json.dumps(caveat).encode()) + b"\x00"
    return "pypi-" + b64url(raw + b"\x00" + field(6, signature))


@pytest.mark.parametrize(
    ("caveats", "told"),
    [
        ([], {}),
        ([[3, "u-1"]], {"user_id": "u-1"}),
        ([[1, ["a", "b"]], [3, "u-1"]], {"projects": "a, b", "user_id": "u-1"}),
        ([[2, ["p" * 200]]], {"projects": "p" * 200}),
        ([[0, 86400, 0]], {"expires_at": "1970-01-02T00:00:00+00:00"}),
        ([{"version": 1, "permissions": {"projects": ["a"]}}], {"projects": "a"}),
        ([{"version": 1, "permissions": "user"}, [9], "x", [0, "soon"]], {}),
    ],
)
def test_a_token_tells_what_its_caveats_say(caveats: list[Any], told: dict[str, str]) -> None:
    assert MACAROON.facts(token(*caveats)) == {"location": "pypi.org"} | told


def test_a_minted_token_is_a_whole_one(kinds: dict[str, Kind]) -> None:
    found = macaroon(mint(kinds["pypi_token"], "a"))
    assert found is not None
    assert found.location == "pypi.org"


def test_what_is_no_whole_macaroon_is_none() -> None:
    whole = token([3, "u"])
    assert MACAROON.holds(whole)
    for text in (
        whole[:-8],
        whole + "AAAA",
        token(signature=b"s" * 31),
        token(location=b"\xff"),
        "pypi-",
        "",
    ):
        assert not MACAROON.holds(text)
        assert MACAROON.facts(text) == {}
