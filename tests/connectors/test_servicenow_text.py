"""What goes into ServiceNow is plain, and its key leads back to one case."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.servicenow_text import (
    TEXT_MAX,
    correlation_of,
    disarmed,
    key_of,
    reason_of,
    restricted_note,
)
from correlate.errors import Refused
from correlate.model import CaseKey
from correlate.ticket import Paragraph


@given(st.from_regex(r"[A-Za-z0-9]{1,90}", fullmatch=True))
def test_a_key_comes_back_from_its_correlation_id(key: str) -> None:
    assert key_of(correlation_of(CaseKey(key))) == key


@pytest.mark.parametrize("key", ["", "a^b", "a b", "a" * 91, "ä"])
def test_what_could_be_another_query_is_no_key(key: str) -> None:
    with pytest.raises(Refused):
        correlation_of(CaseKey(key))
    assert key_of("offkey" + key) is None


def test_what_we_did_not_write_is_no_key() -> None:
    assert key_of("abc123") is None


@given(st.text())
def test_no_code_tag_is_left_in_any_text(said: str) -> None:
    for made in (disarmed(said + "[CODE]<b>[/code]"), reason_of(said + "\n[code]")):
        assert "[code" not in made.casefold()
        assert "[/code" not in made.casefold()


def test_a_reason_is_never_empty_nor_longer_than_a_description() -> None:
    assert reason_of(" \n") == "offkey"
    assert len(reason_of("x" * 2 * TEXT_MAX)) == TEXT_MAX


def test_a_note_bears_its_own_mark_and_another_text_another() -> None:
    note, mark = restricted_note([Paragraph("Jane Doe left")])
    assert mark in note
    assert restricted_note([Paragraph("Jane Doe came back")])[1] != mark
