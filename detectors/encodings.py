"""How an encoded text shows what it holds: the anchors of all kinds, as each encoding spells them.

Looking for those spellings finds the few encoded texts that are worth decoding, in the same pass
that finds plain tokens; no text is decoded only because it could be one.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Sequence
from enum import StrEnum

from correlate.kind import Grade, Kind
from detectors.pattern import is_named
from detectors.prefilter import Clue, Expression


class Encoding(StrEnum):
    """The ways a text can stand inside another one."""

    BASE64 = "base64"
    HEX = "hex"
    ESCAPED = "escaped"  # percent signs, \u0000, \x00, \/
    UTF16_LE = "utf-16-le"
    UTF16_BE = "utf-16-be"
    PACKED = "packed"  # an archive or a compressed text begins
    NOTEBOOK = "notebook"


_SHORTEST = 4  # of an anchor: a shorter one's spellings turn up by chance
_SHORTEST_WIDE = 3
_URL_SAFE = bytes.maketrans(b"+/", b"-_")
_WRAPS = (b"\n", b"\r\n")
_SURELY_UNBROKEN = 9  # a longer spelling is looked for in halves: a line end breaks only one
_LEAST_HALF = 4
_LONG_ENOUGH = 12
_SHORTEST_NAME = 6
PACKED_HEADS = (b"PK\x03\x04", b"\x1f\x8b\x08", b"BZh", b"\xfd7zXZ\x00")
_PACKED_LITERALS = (b"PK\x03\x04", b"\x1f\x8b\x08", b"1AY&SY", b"\xfd7zXZ\x00", b"ustar")


def expressions(kinds: Sequence[Kind], first_id: int) -> Iterator[Expression]:
    """Yield what to look for; `first_id` and those after it stand for the members of Encoding."""
    ids = {encoding: first_id + at for at, encoding in enumerate(Encoding)}
    anchors, names = _anchors(kinds, _SHORTEST), _names(kinds)
    for text, clue in sorted(_base64_spellings(anchors, names).items()):
        yield Expression(ids[Encoding.BASE64], text, literal=True, clue=clue)
    for anchor in anchors:
        yield Expression(ids[Encoding.HEX], anchor.hex().encode(), literal=True, any_case=True)
        for form in (b"%%%02x", b"\\u00%02x", b"\\x%02x"):
            text = b"".join(form % byte for byte in anchor)
            yield Expression(ids[Encoding.ESCAPED], text, literal=True, any_case=True)
    for text in (b":\\/\\/", b"%3A%2F%2F", b":\\u002f\\u002f"):
        yield Expression(ids[Encoding.ESCAPED], text, literal=True, any_case=True)
    for anchor in _anchors(kinds, _SHORTEST_WIDE, quiet=True):
        little = b"".join(b"%c\0" % byte for byte in anchor)
        yield Expression(ids[Encoding.UTF16_LE], little, literal=True, any_case=True)
        big = b"".join(b"\0%c" % byte for byte in anchor)
        yield Expression(ids[Encoding.UTF16_BE], big, literal=True, any_case=True)
    for text in _PACKED_LITERALS:
        yield Expression(ids[Encoding.PACKED], text, literal=True)
    yield Expression(ids[Encoding.NOTEBOOK], b'"nbformat"', literal=True)


def _anchors(kinds: Sequence[Kind], shortest: int, *, quiet: bool = False) -> list[bytes]:
    found: dict[bytes, None] = {}
    for kind in kinds:
        loud = kind.grade is not Grade.GENERIC or quiet
        if not kind.pack and not is_named(kind.pattern) and loud:
            found.update((a.encode(), None) for a in kind.anchors if len(a) >= shortest)
    return list(found)


def _names(kinds: Sequence[Kind]) -> list[bytes]:
    """The names beside which tokens are found, as variables and as settings are written."""
    named = [kind for kind in kinds if not kind.pack and is_named(kind.pattern)]
    words = [word for kind in named for word in kind.anchors if len(word) >= _SHORTEST_NAME]
    return sorted({case(word).encode() for word in words for case in (str.lower, str.upper)})


def _base64_spellings(anchors: Sequence[bytes], names: Sequence[bytes]) -> dict[bytes, Clue | None]:
    found: dict[bytes, Clue | None] = {}
    for text, wrapped in (*((name, False) for name in names), *((a, True) for a in anchors)):
        for before in range(3):
            digits = _digits(text, before)
            for piece, stop in _pieces(digits, wrapped=wrapped):
                clue = Clue(_first(before) + stop, _last(before, text), text.decode())
                found[piece] = found[piece.translate(_URL_SAFE)] = clue
    for head in PACKED_HEADS:
        found[base64.b64encode(head + bytes(3))[: len(head) * 8 // 6]] = None
    return found


def _digits(text: bytes, before: int) -> bytes:
    """The digits that a text alone decides, when so many bytes of its group stand before it."""
    coded = base64.b64encode(bytes(before) + text + bytes(3))
    return coded[_first(before) : (before + len(text)) * 8 // 6]


def _first(before: int) -> int:
    return -(-before * 8 // 6)


def _last(before: int, text: bytes) -> int:
    """How many digits, of whole groups, hold the text and what of its group stands before it."""
    return -(-(before + len(text)) // 3) * 4


def _pieces(digits: bytes, *, wrapped: bool) -> Iterator[tuple[bytes, int]]:
    """Pieces to look for, each with how many bytes lie from the digits' beginning to its end.

    With `wrapped`, a line end may stand between any two digits and one piece is found still.
    """
    if len(digits) >= _SURELY_UNBROKEN or not wrapped:
        yield digits[:_LONG_ENOUGH], len(digits[:_LONG_ENOUGH])
        if wrapped:
            half = max(_LEAST_HALF, len(digits) // 2)
            yield digits[half : half + _LONG_ENOUGH], len(digits[: half + _LONG_ENOUGH])
        return
    yield digits, len(digits)
    for at in range(1, len(digits)):
        for wrap in _WRAPS:
            yield digits[:at] + wrap + digits[at:], len(digits) + len(wrap)
