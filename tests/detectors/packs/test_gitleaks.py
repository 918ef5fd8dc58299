"""Packs of Gitleaks and Betterleaks: what is taken, what is not, and what each rule then drops."""

from __future__ import annotations

import tomllib

import pytest

from correlate.kind import Allowance, Grade, Kind
from detectors.packs.allow import refusal
from detectors.packs.exact import compiled
from detectors.packs.gitleaks import is_pack, read
from detectors.packs.pack import Pack, Refusal, Remark

PLACE = "its condition on paths or commits is not applied"
RULE = """
[[rules]]
id = "Fennel-Key.1"
description = "A key of  Fennel"
regex = '''(?i)fennel.{0,9}(fnl_([0-9a-f]{8}))'''
keywords = ["FNL_"]
"""


def pack(text: str) -> Pack:
    top = tomllib.loads(text)
    assert is_pack(top)
    return read(top, "ours", "ours.toml")


def only(text: str) -> tuple[Kind, tuple[Remark, ...]]:
    made = pack(text)
    assert made.refused == ()
    (kind,) = made.kinds
    return kind, made.remarks


def why(text: str) -> str:
    made = pack(text)
    assert made.kinds == ()
    (refused,) = made.refused
    return refused.reason


def test_a_rule_becomes_a_kind() -> None:
    kind, remarks = only(RULE + "entropy = 3\nsecretGroup = 2\n")
    assert (kind.id, kind.issuer, kind.pack) == ("pack_ours_fennel_key_1", "ours", "ours")
    assert (kind.name, kind.anchors, kind.source) == ("A key of Fennel", ("fnl_",), "ours.toml")
    assert (kind.grade, kind.verification, kind.secret_group) == (Grade.ISSUER, None, 2)
    assert 3 < kind.entropy_min < 3.001
    found = compiled(kind.pattern).search(b"Fennel: FNL_0123abcd")
    assert found[kind.secret_group] == b"0123abcd"
    assert remarks == ()


@pytest.mark.parametrize(
    ("more", "allowances"),
    [
        (
            '[[rules.allowlists]]\nregexes = ["(?i)^x", "y"]\nstopwords = ["Z"]\n',
            (Allowance("secret", ("(?i:^x)", "y"), ("Z",)),),
        ),
        ('[rules.allowlist]\nstopwords = ["z"]\n', (Allowance("secret", (), ("z",)),)),
        (
            '[[rules.allowlists]]\nregexTarget = "line"\nregexes = ["y"]\nstopwords = ["z"]\n',
            (Allowance("line", ("y",)), Allowance("secret", (), ("z",))),
        ),
        (
            '[[rules.allowlists]]\ncondition = "AND"\nregexes = ["y"]\nstopwords = ["z"]\n',
            (Allowance("secret", ("y",), ("z",), all_of=True),),
        ),
        ('[allowlist]\nregexes = ["y"]\n', (Allowance("secret", ("y",)),)),
        (
            '[[allowlists]]\ntargetRules = ["Fennel-Key.1"]\nregexes = ["y"]\n',
            (Allowance("secret", ("y",)),),
        ),
        ('[[allowlists]]\ntargetRules = ["another"]\nregexes = ["y"]\n', ()),
    ],
)
def test_allow_lists_of_both_styles_are_taken(more: str, allowances: object) -> None:
    kind, remarks = only(RULE + more)
    assert kind.allowances == allowances
    assert remarks == ()


def test_both_a_pattern_of_the_line_and_a_word_of_the_secret_may_be_needed() -> None:
    kind, _ = only(
        RULE + '[[rules.allowlists]]\ncondition = "&&"\nregexTarget = "line"\n'
        'regexes = ["te\\"st"]\nstopwords = ["ABC"]\n'
    )
    assert kind.allowances == ()
    assert refusal(kind, "fnl_abc", "fnl_abc", 'te"st fnl_abc')
    assert not refusal(kind, "fnl_abc", "fnl_abc", "fnl_abc")
    assert not refusal(kind, "fnl_012", "fnl_012", 'te"st fnl_012')


@pytest.mark.parametrize(
    ("more", "rule", "text", "kept"),
    [
        ('path = "\\\\.php$"\n', "Fennel-Key.1", PLACE, 0),
        ('[[rules.allowlists]]\npaths = ["a"]\nregexes = ["y"]\n', "Fennel-Key.1", PLACE, 1),
        (
            '[[rules.allowlists]]\ncondition = "AND"\ncommits = ["a"]\nregexes = ["y"]\n',
            "Fennel-Key.1",
            PLACE,
            0,
        ),
        (
            "[[rules.allowlists]]\nregexes = ['\\pL', 'y']\n",
            "Fennel-Key.1",
            "an allow-list's pattern is not applied: a Unicode class",
            1,
        ),
        (
            "[[rules.allowlists]]\ncondition = 'AND'\nregexes = ['\\pL', 'y']\n",
            "Fennel-Key.1",
            "an allow-list's pattern is not applied: a Unicode class",
            0,
        ),
        (
            '[[rules.required]]\nid = "x"\n',
            "Fennel-Key.1",
            "it is taken without the other rules that it requires nearby",
            0,
        ),
        (
            '[allowlist]\npaths = ["a"]\n',
            "",
            "the pack's own condition on paths or commits is not applied",
            0,
        ),
        (
            "[extend]\nuseDefault = true\n",
            "",
            "the configuration that it extends is not read: name that as a pack too",
            0,
        ),
        (
            'validate = "true"\n',
            "",
            "its questions to issuers are not asked: only our own kinds say whom to ask",
            0,
        ),
        (
            "[allowlist]\nregexes = 3\n",
            "",
            "what holds for the whole pack is not applied: its regexes is no list of texts",
            0,
        ),
    ],
)
def test_what_is_not_done_is_remarked(more: str, rule: str, text: str, kept: int) -> None:
    kind, remarks = only(RULE + more)
    assert remarks == (Remark(rule, text),)
    assert len(kind.allowances) == kept


@pytest.mark.parametrize(
    ("rule", "reason"),
    [
        ('path = "a"', "it looks for file names only"),
        ("", "it has no regex"),
        ("regex = 3", "its regex is no text"),
        ("regex = '(a)'\nskipReport = true", "it only helps other rules"),
        ("regex = '(a'", "a group that is not closed"),
        ("regex = 'a*'", "it matches an empty text"),
        ("regex = '(a)'\nsecretGroup = 2", "its secretGroup names a group that it has not"),
        ("regex = '(a)'\nentropy = 'high'", "its entropy is no number"),
        ("regex = '(a)'\nkeywords = 'a'", "its keywords is no list of texts"),
        ("regex = '(a)'\nfilter = 'nothing(1)'", "its filter calls nothing"),
        (
            "regex = '(a)'\ntokenEfficiency = true",
            "its filter needs a language model's tokens (tokenEfficiency)",
        ),
        (
            "regex = '(a)'\n[[rules.allowlists]]\nregexTarget = 'moon'",
            "an allow-list looks at something unknown",
        ),
        ("regex = '(a)'\nallowlists = 'a'", "its allowlists is no table"),
    ],
)
def test_a_rule_that_is_not_taken_has_a_reason(rule: str, reason: str) -> None:
    assert why(f'[[rules]]\nid = "r"\n{rule}\n') == reason


def test_what_is_no_rule_is_refused_by_its_number() -> None:
    made = read({"rules": [3, {"regex": "(a)"}]}, "ours", "ours.toml")
    assert made.refused == (Refusal("rule 1", "it is no table"),)
    assert [kind.id for kind in made.kinds] == ["pack_ours_rule_2"]
    assert read({"rules": "none", "extend": {}}, "ours", "ours.toml").kinds == ()


def test_the_packs_filter_and_the_rules_hold_either_way() -> None:
    kind, _ = only(
        'filter = \'containsAny(finding["secret"], ["aa"]) // the pack\'\n'
        + RULE
        + "filter = 'false || entropy(finding[\"secret\"]) < 1'\n"
    )
    dropped = "dropped by a filter of the rule pack ours"
    assert refusal(kind, "fnl_aa", "", "") == dropped
    assert refusal(kind, "ffff", "", "") == dropped
    assert refusal(kind, "fnl_01", "", "") == ""


def test_a_filter_of_the_pack_that_is_not_understood_is_told_and_the_rules_stay() -> None:
    kind, remarks = only("filter = 'nothing(1)'\n" + RULE)
    assert kind.drop_if == ""
    (remark,) = remarks
    assert remark.text.endswith("its filter calls nothing")


def test_a_filter_that_asks_for_a_path_is_remarked() -> None:
    kind, remarks = only(RULE + "filter = 'attributes.path contains \"a\"'\n")
    assert remarks == (Remark("Fennel-Key.1", PLACE),)
    assert refusal(kind, "a", "a", "a") == ""


def test_another_toml_is_no_pack() -> None:
    assert not is_pack({"package": {"name": "x"}})
