"""Pages to the end or an error, and fields that may hold anything."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.listing import (
    WORD_MAX,
    Item,
    cursored,
    ending,
    lasting,
    name_of,
    numbered,
    rest_of,
    told,
    word,
    words,
)
from connectors.rest import Rest
from correlate.errors import SourceError
from correlate.listed import RowState
from correlate.model import Truth
from tests.connectors.inventory_contract import NOW, page
from tests.connectors.wire import answering

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=400),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=5,
)  # fmt: skip


@given(JSON)
def test_a_word_is_one_short_printable_line_whatever_came(value: object) -> None:
    made = word(value)
    assert len(made) <= WORD_MAX
    assert made.isprintable()
    assert word(made) == made
    assert all(one and one.isprintable() for one in words(value))


@given(JSON)
def test_an_id_is_taken_as_it_is_or_not_at_all(value: object) -> None:
    try:
        made = name_of({"id": value}, "id", "x")
    except SourceError:
        return
    assert made == word(value) != ""


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        ({"at": "2026-01-01"}, (datetime(2026, 1, 1, tzinfo=UTC), Truth.YES)),
        ({"at": None}, (None, Truth.NO)),
        ({}, (None, Truth.UNKNOWN)),
        ({"at": "soon"}, (None, Truth.UNKNOWN)),
        ({"at": [1]}, (None, Truth.UNKNOWN)),
    ],
)
def test_an_expiry_is_never_guessed(item: Item, expected: tuple[datetime | None, Truth]) -> None:
    assert told(item, "at") == expected


@pytest.mark.parametrize(
    ("shown", "expected"),
    [("sk-...abcd", ["abcd"]), ("sk-a...xyz", []), ("****", []), ("", []), ("ab-_", ["ab-_"])],
)
def test_only_four_whole_characters_are_a_hint(shown: str, expected: list[str]) -> None:
    assert [hint.value for hint in ending(shown)] == expected


def test_a_date_in_the_past_ends_only_what_was_active() -> None:
    assert lasting(RowState.ACTIVE, NOW, NOW) is RowState.EXPIRED
    assert lasting(RowState.REVOKED, NOW, NOW) is RowState.REVOKED
    assert lasting(RowState.ACTIVE, None, NOW) is RowState.ACTIVE


@dataclass(frozen=True, slots=True)
class Reachable:
    internal_hosts: tuple[str, ...] = ("127.0.0.1",)
    proxy: str = ""
    ca_file: Path | None = None
    timeout_s: float = 5.0
    spacing_s: float = 0.0


@pytest.mark.parametrize(
    "read",
    [
        lambda rest: cursored(rest, "/x", (), "rows", lambda _: [("after", "1")]),
        lambda rest: numbered(rest, "/x", (), "rows", lambda _: 3, 10),
        lambda rest: numbered(rest, "/x", (), "rows", lambda _: None, 10),
    ],
    ids=["circle", "shorter than told", "no total"],
)
def test_a_list_without_an_end_is_an_error(read: Callable[[Rest], object]) -> None:
    with answering(lambda _: page({"rows": []})) as base, pytest.raises(SourceError):
        list(read(rest_of(Reachable(), base, "x", {})))  # type: ignore[call-overload]
