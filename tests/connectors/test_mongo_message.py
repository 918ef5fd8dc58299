from __future__ import annotations

import datetime as dt
import socket
import struct
import threading
from typing import Any

import bson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.mongo_message import command, decoded, encoded

NAMES = st.text(st.characters(exclude_characters="\x00", codec="utf-8"), max_size=8)
TEXTS = st.text(st.characters(codec="utf-8"), max_size=12)
VALUES: Any = st.recursive(
    st.booleans() | st.integers(-(2**31), 2**31 - 1) | TEXTS | st.binary(max_size=12),
    lambda inner: st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=8,
)
DOCUMENTS = st.dictionaries(NAMES, VALUES, max_size=6)


@given(DOCUMENTS)
def test_a_document_is_written_and_read_as_the_vendors_library_does(words: dict[str, Any]) -> None:
    assert encoded(words) == bson.encode(words)
    assert decoded(bson.encode(words)) == words


def test_the_other_sorts_of_values_are_read() -> None:
    told = {
        "ok": 1.0, "big": 2**40, "at": dt.datetime(2026, 1, 1, tzinfo=dt.UTC), "id": bson.ObjectId(),
        "none": None, "list": ["a", {"b": 1}], "last": "text",
    }  # fmt: skip
    found = decoded(bson.encode(told))
    assert (found["ok"], found["big"], found["none"], found["id"]) == (1.0, 2**40, None, None)
    assert (found["list"], found["last"]) == (["a", {"b": 1}], "text")


@given(st.binary(max_size=200))
def test_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        found = decoded(data)
    except ValueError:
        return
    assert isinstance(found, dict)


@given(DOCUMENTS, st.integers(0, 400))
def test_a_document_that_ends_short_is_refused(words: dict[str, Any], cut: int) -> None:
    whole = bson.encode(words)
    with pytest.raises(ValueError, match="BSON"):
        decoded(whole[: min(cut, len(whole) - 1)])


def test_a_document_as_deep_as_a_well_is_refused() -> None:
    deep: dict[str, Any] = {}
    for _ in range(40):
        deep = {"a": deep}
    with pytest.raises(ValueError, match="BSON"):
        decoded(bson.encode(deep))


def answered(answer: bytes) -> dict[str, Any]:
    ours, theirs = socket.socketpair()

    def tell() -> None:
        theirs.recv(4096)
        theirs.sendall(answer)
        theirs.shutdown(socket.SHUT_RDWR)

    with ours, theirs:
        thread = threading.Thread(target=tell)
        thread.start()
        try:
            return dict(command(ours, "admin", {"hello": 1}))
        finally:
            thread.join(5)


BODY = bson.encode({"ok": 1})


def message(body: bytes, *, code: int = 2013, size: int | None = None) -> bytes:
    return struct.pack("<iiii", 16 + len(body) if size is None else size, 1, 1, code) + body


@pytest.mark.parametrize(
    ("answer", "good"),
    [
        (message(b"\x00" * 5 + BODY), True),
        (message(b"\x01" + b"\x00" * 4 + BODY + b"crc."), True),
        (message(b"\x00" * 4 + b"\x01" + BODY), False),
        (message(b"\x00" * 5 + BODY, code=2012), False),
        (message(b"\x00" * 5 + BODY, size=2**30), False),
        (message(b"\x00" * 5 + BODY, size=5), False),
        (message(b"\x00" * 5 + BODY)[:-3], False),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", False),
        (b"", False),
    ],
)
def test_an_answer_is_read_whole_or_refused(answer: bytes, good: bool) -> None:
    if good:
        assert answered(answer) == {"ok": 1}
    else:
        with pytest.raises((ValueError, OSError)):
            answered(answer)
