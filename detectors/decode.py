"""Encoded texts inside a text, taken out and decoded."""

from __future__ import annotations

import binascii
import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from detectors.encodings import Encoding

_STANDARD = bytes.maketrans(b"-_", b"+/")
_BASE64 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_"
_HEX = b"0123456789abcdefABCDEF"
# Lines of base64 under each other are told apart by line ends or their escapes.
_WRAP = rb"(?:\r?\n[ \t]{0,40}|(?:\\r)?\\n)"
_NEXT_LINES = re.compile(rb"(?:" + _WRAP + rb"[0-9A-Za-z+/_-]{1,128})+")
_LINE_BEFORE = re.compile(rb"(?<![0-9A-Za-z+/_-])[0-9A-Za-z+/_-]{32,128}" + _WRAP + rb"\Z")
_ONE_LINE = 180
_WRAPS = re.compile(rb"\\[rn]|\s+")
_WIDE: Mapping[Encoding, re.Pattern[bytes]] = MappingProxyType(
    {
        Encoding.UTF16_LE: re.compile(rb"(?:[\t\n\r -~]\x00)+"),
        Encoding.UTF16_BE: re.compile(rb"(?:\x00[\t\n\r -~])+"),
    }
)
_ESCAPE = re.compile(rb"%([0-9A-Fa-f]{2})|\\u00([0-9A-Fa-f]{2})|\\x([0-9A-Fa-f]{2})|\\(/)")
_LONGEST_LINE = 32 << 10  # what is unescaped on either side of a hit
_GROUP = 4  # base64 digits that stand for whole bytes


@dataclass(frozen=True, slots=True)
class Inner:
    """A decoded text and where the encoded one begins. `keeps_lines`: both have the same lines."""

    start: int
    encoding: Encoding
    text: bytes
    keeps_lines: bool = False


def inner_texts(data: bytes, ends: Mapping[Encoding, Sequence[int]]) -> Iterator[Inner]:
    """Yield the decoded texts around `ends`, where spellings of `detectors.encodings` end.

    Where it is unclear at which digit a text begins, it is given once for each. In time linear
    to the text for each encoding.
    """
    for encoding, decode in _DECODERS.items():
        if encoding in ends:
            yield from decode(data, sorted(ends[encoding]), encoding)


def unescaped(text: bytes) -> bytes:
    r"""Undo percent signs, \u00.., \x.. and \/; all else stays as it is."""
    return _ESCAPE.sub(lambda m: m[4] or bytes([int(m[1] or m[2] or m[3], 16)]), text)


def _base64(data: bytes, ends: Sequence[int], encoding: Encoding) -> Iterator[Inner]:
    for start, stop in _base64_runs(data, ends):
        digits = _WRAPS.sub(b"", data[start:stop]).rstrip(b"=").translate(_STANDARD)
        for skipped in range(_GROUP):
            whole = digits[skipped:]
            # a last digit alone stands for no byte
            whole = whole[:-1] if len(whole) % _GROUP == 1 else whole
            text = binascii.a2b_base64(whole + b"=" * (-len(whole) % _GROUP))
            yield Inner(start, encoding, text)


def _base64_runs(data: bytes, ends: Sequence[int]) -> Iterator[tuple[int, int]]:
    passed = -1
    for start, stop in _runs(data, ends, _BASE64):
        if start < passed:
            continue
        first, before = start, start
        while (line := _LINE_BEFORE.search(data, max(0, before - _ONE_LINE), before)) is not None:
            first = before = line.start()
        below = _NEXT_LINES.match(data, stop)
        passed = below.end() if below else stop
        yield first, passed


def _hex(data: bytes, ends: Sequence[int], encoding: Encoding) -> Iterator[Inner]:
    for start, stop in _runs(data, ends, _HEX):
        for skipped in range(2):
            digits = data[start + skipped : stop]
            yield Inner(start, encoding, binascii.a2b_hex(digits[: len(digits) & ~1]))


def _escaped(data: bytes, ends: Sequence[int], encoding: Encoding) -> Iterator[Inner]:
    passed = -1
    for end in ends:
        if end > passed:
            near = max(0, end - _LONGEST_LINE)
            start = max(near, data.rfind(b"\n", near, end) + 1)
            stop = data.find(b"\n", end, end + _LONGEST_LINE)
            passed = min(len(data), end + _LONGEST_LINE) if stop < 0 else stop
            yield Inner(start, encoding, unescaped(data[start:passed]))


def _wide(data: bytes, ends: Sequence[int], encoding: Encoding) -> Iterator[Inner]:
    for match in _WIDE[encoding].finditer(data):
        at = bisect_right(ends, match.start())
        if at < len(ends) and ends[at] <= match.end():
            text = match[0][encoding is Encoding.UTF16_BE :: 2]
            yield Inner(match.start(), encoding, text, keeps_lines=True)


def _runs(data: bytes, ends: Sequence[int], digits: bytes) -> Iterator[tuple[int, int]]:
    """The runs of digits that the ends stand in, each once."""
    mask = data.translate(bytes(byte in digits for byte in range(256)))
    passed = -1
    for end in ends:
        if end > passed:
            stop = mask.find(b"\0", end)
            passed = len(mask) if stop < 0 else stop
            yield mask.rfind(b"\0", 0, end) + 1, passed


_DECODERS: Mapping[Encoding, Callable[..., Iterator[Inner]]] = MappingProxyType(
    {
        Encoding.BASE64: _base64,
        Encoding.HEX: _hex,
        Encoding.ESCAPED: _escaped,
        Encoding.UTF16_LE: _wide,
        Encoding.UTF16_BE: _wide,
    }
)
