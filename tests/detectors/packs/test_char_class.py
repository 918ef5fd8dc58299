"""A class means the same bytes in every dialect, or there is a reason."""

from __future__ import annotations

import re

import pytest
import re2
from hypothesis import given
from hypothesis import strategies as st

from detectors.packs.char_class import Flavour, Unsayable, read_class, read_code

LATIN = re2.Options()
LATIN.encoding = re2.Options.Encoding.LATIN1


def written(text: str, flavour: Flavour = Flavour.GO, *, verbose: bool = False) -> str:
    found = read_class(text, 0, flavour, verbose=verbose)
    assert found.end == len(text)
    return found.pattern


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[abc]", "[a-c]"),
        ("[]a]", r"[\]a]"),
        ("[^]a]", r"[^\]a]"),
        ("[a-]", r"[\-a]"),
        (r"[\w.-]", r"[\-.0-9A-Z_a-z]"),
        (r"[\w-x]", r"[\-0-9A-Z_a-z]"),
        (r"[a-\d]", r"[\-0-9a]"),
        ("[[:alpha:]_]", "[A-Z_a-z]"),
        ("[[:^print:]]", r"[\x00-\x1f\x7f-\xff]"),
        (r"[\x41\x{42}\103]", "[A-C]"),
        (r"[\n\t\b]", r"[\x08-\x0a]"),
        (r"[\s\S]", r"[\x00-\xff]"),
        (r"[^\s\S]", r"[^\x00-\xff]"),
        ("[[a]", r"[\[a]"),
        ("[a\u00e9]", r"(?:[a]|\xc3\xa9)"),
        (r"[\x{e9}]", r"(?:\xc3\xa9)"),
    ],
)
def test_a_class_is_written_so_that_all_agree(text: str, expected: str) -> None:
    assert written(text) == expected


@pytest.mark.parametrize(
    ("flavour", "expected"), [(Flavour.RUST, "[ab]"), (Flavour.PYTHON, "[ ab]")]
)
def test_a_space_in_a_verbose_class_counts_in_python_only(flavour: Flavour, expected: str) -> None:
    assert written("[a b]", flavour, verbose=True) == expected
    assert written(r"[a\ b]", flavour, verbose=True) == "[ ab]"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("[a", "not closed"),
        ("[z-a]", "backwards"),
        (r"[\pL]", "Unicode class"),
        ("[[:nothing:]]", "unknown POSIX class"),
        ("[^\u00e9]", "beyond ASCII"),
        ("[a-\u00e9]", "beyond ASCII"),
        (r"[\xe9]", "a byte or a character"),
        (r"[\y]", r"the escape \y"),
        (r"[\x{}]", "without its number"),
        (r"[\x{110000}]", "without its number"),
        (r"[\1]", "back-reference"),
    ],
)
def test_what_cannot_be_said_gives_a_reason(text: str, reason: str) -> None:
    with pytest.raises(Unsayable, match=re.escape(reason)):
        read_class(text, 0, Flavour.GO, verbose=False)


@pytest.mark.parametrize("text", ["[a[bc]]", "[a&&b]"])
def test_what_rust_reads_as_a_class_of_classes_is_not_guessed_at(text: str) -> None:
    with pytest.raises(Unsayable, match="made of others"):
        read_class(text, 0, Flavour.RUST, verbose=False)


def test_a_code_is_read_with_its_end() -> None:
    assert read_code("u0041x", 0) == (65, 5)
    assert read_code("0", 0) == (0, 1)
    assert read_code("-", 0) == (45, 1)


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=12))
def test_re2_takes_the_same_bytes_for_the_class_and_for_what_is_made_of_it(inner: str) -> None:
    text = f"[{inner}]"
    try:
        theirs = re2.compile(text.encode(), LATIN)
        found = read_class(text, 0, Flavour.GO, verbose=False)
    except (re2.error, Unsayable):
        return
    if found.end != len(text):
        return  # the class was closed before
    for engine in (re2.compile(found.pattern.encode(), LATIN), re.compile(found.pattern.encode())):
        for code in set(range(256)) - {11}:  # RE2's \s leaves out the vertical tab
            byte = bytes([code])
            assert bool(engine.fullmatch(byte)) == bool(theirs.fullmatch(byte)), (text, byte)
