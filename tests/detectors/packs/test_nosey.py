"""Packs of Nosey Parker, Kingfisher 1.x and Titus."""

from __future__ import annotations

from typing import Any

import pytest

from correlate.kind import Allowance
from detectors.packs.allow import refusal
from detectors.packs.exact import compiled
from detectors.packs.nosey import is_pack, read
from detectors.packs.pack import Pack, Refusal

RULE = {"name": "Fennel  Key", "id": "np.fennel.1", "pattern": "(?xi) \\b (fnl_ [0-9a-f]{8}) \\b\n"}
IDENTIFIER = {"categories": ["api", "identifier"]}


def pack(*rules: Any) -> Pack:
    return read({"rules": list(rules)}, "ours", "rules/fennel.yml")


def test_a_rule_becomes_a_kind() -> None:
    made = pack({**RULE, "min_entropy": 2.5, "examples": ["x"], "keywords": ["FNL_"]})
    (kind,) = made.kinds
    assert (kind.id, kind.issuer, kind.pack) == ("pack_ours_np_fennel_1", "ours", "ours")
    assert (kind.name, kind.source, kind.secret_group) == ("Fennel Key", "rules/fennel.yml", 1)
    assert (kind.anchors, kind.verification, kind.example) == (("fnl_",), None, "")
    assert 2.5 < kind.entropy_min < 2.501
    assert compiled(kind.pattern).search(b"x FNL_0123abcd.")[1] == b"FNL_0123abcd"
    assert (made.refused, made.remarks) == ((), ())


@pytest.mark.parametrize(
    ("requirements", "kept", "dropped"),
    [
        ({"min_digits": 2}, "a1b2", "a1bb"),
        ({"min_uppercase": 1}, "aB", "ab"),
        ({"min_lowercase": 3}, "abc1\nd", "abC"),
        ({"min_special_chars": 2}, "a-b.", "a-b"),
        ({"min_special_chars": 1, "special_chars": "-]^"}, "a]", "a."),
        ({"min_digits": 1, "min_uppercase": 1}, "1A", "1a"),
        ({"ignore_if_contains": ["sAmple"]}, "exam", "aSAMPLEb"),
        ({"min_digits": 0}, "a", None),
    ],
)
def test_what_is_required_of_the_secret_is_asked(
    requirements: dict[str, Any], kept: str, dropped: str | None
) -> None:
    (kind,) = pack({**RULE, "pattern_requirements": requirements}).kinds
    assert refusal(kind, kept, kept, kept) == ""
    assert dropped is None or refusal(kind, dropped, dropped, dropped)


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"pattern": None}, "it has no pattern"),
        ({"pattern": 3}, "its pattern is no text"),
        ({"pattern": "(a"}, "a group that is not closed"),
        ({"pattern": "(a)(b)(c)"}, "it does not say which of its groups is the secret"),
        ({"visible": False}, "it only helps other rules"),
        ({**IDENTIFIER, "name": "Fennel App ID"}, "it finds an identifier, which is no secret"),
        ({"min_entropy": "high"}, "its min_entropy is no number"),
        (
            {"pattern_requirements": {"checksum": {}}},
            "it requires what is not known here: checksum",
        ),
        ({"pattern_requirements": {"min_digits": 2000}}, "its min_digits is too large"),
        ({"pattern_requirements": [{}, {}]}, "its pattern_requirements is no table"),
        ({"pattern_requirements": {"min_digits": "2"}}, "its min_digits is no number"),
    ],
)
def test_a_rule_that_is_not_taken_has_a_reason(more: dict[str, Any], reason: str) -> None:
    made = pack({**RULE, **more})
    assert made.kinds == ()
    assert made.refused == (Refusal("np.fennel.1", reason),)


@pytest.mark.parametrize(
    ("more", "rule", "text"),
    [
        (IDENTIFIER, "np.fennel.1", "the pack calls it an identifier"),
        ({"validation": {}}, "", "its questions to issuers are not asked"),
        ({"pattern": "(a)b(c)"}, "np.fennel.1", "of its two groups the second"),
        ({"pattern": "(?P<id>a)(?P<key>c)"}, "np.fennel.1", "the one named key"),
    ],
)
def test_what_is_not_done_is_remarked(more: dict[str, Any], rule: str, text: str) -> None:
    made = pack({**RULE, **more})
    assert len(made.kinds) == 1
    (remark,) = made.remarks
    assert remark.rule == rule
    assert text in remark.text


def test_what_is_no_rule_is_refused_by_its_number_and_file() -> None:
    made = pack("rule", {"pattern": "(a)"})
    assert made.refused == (Refusal("rule 1 of rules/fennel.yml", "it is no table"),)
    assert made.kinds[0].allowances == ()
    assert made.kinds[0].name == "rule 2 of rules/fennel.yml"


def test_words_to_ignore_are_an_allowance() -> None:
    (kind,) = pack({**RULE, "pattern_requirements": {"ignore_if_contains": ["x"]}}).kinds
    assert kind.allowances == (Allowance("secret", (), ("x",)),)


@pytest.mark.parametrize(
    ("top", "is_one"),
    [
        ({"rules": [RULE]}, True),
        ({"rules": []}, False),
        ({"rules": {"a": 1}}, False),
        ({"rules": [{"run": "make"}]}, False),
        ({"rulesets": []}, False),
    ],
)
def test_a_pack_is_told_by_its_rules(top: dict[str, Any], is_one: bool) -> None:
    assert is_pack(top) is is_one
