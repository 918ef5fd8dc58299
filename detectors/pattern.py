"""The pattern of a kind that says what its token looks like, not all that may stand around it.

A kind file gives either a whole `pattern`, or a `token` and perhaps `near`: words of which one
must stand before the token as its name, for tokens that no prefix tells from other texts.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

# A token starts where no longer word goes on; an escape that ends in a letter or digit
# (\n, %3D, A, \x3d, a terminal's colour) stands before it without being part of it.
_ESCAPES = r"(?<=\\[nrtbfv])|(?<=%[0-9A-Fa-f]{2})|(?<=\\[ux]00[0-9A-Fa-f]{2})|(?<=\\x[0-9A-Fa-f]{2})|(?<=\x1b\[[0-9]m)"
_NAMED = "(?i:"
# From the end of the word in `near` to the token: the rest of a name, then what assigns. No part of
# a name can begin what follows it, so there is nothing to go back for.
_REST_OF_NAME = r"[0-9A-Za-z_.\-]{0,40}+(?:[ \t][0-9A-Za-z_.\-]{1,20}+){0,3}+"
_VALUE_KEY = r"""["',]{0,3}\s{1,40}["']?[Vv]alue["']?[ \t]{0,4}[:=]"""
_TYPED = r":[ \t]{0,4}&?[A-Za-z][0-9A-Za-z_<>\[\]]{0,20}[ \t]{0,4}="
_ASSIGNS = r"(?:=>|[:=?]?=|\|\|=|:|,|\(|>|\||" + _TYPED + "|" + _VALUE_KEY + r")"
_LINK = (
    _REST_OF_NAME
    + r"""\\{0,3}["'`\])]{0,2}[ \t]{0,8}"""
    + _ASSIGNS
    + r"""[ \t]{0,8}\\{0,3}["'`(\[]{0,3}"""
)
_GAPS = ("_", "-", "", ".", " ")
_SHORTEST_ANCHOR = 3
_LONG_BOUND = re.compile(r"([\])])\{(\d+),\d{3,}\}")


def token_pattern(token: str, near: Sequence[str] = (), boundary: str = "_-") -> str:
    """Return a pattern whose first group is `token`, where no longer word holds it.

    `boundary` are the characters, beside letters and digits, that would carry the word on. A "_"
    in `near` stands for "_", "-", ".", a blank, or nothing.
    """
    after = f"(?![0-9A-Za-z{re.escape(boundary)}])"
    if near:
        # written out: a choice within a word costs minutes of compiling
        ways = dict.fromkeys(word.replace("_", gap) for word in near for gap in _GAPS)
        names = "|".join(re.escape(word) for word in ways)
        return f"{_NAMED}{names}){_LINK}({token}){after}"
    # what assigns stands before a token, even where it may stand within one
    before = f"(?<![0-9A-Za-z{re.escape(boundary.replace('=', ''))}])"
    return f"(?:{before}|{_ESCAPES})({token}){after}"


def is_named(pattern: str) -> bool:
    """Whether a pattern finds its token by the name before it, not by the token itself."""
    return pattern.startswith(_NAMED) and f"){_LINK}(" in pattern


def named_parts(pattern: str) -> tuple[tuple[str, ...], str]:
    """Return the names of such a pattern, in lower case, and what follows right behind one."""
    names, link, token = pattern.removeprefix(_NAMED).partition(f"){_LINK}")
    plain = re.sub(r"\\(.)", r"\1", names).lower()
    return tuple(plain.split("|")), link.removeprefix(")") + token


def screening(pattern: str) -> str:
    """Return a pattern that matches wherever this one does, and compiles faster."""
    return _LONG_BOUND.sub(r"\1{\2,}", pattern)


def anchors_of(token: str, near: Sequence[str] = ()) -> tuple[str, ...]:
    """Return the literals of which one stands in each match; empty when the token shows none."""
    if near:
        return tuple(near)
    literal = re.match(r"(?:[0-9A-Za-z_:/@=-]|\\[^0-9A-Za-z])*", token)
    text = literal[0] if literal else ""
    if token[len(text) : len(text) + 1] in ("?", "*", "{", "|"):
        text = text[:-1]
    plain = re.sub(r"\\(.)", r"\1", text)
    return (plain,) if len(plain) >= _SHORTEST_ANCHOR and "|" not in _top_level(token) else ()


def _top_level(token: str) -> str:
    """The token without its groups and classes, where an alternation would be of the whole."""
    flat = re.sub(r"\\.|\[(?:\\.|[^\]])*\]", "", token)
    while (shorter := re.sub(r"\([^()]*\)", "", flat)) != flat:
        flat = shorter
    return flat
