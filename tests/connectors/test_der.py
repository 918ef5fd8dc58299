"""Certificates are put in order, and nothing else of an answer moves."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.der import sequence, with_sorted_certificates


def under(tag: int, *parts: bytes) -> bytes:
    return bytes([tag]) + sequence(b"".join(parts))[1:]


def answer(certificates: list[bytes], beside: bytes = b"\x02\x01\x07") -> bytes:
    signed = sequence(beside + under(0xA0, *certificates) + beside)
    return sequence(sequence(beside) + sequence(beside + under(0xA0, signed)))


@given(st.lists(st.binary(max_size=300)))
def test_certificates_come_out_sorted_and_all_of_them(contents: list[bytes]) -> None:
    held = [sequence(one) for one in contents]
    assert with_sorted_certificates(answer(held)) == answer(sorted(held))


@pytest.mark.parametrize("size", [0, 126, 128, 254, 256, 65_534, 65_536])
def test_a_sequence_tells_its_length(size: int) -> None:
    made = sequence(b"\x05\x00" * (size // 2))
    assert with_sorted_certificates(made) == made
    with pytest.raises(ValueError, match=r"leads out|cut off"):
        with_sorted_certificates(made[:-1])


@pytest.mark.parametrize(
    "body", [b"", sequence(b""), sequence(sequence(b"\x02\x01\x02")), sequence(b"\x05\x00" * 2)]
)
def test_what_holds_no_token_stays_as_it_is(body: bytes) -> None:
    assert with_sorted_certificates(body) == body


@pytest.mark.parametrize("body", [b"\x30", b"\x30\x80\x00\x00", b"\x30\x85\x00\x00\x00\x00\x00"])
def test_what_is_cut_off_or_has_no_length_is_refused(body: bytes) -> None:
    with pytest.raises(ValueError, match=r"cut off|not told"):
        with_sorted_certificates(body)


@given(st.binary(max_size=200))
def test_anything_is_read_or_refused(body: bytes) -> None:
    with contextlib.suppress(ValueError):
        assert len(with_sorted_certificates(body)) == len(body)
