from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.http import Reply
from connectors.json_shape import MISSING, as_text, decoded, pointed, row, rows, text
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
