"""Each encoded anchor is found by its spelling, whatever stands around it."""

from __future__ import annotations

import base64
import textwrap

import pytest
from hypothesis import given
from hypothesis import strategies as st

from correlate.kind import Kind
from correlate.model import KindId
from detectors.encodings import Encoding, expressions
from detectors.prefilter import Prefilter

ANCHORS = ("ghp_", "sk-ant-api03-", "https://hooks.example/", "glpat-")
KINDS = [
    Kind(KindId(f"k{at}"), "issuer", "name", f"({anchor}x)", (anchor,), "source", "example")
    for at, anchor in enumerate(ANCHORS)
]
FOUND = Prefilter(lambda: sorted(expressions(KINDS, 0), key=lambda item: item.id))


def told(data: bytes) -> set[Encoding]:
    names = list(Encoding)
    return {names[index] for index in FOUND.ends(data)}


@pytest.mark.parametrize("anchor", ANCHORS)
@given(before=st.binary(max_size=5), after=st.binary(min_size=3, max_size=8))
def test_base64_is_told_at_each_place_in_a_group(anchor: str, before: bytes, after: bytes) -> None:
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        assert Encoding.BASE64 in told(encode(before + anchor.encode() + after))


@pytest.mark.parametrize("anchor", ANCHORS)
@pytest.mark.parametrize("wrap", ["\n", "\r\n"])
@given(shift=st.integers(0, 90))
def test_a_line_end_within_it_hides_nothing(anchor: str, wrap: str, shift: int) -> None:
    coded = base64.b64encode(b"." * shift + anchor.encode() + b"." * 60).decode()
    assert Encoding.BASE64 in told(wrap.join(textwrap.wrap(coded, 76)).encode())


@pytest.mark.parametrize("anchor", ANCHORS)
def test_other_encodings_are_told(anchor: str) -> None:
    raw = anchor.encode()
    assert Encoding.HEX in told(b"x" + raw.hex().encode())
    assert Encoding.HEX in told(raw.hex().upper().encode())
    for form in (b"%%%02X", b"\\u00%02x", b"\\x%02x"):
        assert Encoding.ESCAPED in told(b"".join(form % byte for byte in raw))
    assert Encoding.UTF16_LE in told(anchor.encode("utf-16-le") + b"y\0")
    assert Encoding.UTF16_BE in told(b"\0y" + anchor.encode("utf-16-be"))


@pytest.mark.parametrize(
    "text", [b"https:\\/\\/host", b"https%3a%2F%2fhost", b"https:\\u002f\\u002fhost"]
)
def test_an_escaped_address_is_told(text: bytes) -> None:
    assert told(text) == {Encoding.MARKED}


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (b"PK\x03\x04", Encoding.PACKED),
        (b"\x1f\x8b\x08", Encoding.PACKED),
        (b'{"nbformat": 4}', Encoding.NOTEBOOK),
        (base64.b64encode(b"\x1f\x8b\x08\x00\x00"), Encoding.BASE64),
    ],
)
def test_what_is_packed_announces_itself(text: bytes, what: Encoding) -> None:
    assert told(text) == {what}


def test_plain_text_hashes_and_lock_files_announce_nothing() -> None:
    lines = (
        f'"integrity": "sha512-{base64.b64encode(bytes([n] * 64)).decode()}"' for n in range(256)
    )
    assert told("\n".join(lines).encode() + b"plain text " * 100) == set()
