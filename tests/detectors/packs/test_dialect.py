"""A stranger's pattern becomes one that Hyperscan, RE2 and `re` read alike."""

from __future__ import annotations

import re

import hyperscan
import pytest
import re2
from hypothesis import given
from hypothesis import strategies as st

from detectors.packs.dialect import Flavour, Unsayable, translate

LATIN = re2.Options()
LATIN.encoding = re2.Options.Encoding.LATIN1
LATIN.log_errors = False


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("abc", "abc"),
        ("(?i)abc", "(?i:abc)"),
        ("a(?i)b|c", "a(?i:b)|(?i:c)"),
        ("(a(?i)b|c)d", "(a(?i:b)|(?i:c))d"),
        ("(?i)a(?-i:b)c", "(?i:a(?-i:b)c)"),
        ("(?i)a(?-i)b", "(?i:a)b"),
        ("(?i)(?s).", "(?is:.)"),
        ("(?u)a", "a"),
        ("(?x) a b # said\n c", "abc"),
        (r"(?x) a \  [ b ] \#", "a [b]#"),
        ("(?x: a b ) c", "(?:ab) c"),
        ("a(?# a comment )b", "ab"),
        ("(?P<name>a)(?<other>b)(c)(?:d)", "(a)(b)(c)(?:d)"),
        ("(?=a)(?!b)(?<=c)(?<!d)e", "(?=a)(?!b)(?<=c)(?<!d)e"),
        (r"a\z", "a$"),
        (r"(?m)a\z", "(?m:a(?-m:$))"),
        (r"\Aa\b\B\d\w\s\D\W\S", r"\Aa\b\B\d\w\s\D\W\S"),
        (r"\x{41}\x42\t\v\a\0", r"AB\x09\x0b\x07\x00"),
        (r"\Qa.b\E+", r"a\.b+"),
        (r"\"\/\-\_\%\<", '"/-_%<'),
        (r"\.\{", r"\.\{"),
        ("a{2}b{2,}c{2,3}?", "a{2}b{2,}c{2,3}?"),
        ("{{a}}", r"\{\{a\}\}"),
        ("a{,2}]", r"a\{,2\}\]"),
        ("\u00e9?", r"(?:\xc3\xa9)?"),
        ("a\n", r"a\x0a"),
        ("", ""),
    ],
)
def test_a_pattern_is_said_in_our_dialect(text: str, expected: str) -> None:
    made = translate(text, Flavour.RUST)
    assert made.pattern == expected
    re.compile(made.pattern.encode())


def test_the_groups_are_told_with_their_names() -> None:
    assert translate("(?P<TOKEN>a)(b)(?:c)((?<d>e))", Flavour.GO).groups == ("TOKEN", "", "", "d")


def test_flags_may_hold_from_the_beginning() -> None:
    assert translate("^ a", Flavour.PYTHON, "mx").pattern == "(?m:^a)"
    assert translate(r"a\Z", Flavour.PYTHON).pattern == "a$"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (r"(a)\1", "a back-reference"),
        ("(?P<n>a)(?P=n)", "a back-reference"),
        (r"\pL", "a Unicode class"),
        (r"\P{Greek}", "a Unicode class"),
        (r"\y", r"the escape \y"),
        (r"a\Z", r"the escape \Z"),
        (r"\b{start}a", "a word boundary with a side"),
        ("(?>a)", "a group that opens with (?>"),
        ("(?U)a", "the flag U"),
        ("a++", "a repetition of a repetition"),
        ("a{2}{3}", "a repetition of a repetition"),
        ("a???", "a repetition of a repetition"),
        ("(a", "a group that is not closed"),
        ("a)", "a group that is closed but not opened"),
        ("[a", "a character class that is not closed"),
        ("a\\", "the escape \\"),
    ],
)
def test_what_cannot_be_said_gives_a_reason(text: str, reason: str) -> None:
    with pytest.raises(Unsayable) as caught:
        translate(text, Flavour.GO)
    assert str(caught.value) == reason


@pytest.mark.parametrize(
    "text",
    [
        "(?i)ab|c",
        r"(?x) a \z",
        "(?m)^a$",
        "a(?i-s:b.)c",
        r"[[:alpha:]]\x{41}",
        r"(?m)ab\z",
        "\u00e9a",
    ],
)
def test_hyperscan_takes_what_comes_out(text: str) -> None:
    database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
    pattern = translate(text, Flavour.RUST).pattern.encode()
    flag = hyperscan.HS_FLAG_PREFILTER
    database.compile(expressions=[pattern], ids=[0], elements=1, flags=[flag])


PIECES = st.sampled_from(
    [
        *"abA .|()*?^",
        "(?i)",
        "(?s)",
        "(?-i)",
        "(?i:",
        "(?:",
        "[ab]",
        "[^a]",
        r"\b",
        r"\w",
        "{2}",
        "|",
    ]
)


@given(st.lists(PIECES, max_size=10).map("".join), st.text("abAB \n-", max_size=12))
def test_re2_finds_the_same_by_the_original_and_by_what_is_made_of_it(text: str, seen: str) -> None:
    try:
        theirs = re2.compile(text.encode(), LATIN)
    except re2.error:
        return
    try:
        made = translate(text, Flavour.GO).pattern
    except Unsayable:
        assert re.search(r"[*?}]{2}|\*\*", text)
        return
    ours = re2.compile(made.encode(), LATIN)
    data = seen.encode()
    assert spans(ours, data) == spans(theirs, data)


def spans(engine: re2._Regexp, data: bytes) -> list[tuple[tuple[int, int], ...]]:
    return [
        tuple(found.span(group) for group in range(engine.groups + 1))
        for found in engine.finditer(data)
    ]
