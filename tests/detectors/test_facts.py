from __future__ import annotations

import dataclasses

from correlate.kind import Kind
from detectors.facts import facts
from detectors.mint import mint
from tests.detectors.forms.spelled import b64url


def test_a_checksum_that_does_not_decide_is_told(kinds: dict[str, Kind]) -> None:
    kind = kinds["atlassian_api_token"]
    token = mint(kind, "a")
    assert facts(kind, token) == {"checksum": "holds"}
    assert facts(kind, token[:-8] + "00000000") == {"checksum": "does not hold"}


def test_a_token_that_says_nothing_has_no_facts(kinds: dict[str, Kind]) -> None:
    assert facts(kinds["npm_token"], mint(kinds["npm_token"], "a")) == {}


def test_a_form_tells_its_facts_in_bounded_length(kinds: dict[str, Kind]) -> None:
    token = f"{b64url({'alg': 'HS256'})}.{b64url({'sub': 'x' * 9000})}."
    assert facts(kinds["jwt"], token) == {"sub": "x" * 200, "alg": "HS256"}
    assert facts(dataclasses.replace(kinds["jwt"], form=""), token) == {}
