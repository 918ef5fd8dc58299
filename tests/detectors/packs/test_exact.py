"""RE2 and `re` agree where the docstring says so, and a pattern that could hang is refused."""

from __future__ import annotations

import re

import pytest

from detectors.packs.exact import compiled, mechanism, problem
from tests.effort import quickest

HARD = "(?<!x)"  # sends a pattern to `re`


@pytest.mark.parametrize(
    ("pattern", "by"),
    [("a+b", "re2"), ("[a-z]{1,1000}b", "re2"), (f"{HARD}a{{1,9}}b", "re"), ("a{1001}b", "re")],
)
def test_re2_confirms_what_it_can_compile(pattern: str, by: str) -> None:
    assert problem(pattern) == ""
    assert mechanism(pattern) == by


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        (f"{HARD}a+b", "it can take quadratic time"),
        (f"{HARD}a{{1,9000}}b", "it can take quadratic time"),
        ("(?=a+)b", "it can take quadratic time"),
        (f"{HARD}(?:a{{1,9}}){{1,9}}b", "it can take exponential time"),
        (f"{HARD}(?:a|b|ab){{1,9}}c", "it can take exponential time"),
        (f"{HARD}(?:(?=a?)b){{2}}", "it can take exponential time"),
        ("a?", "it matches an empty text"),
        (r"\b", "it matches an empty text"),
        (f"{HARD}", "it matches an empty text"),
    ],
)
def test_a_pattern_that_is_no_use_has_a_reason(pattern: str, reason: str) -> None:
    assert problem(pattern) == reason


@pytest.mark.parametrize("pattern", ["(", "a{2,1}", "(?<=a{1,2})b", "[z-a]"])
def test_a_pattern_that_does_not_compile_says_so(pattern: str) -> None:
    assert problem(pattern).startswith("it does not compile: ")
    with pytest.raises(ValueError, match="does not compile"):
        compiled(pattern)


def test_an_allowance_may_match_an_empty_text() -> None:
    assert compiled("^$").search(b"") is not None


DATA = b"x\xffab\xe9 A\xff ab\nb"


@pytest.mark.parametrize(
    "pattern", ["(?i:a)(b)?.", "(a)|(b)", r"\bb", "(?m:^b)", "^b", r"[\xe0-\xff]", "(?s:a.)"]
)
@pytest.mark.parametrize("start", [0, 1, 3, 10, 11])
def test_matches_groups_and_a_later_beginning_agree_with_re(pattern: str, start: int) -> None:
    ours, theirs = compiled(pattern), re.compile(pattern.encode())
    groups = range(theirs.groups + 1)
    assert ours.groups == theirs.groups

    def told(found: re.Match[bytes] | None) -> object:
        return found and [(found.span(group), found[group]) for group in groups]

    assert list(map(told, ours.finditer(DATA, start))) == list(
        map(told, theirs.finditer(DATA, start))
    )
    assert told(ours.match(DATA, start)) == told(theirs.match(DATA, start))
    assert told(ours.search(DATA)) == told(theirs.search(DATA))


@pytest.mark.parametrize("pattern", ["b$", r"b\b", "(?m:b$)"])
def test_an_earlier_end_is_the_end_for_re_but_not_for_re2(pattern: str) -> None:
    assert list(compiled(pattern).finditer(b"abc", 1, 2)) == []
    assert [found.span() for found in re.finditer(pattern.encode(), b"abc"[:2])] == [(1, 2)]
    (found,) = compiled("b").finditer(b"abc", 1, 2)
    assert found.span() == (1, 2)


def test_the_differences_that_are_documented_are_so() -> None:
    assert compiled("b$").search(b"b\n") is None
    assert re.search(b"b$", b"b\n")
    assert compiled(r"b\s").search(b"b\v") is None
    assert re.search(rb"b\s", b"b\v")


@pytest.mark.parametrize("pattern", [r"(?:a+)+b", r"(a|a)*b", r"a.*a.*a.*b"])
def test_what_explodes_in_re_is_quick_in_re2(pattern: str) -> None:
    assert compiled(pattern).search(b"a" * 50_000) is None
    assert quickest(1, lambda: compiled(pattern).search(b"a" * 50_000)) < 1
