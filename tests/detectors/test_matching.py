from __future__ import annotations

import dataclasses

import pytest

import detectors.matching as under_test
from correlate.errors import ConfigError
from correlate.kind import Allowance, Kind
from correlate.model import KindId
from detectors.matching import Matcher
from detectors.mint import mint
from detectors.pattern import token_pattern

WORD = "kD8mQ2" + "vX5pLw9z"  # apart, so that a scan of this repository finds nothing
TOO_LARGE = "((?:ab){32768})"  # for Hyperscan


def ours(name: str, pattern: str, **fields: object) -> Kind:
    made = Kind(KindId(name), "acme", "Acme", pattern, ("acme",), "s", "e")
    return dataclasses.replace(made, **fields)  # type: ignore[arg-type]


def pack(pattern: str, **fields: object) -> Kind:
    return ours("pack_rule", pattern, **{"pack": "mine", "secret_group": 0, **fields})


def texts(matcher: Matcher, text: str) -> list[tuple[str, str, str]]:
    return [(h.kind.id, h.text, h.dropped) for h in matcher.look(text.encode()).hits]


def matcher(*kinds: Kind, tell: bool = False) -> Matcher:
    return Matcher(kinds, None, tell_dropped=tell)


def test_a_packs_rule_finds_its_secret_and_gives_way_to_ours() -> None:
    rule = pack(r"(?i)\bacme[ =]+([0-9a-z]{10,20})\b")
    assert texts(matcher(rule), f"ACME = {WORD}") == [("pack_rule", WORD, "")]
    own = ours("acme_key", token_pattern("[0-9A-Za-z]{14}", ["acme"]))
    assert texts(matcher(rule, own), f"ACME = {WORD}") == [("acme_key", WORD, "")]


@pytest.mark.parametrize(
    ("fields", "text", "kept"),
    [
        ({}, "acme={}", True),
        ({"allowances": (Allowance("secret", words=("KD8M",)),)}, "acme={}", False),
        ({"allowances": (Allowance("match", patterns=("^acme=k",)),)}, "acme={}", False),
        ({"allowances": (Allowance("line", words=("a test",)),)}, "acme={} # a test", False),
        ({"allowances": (Allowance("line", words=("a test",)),)}, "acme={}\n# a test", True),
        ({"allowances": (Allowance("line", words=("a test",)),)}, "a test\nacme={}\n", True),
    ],
)
def test_what_a_pack_allows_is_dropped_with_that_reason(
    fields: dict[str, object], text: str, *, kept: bool
) -> None:
    found = texts(matcher(pack("acme=([0-9A-Za-z]+)", **fields), tell=True), text.format(WORD))
    want = "" if kept else "allowed by the rule pack mine"
    assert found == [("pack_rule", WORD, want)]


def test_a_packs_rule_that_the_database_cannot_hold_is_left_out_and_named() -> None:
    large, good = pack(TOO_LARGE), ours("acme_key", "(acme_[0-9A-Za-z]{14})")
    made = matcher(large, good)
    assert list(made.refused) == ["pack_rule"]
    assert made.refused[KindId("pack_rule")].startswith("Hyperscan refuses it")
    assert texts(made, "acme_" + WORD) == [("acme_key", "acme_" + WORD, "")]


def test_a_kind_of_ours_that_it_cannot_hold_is_an_error_that_names_it() -> None:
    with pytest.raises(ConfigError, match="acme_key"):
        matcher(ours("acme_key", TOO_LARGE), ours("other", "(acme)"))


def test_look_alikes_are_counted_and_told_only_when_asked(kinds: dict[str, Kind]) -> None:
    kind, reason = kinds["npm_token"], "its checksum does not hold"
    fake = "npm_" + "a1" * 18
    quiet = matcher(kind)
    assert texts(quiet, fake) == []
    assert quiet.dropped == {reason: 1}
    assert texts(matcher(kind, tell=True), fake) == [("npm_token", fake, reason)]


def test_a_long_text_is_looked_at_in_chunks_without_loss(
    kinds: dict[str, Kind], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(under_test, "CHUNK", 50_000)
    token = mint(kinds["npm_token"], "a")
    made, size = matcher(kinds["npm_token"]), len(token) + 1
    text = (token + "\n") * (200_000 // size)
    starts = [hit.start for hit in made.look(text.encode()).hits]
    assert starts == list(range(0, len(text), size))
