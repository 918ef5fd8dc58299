from __future__ import annotations

from dataclasses import replace

import pytest

from correlate.kind import Allowance, Kind
from correlate.model import KindId
from detectors.packs.allow import refusal

KIND = Kind(KindId("pack_p_r"), "p", "r", "(a)", (), "s", "", pack="p")
BY_LIST, BY_FILTER = "allowed by the rule pack p", "dropped by a filter of the rule pack p"


def asked(*allowances: Allowance, drop_if: str = "") -> str:
    kind = replace(KIND, allowances=allowances, drop_if=drop_if)
    return refusal(kind, "abc12", "key=abc12;", "a line: key=abc12; # Sample")


@pytest.mark.parametrize(
    ("allowance", "holds"),
    [
        (Allowance("secret", ("^abc",)), True),
        (Allowance("secret", ("^b", "[0-9]{2}$")), True),
        (Allowance("secret", ("key",)), False),
        (Allowance("match", ("^key",)), True),
        (Allowance("line", ("Sample$",)), True),
        (Allowance("line", (), ("sample",)), True),
        (Allowance("secret", (), ("ABC",)), True),
        (Allowance("secret", (), ("sample",)), False),
        (Allowance("secret", ("^abc",), ("sample",)), True),
        (Allowance("secret", ("^abc",), ("sample",), all_of=True), False),
        (Allowance("secret", ("^abc",), ("BC1",), all_of=True), True),
        (Allowance("secret", ("^abc",), all_of=True), True),
        (Allowance("secret"), False),
        (Allowance("secret", all_of=True), False),
    ],
)
def test_an_allowance_looks_at_its_target(allowance: Allowance, holds: bool) -> None:
    assert asked(allowance) == (BY_LIST if holds else "")


def test_any_allowance_is_enough_and_a_filter_comes_after() -> None:
    assert asked(Allowance("secret", ("z",)), Allowance("match", ("key",))) == BY_LIST
    assert asked(drop_if='len(finding["secret"]) == 5') == BY_FILTER
    assert asked(drop_if='matchesAny(finding["line"], ["Sample$"])') == BY_FILTER
    assert asked(drop_if='len(finding["secret"]) == 6') == ""
    assert refusal(KIND, "abc", "abc", "abc") == ""


def test_of_a_long_line_what_stands_around_the_match_counts() -> None:
    kind = replace(KIND, allowances=(Allowance("line", ("allowed",)),))
    far, match = "x" * 20_000, "key=abc"
    assert refusal(kind, "abc", match, f"allowed{far}{match}{far}allowed") == ""
    assert refusal(kind, "abc", match, f"{far}allowed {match}{far}") == BY_LIST
    assert refusal(kind, "abc", match, f"{far}{match} allowed{far}") == BY_LIST


def test_a_text_of_no_encoding_is_looked_at_all_the_same() -> None:
    assert asked(Allowance("secret", ("abc",), ("\u00c4",))) == BY_LIST
    kind = replace(KIND, allowances=(Allowance("secret", (), ("\u00c4",)),))
    assert refusal(kind, "\u00e4\ufffd", "", "") == BY_LIST
