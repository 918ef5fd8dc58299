from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from correlate.kind import Kind
from detectors.engine import Engine
from detectors.mint import mint
from jobs.kind_files import packaged_kinds
from tests.detectors.looking import look, told

KINDS = packaged_kinds()


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: str(kind.id))
@settings(max_examples=10)
@given(seed=st.text(max_size=8))
def test_what_is_minted_is_found_and_is_that_kind_only(
    engine: Engine, kind: Kind, seed: str
) -> None:
    token = mint(kind, seed)
    findings = look(engine, f"{token}\n")
    assert [finding.kind for finding in findings] == [kind.id]
    secret = findings[0].secret.reveal()
    # some are found by what stands around them, some have a spelling of their own
    assert kind.form or secret in token
    if token.startswith(secret):
        assert told(look(engine, f'x = "{token}"\n')) == [(kind.id, secret, 1)]


def test_the_same_seed_mints_the_same_and_another_seed_another(kinds: dict[str, Kind]) -> None:
    kind = kinds["npm_token"]
    assert mint(kind, "a") == mint(kind, "a") != mint(kind, "b")


def test_a_pair_is_minted_in_its_canonical_form(kinds: dict[str, Kind]) -> None:
    key, _, secret = mint(kinds["aws_access_key"], "a").partition(":")
    assert (len(key), len(secret)) == (20, 40)


@pytest.mark.parametrize("example", ["x_{nothing:4}", "x" * 40])
def test_a_template_that_cannot_be_minted_is_refused(kinds: dict[str, Kind], example: str) -> None:
    with pytest.raises(ValueError, match=r"example|placeholder"):
        mint(dataclasses.replace(kinds["npm_token"], example=example), "a")
