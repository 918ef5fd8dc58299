"""The words of a filter expression: https://expr-lang.org/docs/language-definition, a part of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_ESCAPES = {
    "\\": "\\",
    '"': '"',
    "'": "'",
    "n": "\n",
    "r": "\r",
    "t": "\t",
    "a": "\a",
    "b": "\b",
    "f": "\f",
    "v": "\v",
}
_TOKEN = re.compile(
    r"""(?xs)
    (?P<space> \s+ | //[^\n]* | /\*.*?\*/ )
    | (?P<number> \d+(?:\.\d+)? )
    | (?P<name> [A-Za-z_]\w* )
    | (?P<text> "(?:[^"\\]|\\.)*" | '(?:[^'\\]|\\.)*' | `[^`]*` )
    | (?P<sign> \|\| | && | \?\? | [<>=!]= | [-<>=!()\[\],.?:;{}+*/%|&^#$@] )
    """
)
_ESCAPE = re.compile(r"(?s)\\(?:x([0-9A-Fa-f]{2})|u([0-9A-Fa-f]{4})|(.))")


class NotUnderstood(ValueError):
    """An expression asks for what is not known here; its text is the reason."""


@dataclass(frozen=True, slots=True)
class Token:
    """One word. `sort` is "number", "name", "text", "sign" or "end"; a text is without quotes."""

    sort: str
    value: str


def tokens(expression: str) -> Iterator[Token]:
    """Yield the words and an "end". Raises NotUnderstood where none begins."""
    at = 0
    while at < len(expression):
        found = _TOKEN.match(expression, at)
        if found is None or found.lastgroup is None:
            raise NotUnderstood("its filter is not written as an expression")
        at = found.end()
        if found.lastgroup == "text":
            yield Token("text", _unquoted(found[0]))
        elif found.lastgroup != "space":
            yield Token(found.lastgroup, found[0])
    yield Token("end", "")


def quoted(text: str) -> str:
    """Return the text as an expression writes it."""
    return '"' + "".join(_QUOTED.get(letter, letter) for letter in text) + '"'


_QUOTED = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r"}


def _unquoted(text: str) -> str:
    inner = text[1:-1]
    return inner if text.startswith("`") else _ESCAPE.sub(_unescaped, inner)


def _unescaped(found: re.Match[str]) -> str:
    code = found[1] or found[2]
    if code:
        return chr(int(code, 16))
    if found[3] not in _ESCAPES:
        raise NotUnderstood("its filter has a text with an unknown escape")
    return _ESCAPES[found[3]]
