"""The filters that Betterleaks' packs use, asked about a finding's texts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.packs.expr import NotUnderstood, parse

SECRET, MATCH, LINE = "abcABC12", "key=abcABC12", "let key=abcABC12; // example"


def drops(text: str, secret: str = SECRET) -> bool:
    return parse(text).drops(secret, MATCH, LINE)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('entropy(finding["secret"]) <= 3.0', True),
        ('entropy(finding["secret"]) < 3.0', False),
        ('filter.entropy(finding["secret"]) > 2', True),
        ('matchesAny(finding["secret"], [`^x`, `(?i)ABCABC`])', True),
        ('matchesAny(finding["match"], ["^abc"])', False),
        ('matchesAny(finding.line, ["\\\\bexample$"])', True),
        ('matchesAny(finding["secret"], [])', False),
        ('containsAny(finding["secret"], ["zzz", "bcabc"])', True),
        ('containsAny(finding["secret"], ["ABC1"])', False),
        ('findMatch(finding["secret"], `[0-9]+`) == "12"', True),
        ('findMatch(finding["secret"], `z`) == ""', True),
        ('len(finding["secret"]) == 8', True),
        ('len(finding["secret"]) != 8', False),
        ('finding["secret"] contains "BC"', True),
        ('finding["secret"] in ["a", "abcABC12"]', True),
        ("true && !false", True),
        ("not (true or false)", False),
        ("!!true", True),
        ("false || false && true", False),
        ("true || false && false", True),
        ("(true || false) && false", False),
        ("2 >= 3", False),
    ],
)
def test_an_expression_is_read_as_it_is_written(text: str, expected: bool) -> None:
    assert drops(text) is expected


@pytest.mark.parametrize(
    "text",
    [
        'matchesAny((attributes["path"] ?? ""), [`a`])',
        'matchesAny(get(attributes, "path", ""), [`a`])',
        'attributes.path == "a"',
        'get(attributes, "git.sha", "") in ["a",]',
    ],
)
def test_where_a_text_came_from_is_not_known_and_told(text: str) -> None:
    assert parse(text).asks_place
    assert not drops(text)


def test_a_fallback_stands_for_what_is_not_known_only() -> None:
    assert drops('get(attributes, "path", "a") == "a"')
    assert drops('get(finding, "secret", "a") == "abcABC12"')
    assert not parse('finding["secret"] == "a"').asks_place


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "ends too early"),
        ('"a"', "a text where a truth"),
        ('failsTokenEfficiency(finding["secret"])', "tokens (failsTokenEfficiency)"),
        ("let x = 1; x > 0", "`let`"),
        ('http.get("https://example.com")', "`http`"),
        ('finding["fragment_raw"] == ""', "the finding's fragment_raw"),
        ("nothing(1)", "calls nothing"),
        ('finding["secret"][0:2] == "a"', "`[`"),
        ('matchesAny(finding["secret"], "a")', "a text where a texts"),
        ('matchesAny(finding["secret"])', "other arguments"),
        ('matchesAny(finding["secret"], [finding["line"]])', "makes up patterns"),
        (r"matchesAny(finding.secret, [`(a)\1`])", "no use: a back-reference"),
        ("matchesAny(finding.secret, [`a{2,1}`])", "no use: it does not compile"),
        ('entropy(finding["secret"]) < "3"', "compares"),
        ("entropy() < 3", "a none where a text"),
        ("len(1, 2) < 3", "a none where a text"),
        ("1 < 2 < 3", "`<`"),
        ("true &&", "ends too early"),
        ("(true", "lacks a `)`"),
        ("!" * 9 + "1", "a number where a truth"),
        ("(" * 60 + "true", "too deeply"),
        ("true || " * 40_000 + "true", "too long"),
        ("get(other, 1)", "`other`"),
        ("true ~ false", "not written as an expression"),
    ],
)
def test_what_is_not_understood_gives_a_reason(text: str, reason: str) -> None:
    with pytest.raises(NotUnderstood) as caught:
        parse(text)
    assert reason in str(caught.value)


LEAVES = st.sampled_from(["true", "false", '"a" in ["a"]', "1 > 2"])
TREES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        inner.map(lambda one: f"!({one})"),
        st.tuples(inner, st.sampled_from(["&&", "||"]), inner).map(
            lambda parts: f"({parts[0]}) {parts[1]} ({parts[2]})"
        ),
    ),
    max_leaves=8,
)


@given(TREES)
def test_logic_is_that_of_python(text: str) -> None:
    said = text.replace("&&", " and ").replace("||", " or ").replace("!", " not ")
    said = said.replace("true", "True").replace("false", "False")
    assert drops(text) is eval(said)  # noqa: S307  # made above of words of our own
