"""A handle of mixed letters is named for what it is made to look like, and never taken for it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from correlate.identity import Match, fold
from correlate.linking import link
from correlate.lookalike import looks_like
from correlate.model import Identity
from tests.correlate.cast import mail, snapshot, worker


@pytest.mark.parametrize(
    ("handle", "plain"),
    [
        ("j\u0430ne@x.example", "jane@x.example"),
        ("j\u03b1ne@x.example", "jane@x.example"),
        ("jane@x.example", None),
        ("j\u00e4ne@x.example", None),  # a letter of its own, that misleads nobody
        ("\u0430\u043d\u043d\u0430@x.example", None),  # a name in its own script
        ("\u0430\u043e@x.example", None),
    ],
)
def test_what_it_looks_like(handle: str, plain: str | None) -> None:
    assert looks_like(mail(handle)) == (mail(plain) if plain else None)


def test_it_is_matched_with_nobody() -> None:
    people = link([snapshot(worker("1", "jane@x.example"))])
    assert people.who(mail("j\u0430ne@x.example"), None).match is Match.NONE


@given(st.text())
def test_what_something_looks_like_looks_like_nothing_else(handle: str) -> None:
    found = looks_like(fold(Identity("login", handle)))
    assert found is None or (looks_like(found) is None and found.handle.isascii())
