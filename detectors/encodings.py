"""How an encoded text shows what it holds: the anchors of all kinds, as each encoding spells them.

Looking for those spellings finds the few encoded texts that are worth decoding, in the same pass
that finds plain tokens; no text is decoded only because it could be one.
"""

from __future__ import annotations

import base64
from collections import defaultdict
from collections.abc import Iterator, Sequence
from enum import StrEnum

from correlate.kind import Grade, Kind
from detectors.pattern import is_named
from detectors.prefilter import Clue, Expression


class Encoding(StrEnum):
    """The ways a text can stand inside another one."""

    BASE64 = "base64"
    HEX = "hex"
    ESCAPED = "escaped"  # percent signs, \u0000, \x00, every character
    MARKED = "escaped marks"  # the same, and \/, for the marks in a token only
    SPLIT = "split"  # a literal in pieces that the program puts together
    MANIFEST = "manifest"  # a Kubernetes Secret: names in plain, values in base64
    UTF16_LE = "utf-16-le"
    UTF16_BE = "utf-16-be"
    PACKED = "packed"  # an archive or a compressed text begins
    NOTEBOOK = "notebook"


_SHORTEST = 3  # of an anchor: a shorter one's spellings turn up everywhere
_SHORTEST_NAME = 4
_URL_SAFE = bytes.maketrans(b"+/", b"-_")
_WRAPS = (b"\n", b"\r\n")
_SURELY_UNBROKEN = 9  # a longer spelling is looked for in halves: a line end breaks only one
_LONG_ENOUGH = 12
_EVERYWHERE = {b"https://", b"http://", b"://"}  # every encoded page has them
PACKED_HEADS = (b"PK\x03\x04", b"\x1f\x8b\x08", b"BZh", b"\xfd7zXZ\x00")
_LITERALS = {
    Encoding.PACKED: (b"PK\x03\x04", b"\x1f\x8b\x08", b"1AY&SY", b"\xfd7zXZ\x00", b"ustar"),
    Encoding.NOTEBOOK: (b'"nbformat"',),
    Encoding.MANIFEST: (b"kind: Secret", b'"kind": "Secret"', b'"kind":"Secret"'),
    Encoding.MARKED: (b"%7C", b"%2F", b"%2B", b"%3D", b"%3A", b"%40", b"%25", b"\\/", b"\\u002f",
                       b"\\u002b", b"\\u003d"),
    Encoding.SPLIT: (b'" + "', b"' + '", b'"+"', b"'+'", b'" +\n', b"' +\n", b'\n+ "', b"\n+ '",
                     b' + "', b" + '", b'" . "', b"' . '", b'" "', b"' '", b"\\\n"),
}  # fmt: skip


def expressions(kinds: Sequence[Kind], first_id: int) -> Iterator[Expression]:
    """Yield what to look for; `first_id` and those after it stand for the members of Encoding."""
    ids = {encoding: first_id + at for at, encoding in enumerate(Encoding)}
    anchors, names = _anchors(kinds), _names(kinds)
    for text, clues in sorted(_base64_spellings(anchors, names).items()):
        yield Expression(ids[Encoding.BASE64], text, literal=True, clues=tuple(sorted(clues)))
    for text in dict.fromkeys((*anchors, *names)):
        yield Expression(ids[Encoding.HEX], text.hex().encode(), literal=True, any_case=True)
        for form in (b"%%%02x", b"\\u00%02x", b"\\x%02x"):
            written = b"".join(form % byte for byte in text)
            yield Expression(ids[Encoding.ESCAPED], written, literal=True, any_case=True)
    for text in dict.fromkeys(text.lower() for text in (*anchors, *names, *_quiet_anchors(kinds))):
        little = b"".join(b"%c\0" % byte for byte in text)
        yield Expression(ids[Encoding.UTF16_LE], little, literal=True, any_case=True)
        big = b"".join(b"\0%c" % byte for byte in text)
        yield Expression(ids[Encoding.UTF16_BE], big, literal=True, any_case=True)
    for encoding, texts in _LITERALS.items():
        for text in texts:
            any_case = encoding is Encoding.MARKED
            yield Expression(ids[encoding], text, literal=True, any_case=any_case)


def _anchors(kinds: Sequence[Kind]) -> list[bytes]:
    """What self-identifying tokens of issuers hold."""
    ours = [kind for kind in kinds if not kind.pack and kind.grade is not Grade.GENERIC]
    found = [a.encode() for kind in ours if not is_named(kind.pattern) for a in kind.anchors]
    told = dict.fromkeys(found).keys() - _EVERYWHERE
    return sorted(anchor for anchor in told if len(anchor) >= _SHORTEST)


def _quiet_anchors(kinds: Sequence[Kind]) -> list[bytes]:
    quiet = [kind for kind in kinds if not kind.pack and kind.grade is Grade.GENERIC]
    found = [anchor.encode() for kind in quiet for anchor in kind.anchors]
    return [anchor for anchor in dict.fromkeys(found) if len(anchor) > _SHORTEST]


def _names(kinds: Sequence[Kind]) -> list[bytes]:
    """The names beside which tokens are found, as variables and as settings are written."""
    named = [kind for kind in kinds if not kind.pack and is_named(kind.pattern)]
    words = [word for kind in named for word in kind.anchors if len(word) >= _SHORTEST_NAME]
    return sorted({case(word).encode() for word in words for case in (str.lower, str.upper)})


def _base64_spellings(anchors: Sequence[bytes], names: Sequence[bytes]) -> dict[bytes, set[Clue]]:
    """The pieces, each with all texts that it may be part of."""
    found: defaultdict[bytes, set[Clue]] = defaultdict(set)
    for text in (*names, *anchors):
        for before in range(3):
            for piece, stop in _pieces(_digits(text, before)):
                clue = Clue(_first(before) + stop, _last(before, text), text.decode())
                found[piece].add(clue)
                found[piece.translate(_URL_SAFE)].add(clue)
    for head in PACKED_HEADS:
        found[base64.b64encode(head + bytes(3))[: len(head) * 8 // 6]] = set()
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


def _pieces(digits: bytes) -> Iterator[tuple[bytes, int]]:
    """Pieces to look for, each with how many bytes lie from the digits' beginning to its end.

    A line end may stand between any two digits, and one piece is found still.
    """
    if len(digits) >= _SURELY_UNBROKEN:
        half = len(digits) // 2
        yield digits[:half][:_LONG_ENOUGH], min(half, _LONG_ENOUGH)
        yield digits[half:][:_LONG_ENOUGH], min(len(digits), half + _LONG_ENOUGH)
        return
    yield digits, len(digits)
    for at in range(1, len(digits)):
        for wrap in _WRAPS:
            yield digits[:at] + wrap + digits[at:], len(digits) + len(wrap)
