"""Every packaged kind, asked of the whole engine: what is one, and what only looks like one."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from bench.files import is_file, secret_in
from correlate.kind import Grade, Kind
from detectors.engine import Engine
from detectors.forms.known import form_of
from detectors.mint import mint, mint_near_misses
from jobs.kind_files import packaged_kinds
from tests.detectors.looking import look

KINDS = packaged_kinds()
ISSUERS = [kind for kind in KINDS if kind.grade is Grade.ISSUER]
SEEDS = ("one", "two", "three")
EXAMPLE = re.compile(r'[A-Z][A-Z0-9_]*=(?:"([^"]*)"|([^"&]*))')


def secret_part(kind: Kind, minted: str) -> str:
    """A template that brings a name gives the secret as its value; of a piece of a file the
    pattern says which part is secret; any other is all secret.
    """
    assigned = EXAMPLE.fullmatch(minted)
    if assigned is not None:
        return assigned[1] or assigned[2]
    return secret_in(kind, minted) if is_file(kind) else minted


def test_there_are_enough_kinds_and_no_id_twice() -> None:
    assert max(Counter(kind.id for kind in KINDS).values()) == 1
    assert len(KINDS) >= 150
    assert len({kind.issuer for kind in KINDS}) >= 110


@pytest.mark.parametrize("kind", ISSUERS, ids=lambda kind: str(kind.id))
def test_what_is_minted_is_found_with_its_secret_and_as_no_other_kind(
    engine: Engine, kind: Kind
) -> None:
    for seed in SEEDS:
        minted = mint(kind, seed)
        found = {(item.kind, item.secret.reveal()) for item in look(engine, minted + "\n")}
        assert found == {(kind.id, form_of(kind).spelling(secret_part(kind, minted)))}


@pytest.mark.parametrize(
    "kind", [kind for kind in KINDS if kind.grade is Grade.GENERIC], ids=lambda kind: str(kind.id)
)
def test_what_is_minted_of_no_issuer_is_found_too(engine: Engine, kind: Kind) -> None:
    for seed in SEEDS:
        minted = mint(kind, seed)
        found = [item for item in look(engine, minted + "\n") if item.kind == kind.id]
        assert [item.secret.reveal() in minted for item in found] == [True]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: str(kind.id))
def test_a_near_miss_is_not_found_as_the_kind(engine: Engine, kind: Kind) -> None:
    for seed in SEEDS:
        for text in mint_near_misses(kind, seed):
            assert kind.id not in {item.kind for item in look(engine, text + "\n")}


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: str(kind.id))
def test_a_kind_says_where_it_is_from_and_how_to_revoke_it(kind: Kind) -> None:
    assert kind.source.startswith("https://")
    assert kind.revoke_hint


@pytest.mark.parametrize("kind", ISSUERS, ids=lambda kind: str(kind.id))
def test_a_kind_with_an_issuer_shows_near_misses(kind: Kind) -> None:
    assert len(kind.near_misses) >= 2
    assert len(set(kind.near_misses)) == len(kind.near_misses)
