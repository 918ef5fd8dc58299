from __future__ import annotations

import re

import pytest

from detectors.pattern import anchors_of, is_named, named_parts, screening, token_pattern


def found(pattern: str, text: str) -> str:
    match = re.search(pattern, text)
    return match[1] if match else ""


@pytest.mark.parametrize(
    "text", ["{}", "x={}", '"{}"', r"\n{}", "%3D{}", r"\u003d{}", r"\x3d{}", "\x1b[1m{}"]
)
def test_a_token_is_found_where_no_longer_word_holds_it(text: str) -> None:
    pattern = token_pattern("ab_[0-9]{4}")
    assert found(pattern, text.format("ab_1234")) == "ab_1234"


@pytest.mark.parametrize("text", ["x{}", "{}5", "_{}", "{}-", "-{}", "{}_"])
def test_a_longer_word_holds_none(text: str) -> None:
    assert found(token_pattern("ab_[0-9]{4}"), text.format("ab_1234")) == ""


def test_a_sign_that_assigns_stands_before_a_token_that_may_hold_it() -> None:
    pattern = token_pattern("[0-9a-f]{4}", boundary="+/=")
    assert found(pattern, "k=12ab") == "12ab"
    assert found(pattern, "12ab=") == ""


@pytest.mark.parametrize(
    "text",
    [
        "ACME_KEY=1234",
        'acmeKey: "1234"',
        '"acme-api.key" => "1234"',
        "acme key: 1234",
        r"{\"acme_key\": \"1234\"}",
        'setAcme("1234")',
        '"acme", "value": "1234"',
        "{ name: ACME_KEY, \n value: 1234 }",
        "<acme-key>1234<",
    ],
)
def test_a_named_token_is_found_by_the_name_before_it(text: str) -> None:
    assert found(token_pattern("[0-9]{4}", ["acme"]), text) == "1234"


@pytest.mark.parametrize("text", ["1234", "other=1234", "acme 1234", "acme=12345", "acme=\n1234"])
def test_without_its_name_it_is_nothing(text: str) -> None:
    assert found(token_pattern("[0-9]{4}", ["acme"]), text) == ""


def test_a_named_pattern_gives_its_names_and_the_rest() -> None:
    pattern = token_pattern("[0-9]{4}", ["Ac.me_x"])
    assert is_named(pattern)
    assert not is_named(token_pattern("[0-9]{4}"))
    names, rest = named_parts(pattern)
    assert names == ("ac.me_x", "ac.me-x", "ac.mex", "ac.me.x", "ac.me x")
    match = re.compile(rest).match("ac.me_x = 1234", 7)
    assert match is not None
    assert match[1] == "1234"


def test_screening_leaves_long_bounds_open() -> None:
    assert screening("[a]{3,4}(?:b){5,200}") == "[a]{3,4}(?:b){5,}"


@pytest.mark.parametrize(
    ("token", "anchors"),
    [
        ("ab_[0-9]{4}", ("ab_",)),
        (r"ab\.c[0-9]", ("ab.c",)),
        ("abcd?[0-9]", ("abc",)),
        ("abcd{2}", ("abc",)),
        ("ab[0-9]", ()),
        ("abc|def", ()),
        ("abc(?:d|e)", ("abc",)),
        ("[0-9]abc", ()),
    ],
)
def test_the_literal_that_a_token_begins_with_is_its_anchor(
    token: str, anchors: tuple[str, ...]
) -> None:
    assert anchors_of(token) == anchors


def test_the_names_of_a_named_token_are_its_anchors() -> None:
    assert anchors_of("ab_[0-9]{4}", ["acme"]) == ("acme",)
