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
# a line that goes on ends as such lines do; `NAME:` is the next setting
_NEXT_LINES = re.compile(rb"(?:" + _WRAP + rb"[0-9A-Za-z+/_-]{1,128}(?=[\s=\"'`\\,<]|\Z))+")
_LINE_BEFORE = re.compile(
    rb"(?:(?<![0-9A-Za-z+/_\\-])|(?<=\\n))[0-9A-Za-z+/_-]{32,128}" + _WRAP + rb"\Z"
)
_ONE_LINE = 180
_WRAPS = re.compile(rb"\\[rn]|\s+")
_WIDE: Mapping[Encoding, re.Pattern[bytes]] = MappingProxyType(
    {
        Encoding.UTF16_LE: re.compile(rb"(?:[\t\n\r -~]\x00)++"),
        Encoding.UTF16_BE: re.compile(rb"(?:\x00[\t\n\r -~])++"),
    }
)
_ESCAPE = re.compile(rb"%([0-9A-Fa-f]{2})|\\u00([0-9A-Fa-f]{2})|\\x([0-9A-Fa-f]{2})|\\(/)")
_MARKED_RUN = re.compile(
    rb"(?:[0-9A-Za-z._~+=:@?&|-]|%[0-9A-Fa-f]{2}|\\u00[0-9A-Fa-f]{2}|\\x[0-9A-Fa-f]{2}|\\?/)+"
)
# Between two pieces of a literal: quotes with "+" or "." or nothing between them, on one line or
# two; in a shell a line end with a backslash before it.
_JOINT = re.compile(
    rb"""(?P<q>["'])[ \t]*(?:[+.][ \t]*\\?(?:\r?\n[ \t]*)?|\\?\r?\n[ \t]*[+.]?[ \t]*|[ \t])(?P=q)"""
    rb"""|(?P<e>["'])[+.](?P=e)|\\\r?\n[ \t]*"""
)
_PIECE_ENDS = re.compile(
    rb"""[0-9A-Za-z_+/=.:;@~$&%?}-](?:["'][ \t+.\\\r\n]{0,6}["']?|\\\r?\n)\Z"""
)
_WIDEST_LITERAL = 8
_WIDEST_JOINT = 64
_SECRET_VALUE = re.compile(
    rb"""(?m)^([ \t]*(?:-[ \t]+)?"?[\w.-]+"?[ \t]*:[ \t]*["']?)([0-9A-Za-z+/]{4,}={0,2})(?=["']?,?[ \t]*\r?$)"""
)
_NO_WORD = 26
_LEAST = 12  # characters of a token, at the least
_NEAR, _STATEMENT = 200, 1 << 10
_LONGEST_LINE = 8 << 10  # what is unescaped on either side of a hit
_CLASSES = bytes(
    b"0"[0]
    if chr(byte).isdigit()
    else b"a"[0]
    if chr(byte).islower()
    else b"A"[0]
    if chr(byte).isupper()
    else 32
    for byte in range(256)
)
_PIECES, _MARKED = (
    bytes(
        byte if re.match(rb"[0-9A-Za-z_+/=.:;@~$&%%?}%b-]" % more, bytes([byte])) else 32
        for byte in range(256)
    )
    for more in (b"", b"|\\\\")
)
_GROUP = 4  # base64 digits that stand for whole bytes


@dataclass(frozen=True, slots=True)
class Coded:
    """An encoded text as it stands at `start`."""

    start: int
    encoding: Encoding
    raw: bytes

    @property
    def keeps_lines(self) -> bool:
        """Whether what it holds has the same lines."""
        return self.encoding in _KEEPS_LINES

    def texts(self) -> Iterator[bytes]:
        """Yield what it holds, once for each digit that may be its first where that is unclear."""
        return _DECODERS[self.encoding](self.raw)


def coded_texts(data: bytes, ends: Mapping[Encoding, Sequence[int]]) -> Iterator[Coded]:
    """Yield the encoded texts around `ends`, where spellings of `detectors.encodings` end. In
    time linear to the text for each encoding.
    """
    for encoding, stretches in _STRETCHES.items():
        if encoding in ends:
            for start, stop in stretches(data, sorted(ends[encoding]), encoding):
                yield Coded(start, encoding, data[start:stop])


def unescaped(text: bytes) -> bytes:
    r"""Undo percent signs, \u00.., \x.. and \/; all else stays as it is."""
    return _ESCAPE.sub(lambda m: m[4] or bytes([int(m[1] or m[2] or m[3], 16)]), text)


def _base64(raw: bytes) -> Iterator[bytes]:
    digits = _WRAPS.sub(b"", raw).rstrip(b"=").translate(_STANDARD)
    for skipped in range(_GROUP):
        whole = digits[skipped:]
        # a last digit alone stands for no byte
        whole = whole[:-1] if len(whole) % _GROUP == 1 else whole
        yield binascii.a2b_base64(whole + b"=" * (-len(whole) % _GROUP))


def _base64_runs(data: bytes, ends: Sequence[int], _: Encoding) -> Iterator[tuple[int, int]]:
    passed = -1
    for start, stop in _runs(data, ends, _BASE64):
        if start < passed:
            continue
        # the letter of an escape is a digit too
        first = before = start + (data[start - 1 : start + 1] in (b"\\n", b"\\r"))
        while (line := _LINE_BEFORE.search(data, max(0, before - _ONE_LINE), before)) is not None:
            first = before = line.start()
        below = _NEXT_LINES.match(data, stop)
        passed = below.end() if below else stop
        yield first, passed


def _hex(raw: bytes) -> Iterator[bytes]:
    for skipped in range(2):
        digits = raw[skipped:]
        yield binascii.a2b_hex(digits[: len(digits) & ~1])


def _hex_runs(data: bytes, ends: Sequence[int], _: Encoding) -> Iterator[tuple[int, int]]:
    return _runs(data, ends, _HEX)


def _lines(data: bytes, ends: Sequence[int], encoding: Encoding) -> Iterator[tuple[int, int]]:
    """The lines with escapes, of long ones what stands about those."""
    reach = _LONGEST_LINE if encoding is Encoding.ESCAPED else _STATEMENT
    passed = -1
    for end in ends:
        if end > passed:
            near = max(0, end - reach)
            start = max(near, data.rfind(b"\n", near, end) + 1)
            stop = data.find(b"\n", end, end + reach)
            passed = min(len(data), end + reach) if stop < 0 else stop
            run = _MARKED_RUN.match(data, passed)  # a long token is not cut
            passed = run.end() if run else passed
            yield start, passed


def _statements(data: bytes, ends: Sequence[int], _: Encoding) -> Iterator[tuple[int, int]]:
    """Each stretch with joints, and what stands about it (a name, the other half of a pair)."""
    for first, last in _together(ends, 2 * _STATEMENT):
        near = max(0, first - _STATEMENT)
        start = data.rfind(b"\n", near, max(near, first - _WIDEST_JOINT)) + 1 or near
        stop = data.find(b"\n", last + _STATEMENT, last + 2 * _STATEMENT)
        yield start, stop if stop >= 0 else last + 2 * _STATEMENT


def _together(ends: Sequence[int], gap: int) -> Iterator[tuple[int, int]]:
    """The first and last of ends that follow each other within a gap."""
    last = first = -1
    for end in ends:
        if first < 0 or end > last + gap:
            if first >= 0:
                yield first, last
            first = end
        last = end
    if first >= 0:
        yield first, last


def _whole(data: bytes, ends: Sequence[int], _: Encoding) -> Iterator[tuple[int, int]]:
    del ends
    yield 0, len(data)


def _opened(setting: re.Match[bytes]) -> bytes:
    """A setting with its value decoded, where that gives a line of text."""
    try:
        value = binascii.a2b_base64(setting[2], strict_mode=True).decode("ascii")
    except (ValueError, UnicodeDecodeError):
        return setting[0]
    return setting[1] + value.strip().encode() if value.strip().isprintable() else setting[0]


def _may_be_marked(data: memoryview, end: int) -> bool:
    """Whether an escaped mark stands in a run that is long and mixed enough to be a token."""
    before = bytes(data[max(0, end - _NEAR) : end]).translate(_MARKED).rpartition(b" ")[2]
    after = bytes(data[end : end + _NEAR]).translate(_MARKED).partition(b" ")[0]
    return len(before) + len(after) >= _LEAST and _is_mixed(unescaped(before + after))


def _may_be_split(data: memoryview, end: int) -> bool:
    """Whether the pieces beside a joint could be a token together."""
    if _PIECE_ENDS.search(bytes(data[max(0, end - _WIDEST_LITERAL) : end])) is None:
        return False
    for joint in _JOINT.finditer(data, max(0, end - _WIDEST_JOINT), end + _WIDEST_JOINT):
        if joint.start() <= end <= joint.end():
            before = bytes(data[max(0, joint.start() - _NEAR) : joint.start()])
            after = bytes(data[joint.end() : joint.end() + _NEAR])
            piece = before.translate(_PIECES).rpartition(b" ")[2]
            return _is_mixed(piece + after.translate(_PIECES).partition(b" ")[0])
    return False


def _is_mixed(text: bytes) -> bool:
    """Long enough for a token, and of digits, of letters of both cases, or longer than a word."""
    if len(text) < _LEAST or (len(text) >= _NO_WORD and b"/" not in text):
        return len(text) >= _LEAST
    kinds = text.translate(_CLASSES)
    return b"0" in kinds or (b"a" in kinds and b"A" in kinds)


def _wide(data: bytes, ends: Sequence[int], encoding: Encoding) -> Iterator[tuple[int, int]]:
    for match in _WIDE[encoding].finditer(data):
        at = bisect_right(ends, match.start())
        if at < len(ends) and ends[at] <= match.end():
            yield match.span()


def _runs(data: bytes, ends: Sequence[int], digits: bytes) -> Iterator[tuple[int, int]]:
    """The runs of digits that the ends stand in, each once."""
    mask = data.translate(bytes(byte in digits for byte in range(256)))
    passed = -1
    for end in ends:
        if end > passed:
            stop = mask.find(b"\0", end)
            passed = len(mask) if stop < 0 else stop
            yield mask.rfind(b"\0", 0, end) + 1, passed


# What must hold about a match for it to be worth decoding, and how far that looks on either side.
PLAUSIBLE: Mapping[Encoding, tuple[Callable[[memoryview, int], bool], int]] = MappingProxyType(
    {
        Encoding.MARKED: (_may_be_marked, _NEAR),
        Encoding.SPLIT: (_may_be_split, _NEAR + 2 * _WIDEST_JOINT),
    }
)
_STRETCHES: Mapping[
    Encoding, Callable[[bytes, Sequence[int], Encoding], Iterator[tuple[int, int]]]
] = MappingProxyType(
    {
        Encoding.BASE64: _base64_runs,
        Encoding.HEX: _hex_runs,
        Encoding.ESCAPED: _lines,
        Encoding.MARKED: _lines,
        Encoding.SPLIT: _statements,
        Encoding.MANIFEST: _whole,
        Encoding.UTF16_LE: _wide,
        Encoding.UTF16_BE: _wide,
    }
)
_DECODERS: Mapping[Encoding, Callable[[bytes], Iterator[bytes]]] = MappingProxyType(
    {
        Encoding.BASE64: _base64,
        Encoding.HEX: _hex,
        Encoding.ESCAPED: lambda raw: iter((unescaped(raw),)),
        Encoding.MARKED: lambda raw: iter((unescaped(raw),)),
        Encoding.SPLIT: lambda raw: iter((_JOINT.sub(b"", raw),)),
        Encoding.MANIFEST: lambda raw: iter((_SECRET_VALUE.sub(_opened, raw),)),
        Encoding.UTF16_LE: lambda raw: iter((raw[::2],)),
        Encoding.UTF16_BE: lambda raw: iter((raw[1::2],)),
    }
)
_KEEPS_LINES = frozenset({Encoding.SPLIT, Encoding.MANIFEST, Encoding.UTF16_LE, Encoding.UTF16_BE})
