"""A head survives any text around it, and is a checkpoint that others read."""

from __future__ import annotations

import base64
from dataclasses import replace
from datetime import timedelta, timezone

import pytest

from correlate.tree_head import TreeHead, heads_in, key_id
from tests.correlate.cast import NOW

HEAD = TreeHead(7, NOW, "ab" * 32, "0a1b2c3d", "cd" * 64)


@pytest.mark.parametrize("frame", ["{}", "x {}.", '["{}"]', "- {}\n- {}", "h3. a\\nb {}\\n"])
def test_a_head_is_found_in_whatever_a_ticket_makes_of_it(frame: str) -> None:
    text = frame.format(*[HEAD.line] * frame.count("{}"))
    assert list(heads_in(text)) == [HEAD] * frame.count("{}")


@pytest.mark.parametrize(
    "broken",
    [
        HEAD.line[:-1],
        HEAD.line + "0",
        HEAD.line.replace("2026-11", "2026-13"),
        HEAD.line.upper(),
        "",
    ],
)
def test_what_is_no_head_is_none(broken: str) -> None:
    assert list(heads_in(broken)) == []


def test_what_is_signed_is_a_checkpoint() -> None:
    """https://c2sp.org/tlog-checkpoint: origin, size, root, then extension lines."""
    root = base64.b64encode(b"\xab" * 32).decode()
    assert HEAD.signed_text == f"offkey\n7\n{root}\n2026-11-20T09:00:00Z\n"


def test_a_note_ends_with_its_signature() -> None:
    """https://c2sp.org/signed-note: an em dash, the key's name, then base64 of key id and signature."""
    text, _, signature = HEAD.note.partition("\n\n")
    assert f"{text}\n" == HEAD.signed_text
    dash, name, mark = signature.split()
    assert (dash, name) == ("\N{EM DASH}", "offkey")
    assert base64.b64decode(mark).hex() == HEAD.key + HEAD.signature


def test_the_instant_is_told_in_utc() -> None:
    elsewhere = replace(HEAD, at=NOW.astimezone(timezone(timedelta(hours=9))))
    assert elsewhere.line == HEAD.line


def test_a_key_id_depends_on_the_key() -> None:
    assert key_id(b"a" * 32) != key_id(b"b" * 32)
    assert len(key_id(b"a" * 32)) == 8
