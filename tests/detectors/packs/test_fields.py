from __future__ import annotations

from collections.abc import Callable

import pytest

from detectors.packs.fields import number_in, table_of, tables_in, text_in, texts_in
from detectors.packs.pack import NotTaken

TABLE = {
    "text": "a",
    "number": 2,
    "real": 2.5,
    "texts": ["a", "b"],
    "table": {"a": 1},
    "tables": [{"a": 1}],
    "none": None,
    "yes": True,
    "negative": -1,
    "infinite": float("inf"),
}


def test_a_field_of_its_type_is_read() -> None:
    assert text_in(TABLE, "text") == "a"
    assert (number_in(TABLE, "number"), number_in(TABLE, "real")) == (2.0, 2.5)
    assert texts_in(TABLE, "texts") == ("a", "b")
    assert tables_in(TABLE, "table") == tables_in(TABLE, "tables") == [{"a": 1}]
    assert table_of(TABLE["table"]) == {"a": 1}


def test_an_absent_field_is_empty() -> None:
    assert (text_in(TABLE, "x"), text_in(TABLE, "none")) == ("", "")
    assert (number_in(TABLE, "x"), texts_in(TABLE, "x"), tables_in(TABLE, "x")) == (0, (), [])


@pytest.mark.parametrize(
    ("read", "key"),
    [
        *[(text_in, key) for key in ("number", "texts", "table", "yes")],
        *[(number_in, key) for key in ("text", "yes", "negative", "infinite")],
        *[(texts_in, key) for key in ("text", "tables", "number")],
        *[(tables_in, key) for key in ("text", "texts", "number")],
    ],
)
def test_a_field_of_another_type_is_a_reason(
    read: Callable[[dict[str, object], str], object], key: str
) -> None:
    with pytest.raises(NotTaken, match=key):
        read(TABLE, key)


def test_what_is_no_table_is_a_reason() -> None:
    with pytest.raises(NotTaken, match="no table"):
        table_of(["a"])
