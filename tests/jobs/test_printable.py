"""What anybody may have named is shown without moving a cursor."""

from __future__ import annotations

import pytest

from jobs.printable import printable


@pytest.mark.parametrize("name", ["\x1b[2J", "\x9b31m", "a\nb", "\x07"])
def test_no_name_moves_a_terminals_cursor(name: str) -> None:
    assert printable(f"a{name}b").isprintable()


@pytest.mark.parametrize("name", ["", "caf\u00e9 \u2713", "a b"])
def test_what_can_be_shown_is_shown_as_it_is(name: str) -> None:
    assert printable(name) == name


def test_what_is_kept_stays_beside_what_is_not() -> None:
    assert printable("a\nb\x1b", keep="\n") == "a\nb\\x1b"
