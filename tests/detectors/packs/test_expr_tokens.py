from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.packs.expr_tokens import NotUnderstood, Token, quoted, tokens


def test_words_come_without_space_and_comments() -> None:
    text = 'a // said\n<= 2.5 /* more\n */ || "b\\"c\\x41" `\\d` \'e\''
    assert [(word.sort, word.value) for word in tokens(text)] == [
        ("name", "a"),
        ("sign", "<="),
        ("number", "2.5"),
        ("sign", "||"),
        ("text", 'b"cA'),
        ("text", r"\d"),
        ("text", "e"),
        ("end", ""),
    ]


@pytest.mark.parametrize("text", ['"a', "~", '"\\q"', "'"])
def test_what_begins_no_word_is_not_understood(text: str) -> None:
    with pytest.raises(NotUnderstood):
        list(tokens(text))


@given(st.text())
def test_a_text_survives_quoting(text: str) -> None:
    assert list(tokens(quoted(text))) == [Token("text", text), Token("end", "")]
