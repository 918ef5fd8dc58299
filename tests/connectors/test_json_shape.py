from __future__ import annotations

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.http import Reply
from connectors.json_shape import (
    MISSING,
    as_text,
    decoded,
    decoded_exactly,
    pointed,
    row,
    rows,
    text,
)
from correlate.errors import SourceError

TREE = {"a": [{"b": None}, 7], "x/y": {"~": True}, "": 1}


@pytest.mark.parametrize(
    ("pointer", "found"),
    [
        ("", TREE), ("/a/0/b", None), ("/a/1", 7), ("/x~1y/~0", True), ("/", 1), ("/a/2", MISSING),
        ("/a/-1", MISSING), ("/a/b", MISSING), ("/a/1/b", MISSING), ("/nope", MISSING),
    ],
)  # fmt: skip
def test_a_pointer_leads_to_its_value(pointer: str, found: object) -> None:
    assert pointed(TREE, pointer) is found or pointed(TREE, pointer) == found


def test_scalars_have_a_text_and_trees_have_none() -> None:
    values: list[object] = [True, False, 7, 1.5, "x", None, [], {}]
    assert [as_text(value) for value in values] == ["true", "false", "7", "1.5", "x", "", "", ""]


@pytest.mark.parametrize("value", [None, 1, "x", [1], [[]], {"a": 1}])
def test_another_shape_is_an_error(value: object) -> None:
    with pytest.raises(SourceError):
        rows(value, "here")
    if not isinstance(value, dict):
        with pytest.raises(SourceError):
            row(value, "here")
    with pytest.raises(SourceError):
        text({"a": {}}, "a", "here")
    with pytest.raises(SourceError):
        text({}, "a", "here")


@given(
    st.binary(max_size=200),
    st.sampled_from(["application/json", "application/x+json", "text/html", ""]),
)
def test_only_json_that_says_so_is_decoded(body: bytes, kind: str) -> None:
    reply = Reply(200, {"content-type": kind}, body)
    try:
        value = decoded(reply)
    except ValueError:
        return
    assert "json" in kind
    assert json.dumps(value) is not None


def as_json(body: str) -> Reply:
    return Reply(200, {"content-type": "application/json"}, body.encode())


def test_numbers_may_be_kept_as_they_were_written() -> None:
    body = '{"id": 12345678901234567890, "a": 1.50, "b": 1.23E+05, "c": 1}'
    assert decoded_exactly(as_json(body)) == {
        "id": 12345678901234567890, "a": Decimal("1.50"), "b": Decimal("1.23E+05"), "c": 1,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ('{"a": 1, "a": 2}', "twice"), ('[{"b": {"a": 1, "a": 1}}]', "twice"),
        ('{"a": NaN}', "whole"), ("[Infinity]", "whole"), ('{"a": 1', "whole"), ("", "whole"),
    ],
)  # fmt: skip
def test_what_parsers_differ_in_is_no_answer(body: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        decoded_exactly(as_json(body))


def test_a_byte_order_mark_is_no_part_of_the_json() -> None:
    """RFC 8259, 8.1: a parser may ignore it."""
    assert decoded(as_json("\ufeff[1]")) == decoded_exactly(as_json("\ufeff[1]")) == [1]
