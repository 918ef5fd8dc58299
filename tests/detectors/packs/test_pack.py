from __future__ import annotations

import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from correlate.kind import Kind
from correlate.model import KindId
from detectors.packs.dialect import Flavour
from detectors.packs.pack import (
    NotTaken,
    Pack,
    Refusal,
    Remark,
    above,
    allow_pattern,
    bounded,
    joined,
    kind_id,
    pattern_of,
)


def kind(name: str) -> Kind:
    return Kind(KindId(name), "p", "r", "(a)", (), "s", "", pack="p")


def test_packs_are_joined_and_ids_stay_apart() -> None:
    one = Pack("a", (kind("x"), kind("y")), (Refusal("r", "why"),), (Remark("", "so"),))
    both = joined("both", [one, one])
    assert [item.id for item in both.kinds] == ["x", "y", "x_2", "y_2"]
    assert (both.name, len(both.refused), both.remarks) == ("both", 2, (Remark("", "so"),))


@given(st.text(), st.text())
def test_an_id_is_one_that_a_kind_may_have(pack: str, rule: str) -> None:
    assert re.fullmatch(r"pack_[a-z0-9_]*[a-z0-9]", kind_id(pack, rule))
    assert len(kind_id(pack, rule)) <= 100


def test_an_id_is_folded() -> None:
    assert kind_id("Our Rules", "aws-Access.Token") == "pack_our_rules_aws_access_token"
    assert kind_id("", "\u00e9") == "pack_unnamed_unnamed"


@pytest.mark.parametrize(
    ("text", "reason"), [(r"(a)\1", "a back-reference"), ("(?=a+)b", "it can take quadratic time")]
)
def test_a_pattern_that_is_no_use_is_a_reason(text: str, reason: str) -> None:
    with pytest.raises(NotTaken) as caught:
        pattern_of(text, Flavour.GO)
    assert str(caught.value) == reason
    assert pattern_of("(?i)(a)b", Flavour.GO).pattern == "(?i:(a)b)"


def test_an_allow_lists_pattern_is_left_out_and_told() -> None:
    told: list[str] = []
    assert allow_pattern("(?i)a", told) == "(?i:a)"
    assert allow_pattern("^$", told) == "^$"
    assert told == []
    assert allow_pattern(r"\pL", told) == ""
    assert told == ["an allow-list's pattern is not applied: a Unicode class"]


@given(st.floats(0.5, 8))
def test_a_candidate_at_the_floor_is_dropped_and_one_above_is_kept(floor: float) -> None:
    assert floor < above(floor) <= math.nextafter(floor, 9)
    assert above(0) == 0


def test_a_name_is_one_bounded_line() -> None:
    assert bounded(" a\n b\t") == "a b"
    assert len(bounded("x" * 999)) == 200
