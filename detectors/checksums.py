"""Checksums that issuers build into their tokens, by the name a Kind calls them.

A checksum is computed from all that stands before it in the token.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

_BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True, slots=True)
class Checksum:
    """The last `length` characters of a token, as `expected` computes them from the rest."""

    length: int
    expected: Callable[[str], str]


def base62(number: int, width: int) -> str:
    """Return `number` in digits, upper case, lower case; padded on the left with 0 to `width`."""
    digits = ""
    while number:
        number, rest = divmod(number, 62)
        digits = _BASE62[rest] + digits
    return digits.rjust(width, "0")


def _crc(text: str) -> int:
    return zlib.crc32(text.encode())


# https://github.blog/engineering/platform-security/behind-githubs-new-authentication-token-formats/
# names a 32-bit checksum in base62 as the last six digits; npm uses the same form:
# https://github.blog/changelog/2021-09-23-npm-has-a-new-access-token-format/
def _crc32_base62(before: str) -> str:
    return base62(_crc(before[-30:]), 6)


# Atlassian: ATATT and ATCTT3 tokens end in "=" and the CRC32 of all before as upper-case hex.
def _crc32_hex(before: str) -> str:
    return f"{_crc(before):08X}"


# https://grafana.com/docs/grafana/latest/administration/service-accounts/: "glsa_", 32 characters,
# "_" and the CRC32 of the first 37 characters, hex digits of the little-endian bytes.
def _crc32_hex_little(before: str) -> str:
    return _crc(before[:-1]).to_bytes(4, "little").hex()


# https://developers.cloudflare.com/fundamentals/api/get-started/token-formats/: CRC32 of the 40
# characters after the prefix.
def _crc32_hex_last40(before: str) -> str:
    return f"{_crc(before[-40:]):08x}"


CHECKSUMS: Mapping[str, Checksum] = MappingProxyType(
    {
        "crc32_base62": Checksum(6, _crc32_base62),
        "crc32_hex": Checksum(8, _crc32_hex),
        "crc32_hex_little": Checksum(8, _crc32_hex_little),
        "crc32_hex_last40": Checksum(8, _crc32_hex_last40),
    }
)


def holds(name: str, token: str) -> bool:
    """Whether `token` ends in the checksum of that name. Case does not count for hex digits."""
    check = CHECKSUMS[name]
    before, last = token[: -check.length], token[-check.length :]
    want = check.expected(before)
    return last.lower() == want.lower() if name.startswith("crc32_hex") else last == want
