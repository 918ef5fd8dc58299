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
# From the end of the word in `near` to the token: the rest of a name, then what assigns.
_REST_OF_NAME = r"[0-9A-Za-z_.\-]{0,40}(?:[ \t][0-9A-Za-z_.\-]{1,20}){0,3}"
_VALUE_KEY = r"""["',]{0,3}\s{1,40}["']?[Vv]alue["']?[ \t]{0,4}[:=]"""
_ASSIGNS = r"(?:=>|[:=?]?=|:|,|\(|>|" + _VALUE_KEY + r")"
_LINK = (
    _REST_OF_NAME + r"""["'`\])]{0,2}[ \t]{0,8}""" + _ASSIGNS + r"""[ \t]{0,8}\\?["'`(\[]{0,3}"""
)
_SHORTEST_ANCHOR = 3


def token_pattern(token: str, near: Sequence[str] = (), boundary: str = "_-") -> str:
    """Return a pattern whose first group is `token`, where no longer word holds it.

    `boundary` are the characters, beside letters and digits, that would carry the word on.
    """
    extra = re.escape(boundary)
    after = f"(?![0-9A-Za-z{extra}])"
    if near:
        names = "|".join(re.escape(word) for word in near)
        return f"(?i:{names}){_LINK}({token}){after}"
    return f"(?:(?<![0-9A-Za-z{extra}])|{_ESCAPES})({token}){after}"


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
