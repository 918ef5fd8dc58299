from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.json_path import picked, scalar, texts, usable

VALUE = {
    "a": {"b": {"c": "deep"}, "none": None, "empty": ""},
    "list": [{"k": "x", "v": 1}, {"k": "y", "v": 2}, {"v": 3}],
    "flags": [{"main": False, "n": "no"}, {"main": True, "n": "yes"}],
    "@odata.next": "link",
    "plain": ["p", "q"],
}


@pytest.mark.parametrize(
    ("path", "wanted"),
    [
        ("a.b.c", ["deep"]), ("a.none", [None]), ("a.b.x", []), ("x.y", []), ("a.b.c.d", []),
        ("list.0.v", [1]), ("list.9.v", []), ("list.*.v", [1, 2, 3]), ("list[k=y].v", [2]),
        ("list[k=z].v", []), ("flags[main=true].n", ["yes"]), ("plain.*", ["p", "q"]),
        ("@odata.next", ["link"]), ("a[k=x].b", []), ("plain", [["p", "q"]]),
    ],
)  # fmt: skip
def test_a_path_leads_to_what_stands_there(path: str, wanted: list[object]) -> None:
    assert list(picked(VALUE, path)) == wanted
    assert usable(path)


def test_the_empty_path_is_the_whole() -> None:
    assert list(picked(VALUE, "")) == [VALUE]


@pytest.mark.parametrize(
    ("path", "wanted"),
    [
        ("a.b.c", ["deep"]), ("a.none", []), ("a.empty", []), ("a.x", None),
        ("a.none|a.b.c", ["deep"]), ("x|a.none", []), ("x|y", None), ("plain", ["p", "q"]),
        ("list.*.k", ["x", "y"]),
    ],
)  # fmt: skip
def test_the_first_that_holds_anything_counts(path: str, wanted: list[str] | None) -> None:
    assert texts(VALUE, path) == wanted


@pytest.mark.parametrize("path", ["a..b", ".a", "a.", "a[b]", "a[b=c", "a|", "", "[a=b]"])
def test_what_is_no_path(path: str) -> None:
    assert not usable(path)


def test_a_scalar_is_as_it_was_written() -> None:
    assert [scalar(one) for one in (None, True, False, 12, "x", Decimal("1.50"))] == [
        "", "true", "false", "12", "x", "1.50",
    ]  # fmt: skip
    with pytest.raises(ValueError, match="object"):
        scalar({})


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("ab", max_size=2), inner, max_size=3),
    max_leaves=8,
)  # fmt: skip


@given(value=_JSON, path=st.text("ab.*0[]=|", max_size=8))
def test_no_value_and_no_path_breaks_it(value: object, path: str) -> None:
    assert isinstance(list(picked(value, path)), list)
