from __future__ import annotations

import dataclasses

from correlate.kind import Grade, Kind
from detectors.confirm import is_credential, why_not
from detectors.mint import mint


def test_a_checksum_decides_where_it_is_certain(kinds: dict[str, Kind]) -> None:
    kind = kinds["npm_token"]
    token = mint(dataclasses.replace(kind, example="npm_{base62:30}{checksum}"), "a")
    assert is_credential(kind, token)
    assert why_not(kind, "npm_" + "x" * 30 + "000000") == "its checksum does not hold"


def test_no_guess_overrules_a_checksum_that_holds(kinds: dict[str, Kind]) -> None:
    kind = dataclasses.replace(kinds["npm_token"], example="npm_" + "x" * 30 + "{checksum}")
    token = mint(dataclasses.replace(kind, example="npm_{base62:30}{checksum}"), "a")
    assert is_credential(dataclasses.replace(kind, entropy_min=9.0), token)


def test_too_little_chance_is_no_secret(kinds: dict[str, Kind]) -> None:
    kind = kinds["databricks_pat"]
    assert is_credential(kind, "dapi" + "0a1b2c3d" * 4)
    assert why_not(kind, "dapi" + "0001" * 8) == "too regular to be drawn by chance"


def test_of_a_pair_the_secret_half_is_weighed(kinds: dict[str, Kind]) -> None:
    kind = kinds["aws_access_key"]
    key = mint(kind, "a").partition(":")[0]
    assert why_not(kind, key + ":" + "aB" * 20) == "too regular to be drawn by chance"


def test_each_reason_is_told(kinds: dict[str, Kind]) -> None:
    head, *_, tail = mint(kinds["private_key_pem"], "a").splitlines()
    assert why_not(kinds["private_key_pem"], f"{head}\n...\n{tail}") == "not built like one"
    assert why_not(kinds["databricks_pat"], "dapi" + "x" * 32) == "a placeholder or an example"


def test_only_a_generic_kind_asks_for_harmless_values(kinds: dict[str, Kind]) -> None:
    kind = dataclasses.replace(kinds["npm_token"], checksum="", entropy_min=0.0)
    assert why_not(kind, "${TOKEN}") == ""
    generic = dataclasses.replace(kind, grade=Grade.GENERIC)
    assert why_not(generic, "${TOKEN}") == "a reference to a variable or a template"


def test_of_a_login_the_password_is_weighed_and_looked_at(kinds: dict[str, Kind]) -> None:
    kind = kinds["login_netrc"]
    word = "kD8mQ2" + "vX5pLw9z"  # apart, so that a scan of this repository finds nothing
    assert why_not(kind, f"machine sample.corp login svc password {word}") == ""
    why = why_not(kind, "machine git.corp login svc password aabbaabb")
    assert why == "too regular to be drawn by chance"
