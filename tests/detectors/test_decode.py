from __future__ import annotations

import base64
import textwrap
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.decode import coded_texts, unescaped
from detectors.encodings import Encoding

SECRET = b"the anchor and what follows it 0123456789 and some more text to fill a line or two"


class Inner(NamedTuple):
    start: int
    text: bytes
    keeps_lines: bool


def inner_texts(data: bytes, encoding: Encoding, ends: list[int]) -> list[Inner]:
    found = coded_texts(data, {encoding: ends})
    return [
        Inner(coded.start, text, coded.keeps_lines) for coded in found for text in coded.texts()
    ]


def decoded(data: bytes, encoding: Encoding, piece: bytes) -> list[Inner]:
    ends = [at + len(piece) for at in range(len(data)) if data.startswith(piece, at)]
    assert ends
    return inner_texts(data, encoding, ends)


@pytest.mark.parametrize("before", [b"", b"key=", b"a/b/", b'"', b"data:text/plain;base64,", b"xy"])
def test_base64_is_decoded_wherever_its_first_digit_stands(before: bytes) -> None:
    coded = base64.b64encode(SECRET).rstrip(b"=")
    found = decoded(b"line\n" + before + coded + b" rest\n", Encoding.BASE64, coded[8:16])
    assert any(SECRET in inner.text for inner in found)


@pytest.mark.parametrize("width", [64, 76, 128])
@pytest.mark.parametrize("wrap", ["\n", "\r\n", "\n    ", "\\n", "\\r\\n"])
def test_wrapped_base64_is_one_text(width: int, wrap: str) -> None:
    lines = textwrap.wrap(base64.b64encode(SECRET * 5).decode(), width)
    data = ("key: |" + wrap + wrap.join(lines) + "\nafter").encode()
    for line in lines[:-1]:
        piece = line[10:20].encode()
        assert any(SECRET * 5 in inner.text for inner in decoded(data, Encoding.BASE64, piece))


def test_one_text_is_decoded_once_however_many_pieces_point_at_it() -> None:
    coded = base64.b64encode(SECRET)
    ends = list(range(8, len(coded) - 3))
    assert len(inner_texts(coded, Encoding.BASE64, ends)) == 4  # one for each first digit


def test_url_safe_digits_are_digits() -> None:
    raw = bytes(range(256)) * 2
    coded = base64.urlsafe_b64encode(raw)
    assert any(inner.text == raw for inner in decoded(coded, Encoding.BASE64, coded[40:50]))


@pytest.mark.parametrize("case", [bytes.lower, bytes.upper])
def test_hex_is_decoded(case: object) -> None:
    coded = case(SECRET.hex().encode())  # type: ignore[operator]  # one of two methods
    found = decoded(b"x: 0x" + coded + b";", Encoding.HEX, coded[4:12])
    assert any(SECRET in inner.text for inner in found)


@given(st.binary(max_size=80))
def test_escapes_of_every_sort_are_undone(raw: bytes) -> None:
    for form in (b"%%%02x", b"%%%02X", b"\\x%02x", b"\\u00%02x"):
        assert unescaped(b"".join(form % byte for byte in raw)) == raw


def test_only_the_line_of_an_escape_is_undone() -> None:
    data = b"first %41\nsecond %42 :\\/\\/ %43\nthird %44\n"
    (found,) = decoded(data, Encoding.ESCAPED, b":\\/\\/")
    assert (found.start, found.text) == (10, b"second B :// C")


@pytest.mark.parametrize("name", ["utf-16-le", "utf-16-be"])
def test_wide_text_keeps_its_lines(name: str) -> None:
    encoding = Encoding(name)
    wide = "one\r\ntwo anchor\r\n".encode(name)
    data = b"\xff\x00\x80\xfe" * 3 + wide + b"\xff\xff"
    (found,) = decoded(data, encoding, "anchor".encode(name))
    assert found.text == b"one\r\ntwo anchor\r\n"
    assert found.keeps_lines
    assert data[found.start :].startswith(wide)


@given(st.binary(max_size=300), st.lists(st.integers(0, 300), max_size=20))
def test_no_bytes_and_no_ends_raise(data: bytes, ends: list[int]) -> None:
    inside = [end for end in ends if end <= len(data)]
    for encoding in Encoding:
        if encoding in (Encoding.PACKED, Encoding.NOTEBOOK):
            assert not list(coded_texts(data, {encoding: inside}))  # no text within this one
        else:
            inner_texts(data, encoding, inside)
