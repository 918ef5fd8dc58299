from __future__ import annotations

import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.checksums import CHECKSUMS, base62, holds


@pytest.mark.parametrize(
    ("number", "text"), [(0, "000000"), (61, "00000z"), (62, "000010"), (2**32 - 1, "4gfFC3")]
)
def test_base62_counts_digits_then_upper_then_lower_case(number: int, text: str) -> None:
    assert base62(number, 6) == text


@given(st.integers(0, 2**32 - 1), st.integers(0, 2**32 - 1))
def test_base62_of_one_width_keeps_order_and_never_meets(a: int, b: int) -> None:
    assert (base62(a, 6) < base62(b, 6)) == (a < b)


@pytest.mark.parametrize("name", sorted(CHECKSUMS))
@given(body=st.text("abcXYZ012", min_size=45, max_size=60))
def test_a_token_holds_its_checksum_and_loses_it_with_any_change(name: str, body: str) -> None:
    before = body + "_" if name == "crc32_hex_little" else body
    token = before + CHECKSUMS[name].expected(before)
    assert len(token) == len(before) + CHECKSUMS[name].length
    assert holds(name, token)
    assert not holds(name, token[:-1] + ("a" if token[-1].lower() != "a" else "b"))


def test_the_checksum_of_a_git_hosting_token_is_over_its_last_thirty_characters() -> None:
    body = "a" * 30
    want = base62(zlib.crc32(body.encode()), 6)
    assert holds("crc32_base62", "any_" + body + want)
