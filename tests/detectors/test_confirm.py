from __future__ import annotations

import dataclasses

import pytest

from correlate.kind import Kind
from detectors.confirm import is_credential, jwt_part, looks_like_code
from detectors.mint import mint


def test_a_checksum_decides_where_it_is_certain(kinds: dict[str, Kind]) -> None:
    kind = kinds["npm_token"]
    body = "x" * 30
    token = mint(dataclasses.replace(kind, example="npm_{base62:30}{checksum}"), "a")
    assert is_credential(kind, token)
    assert not is_credential(kind, "npm_" + body + "000000")


def test_too_little_chance_is_no_secret(kinds: dict[str, Kind]) -> None:
    kind = kinds["databricks_pat"]
    assert is_credential(kind, "dapi" + "0a1b2c3d" * 4)
    assert not is_credential(kind, "dapi" + "0001" * 8)


def test_of_a_pair_the_secret_half_is_weighed(kinds: dict[str, Kind]) -> None:
    kind = kinds["aws_access_key"]
    key = mint(kind, "a").partition(":")[0]
    assert not is_credential(kind, key + ":" + "aB" * 20)


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
def test_what_is_no_web_token_is_none(kinds: dict[str, Kind], token: str) -> None:
    assert not is_credential(kinds["jwt"], token)


def test_a_part_that_is_no_object_is_none() -> None:
    assert jwt_part("W10.e30.", 0) is None
    assert jwt_part("W10.e30.", 1) == {}
    assert jwt_part("W10", 1) is None


@pytest.mark.parametrize(
    "text",
    ["settings.DB_PASSWORD", "d41d8cd98f00b204e9800998ecf8427e", "sha256:" + "ab" * 32, "a::b",
     "DATABASE_PASSWORD", "some-words-only", "/etc/passwd", "$VARIABLE", "%(name)s"],
)  # fmt: skip
def test_names_and_hashes_are_code(text: str) -> None:
    assert looks_like_code(text)


def test_a_heading_is_no_key(kinds: dict[str, Kind]) -> None:
    head, *_, tail = mint(kinds["private_key_pem"], "a").splitlines()
    assert not is_credential(
        kinds["private_key_pem"], f"{head}\n... the key stands here ...\n{tail}"
    )
