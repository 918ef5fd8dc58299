r"""A character class of any dialect as a set of bytes, and that set written so that all agree.

`[[:alpha:]_]`, `[\w.-]` and `[]a]` are read differently by RE2, Rust, Vectorscan and Python, or
not at all; `[A-Z_a-z]` is read alike by each.
"""

from __future__ import annotations

import string
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

ALL = frozenset(range(256))
_ASCII = 128


class Flavour(StrEnum):
    """Whose regular expressions a pack is written in."""

    GO = "go"
    RUST = "rust"
    PYTHON = "python"


class Unsayable(ValueError):
    """A pattern asks for what no bytes regular expression here can; its text is the reason."""


def _of(text: str) -> frozenset[int]:
    return frozenset(map(ord, text))


_WORD = _of(string.ascii_letters + string.digits + "_")
_SPACE = _of(" \t\n\r\f\v")
_DIGIT = _of(string.digits)
SHORTHANDS: Mapping[str, frozenset[int]] = MappingProxyType(
    {
        "d": _DIGIT,
        "w": _WORD,
        "s": _SPACE,
        "D": ALL - _DIGIT,
        "W": ALL - _WORD,
        "S": ALL - _SPACE,
    }
)
_POSIX: Mapping[str, frozenset[int]] = MappingProxyType(
    {
        "alnum": _of(string.ascii_letters + string.digits),
        "alpha": _of(string.ascii_letters),
        "ascii": frozenset(range(_ASCII)),
        "blank": _of(" \t"),
        "cntrl": frozenset(range(32)) | {127},
        "digit": _DIGIT,
        "graph": frozenset(range(33, 127)),
        "lower": _of(string.ascii_lowercase),
        "print": frozenset(range(32, 127)),
        "punct": _of(string.punctuation),
        "space": _SPACE,
        "upper": _of(string.ascii_uppercase),
        "word": _WORD,
        "xdigit": _of(string.hexdigits),
    }
)
_LETTERS: Mapping[str, int] = MappingProxyType(
    {"a": 7, "b": 8, "f": 12, "n": 10, "r": 13, "t": 9, "v": 11}
)


@dataclass(frozen=True, slots=True)
class Class:
    """What a class matches, and the place after its closing bracket."""

    pattern: str
    end: int


def read_class(text: str, start: int, flavour: Flavour, *, verbose: bool) -> Class:
    """Return the class that opens at `start`. Raises Unsayable."""
    at = start + 1
    negated = text.startswith("^", at)
    at += negated
    items: set[int] = set()
    beyond: set[int] = set()
    first = True
    while first or not text.startswith("]", at):
        if at >= len(text):
            raise Unsayable("a character class that is not closed")
        # Python and Vectorscan keep a space in a class; Rust, whose reading decides, does not
        if verbose and text[at].isspace() and flavour is not Flavour.PYTHON:
            at += 1
            continue
        found, at = _item(text, at, flavour)
        if isinstance(found, int):
            (items if found < _ASCII else beyond).add(found)
        else:
            items |= found
        first = False
    return Class(_written(items, beyond, negated=negated), at + 1)


def read_code(text: str, at: int) -> tuple[int, int]:
    r"""Return the character that an escape names, `at` being after the backslash, and its end.

    Knows \xHH, \x{..}, \uHHHH, \u{..}, \UHHHHHHHH, octal and the letters of control characters.
    Raises Unsayable.
    """
    letter = text[at : at + 1]
    if letter in ("x", "u", "U"):
        return _hexadecimal(text, at, {"x": 2, "u": 4, "U": 8}[letter])
    if letter in _LETTERS:
        return _LETTERS[letter], at + 1
    octal = ""
    while len(octal) < 3 and text[at + len(octal) : at + len(octal) + 1] in tuple("01234567"):  # noqa: PLR2004
        octal += text[at + len(octal)]
    if octal and (octal[0] == "0" or len(octal) == 3):  # noqa: PLR2004  # \0, \07 or \101
        return int(octal, 8) & 0xFF, at + len(octal)
    if letter.isdigit():
        raise Unsayable("a back-reference")
    if not letter or letter.isalpha():
        raise Unsayable(f"the escape \\{letter}")
    return ord(letter), at + 1


def spelled(code: int) -> str:
    """Return the byte as it may stand in a class or, but for what repeats, outside of one."""
    letter = chr(code)
    if letter in r"\[]^-":
        return f"\\{letter}"
    return letter if letter.isprintable() and code < _ASCII else f"\\x{code:02x}"


def _hexadecimal(text: str, at: int, size: int) -> tuple[int, int]:
    end = at + 1 + size
    digits = text[at + 1 : end]
    if digits.startswith("{"):
        closing = text.find("}", at)
        digits, end = text[at + 2 : closing], closing + 1
    if not digits or not set(digits) <= set(string.hexdigits):
        raise Unsayable("an escape without its number")
    code = int(digits, 16)
    if code > 0x10FFFF:  # noqa: PLR2004  # the last character there is
        raise Unsayable("an escape without its number")
    if code >= _ASCII and end == at + 3:
        # Go takes \xe9 for a character, Rust over bytes for a byte
        raise Unsayable("a number that may be a byte or a character")
    return code, end


def _item(text: str, at: int, flavour: Flavour) -> tuple[int | frozenset[int], int]:
    """A character, or a set of bytes, and where the next item begins."""
    if text.startswith("[:", at) and (end := text.find(":]", at)) > 0:
        return _posix(text[at + 2 : end]), end + 2
    if flavour is Flavour.RUST and (text[at] == "[" or text.startswith("&&", at)):
        raise Unsayable("a character class made of others")
    low, at = _single(text, at)
    if isinstance(low, frozenset) or not text.startswith("-", at) or text[at + 1 : at + 2] == "]":
        return low, at
    high, end = _single(text, at + 1)
    if isinstance(high, frozenset):
        return low, at  # the dash is no range here, and read next
    if low > high:
        raise Unsayable("a range of characters that runs backwards")
    if high >= _ASCII:
        raise Unsayable("a range of characters beyond ASCII")
    return frozenset(range(low, high + 1)), end


def _single(text: str, at: int) -> tuple[int | frozenset[int], int]:
    if text[at] != "\\":
        return ord(text[at]), at + 1
    letter = text[at + 1 : at + 2]
    if letter in SHORTHANDS:
        return SHORTHANDS[letter], at + 2
    if letter in ("p", "P"):
        raise Unsayable("a Unicode class")
    return read_code(text, at + 1)


def _posix(name: str) -> frozenset[int]:
    negated = name.startswith("^")
    try:
        named = _POSIX[name.removeprefix("^")]
    except KeyError:
        raise Unsayable("an unknown POSIX class") from None
    return ALL - named if negated else named


def _written(items: AbstractSet[int], beyond: AbstractSet[int], *, negated: bool) -> str:
    text = "[" + "^" * negated + "".join(_ranges(sorted(items))) + "]"
    others = ["".join(f"\\x{byte:02x}" for byte in chr(code).encode()) for code in sorted(beyond)]
    if not others:
        return text
    if negated:
        raise Unsayable("a class of all but a character beyond ASCII")
    return f"(?:{'|'.join([*([text] if items else []), *others])})"


def _ranges(codes: list[int]) -> Iterable[str]:
    at = 0
    while at < len(codes):
        end = at
        while end + 1 < len(codes) and codes[end + 1] == codes[end] + 1:
            end += 1
        run = codes[at : end + 1]
        if len(run) > 2:  # noqa: PLR2004  # shorter ones are no shorter as a range
            yield f"{spelled(run[0])}-{spelled(run[-1])}"
        else:
            yield "".join(map(spelled, run))
        at = end + 1
