"""Private keys as text, https://www.rfc-editor.org/rfc/rfc7468."""

from __future__ import annotations

import re
from collections.abc import Mapping

from detectors.forms.form import Form

_PEM = re.compile(r"(-----BEGIN [A-Z ]+-----)(.*)(-----END [A-Z ]+-----)", re.DOTALL)
_HEADER = re.compile(r"(?:Proc-Type|DEK-Info):[ ]?[A-Za-z0-9,\-]+")
# escapes, the end of a quoted line with its "+" for the next one, and all other marks
_NOT_BASE64 = re.compile(r"""\\[nrt]|["'][ \t]*[+.]?[ \t]*\\?(?=\r?\n)|[^0-9A-Za-z+/=]""")
# What stands between two pieces of a literal; no line of an armour holds a quote or a backslash.
_JOINT = re.compile(
    r"""(["'])[ \t]*(?:[+.][ \t]*)?(?:\\?\r?\n[ \t]*)?(?:[+.][ \t]*)?\1|(?<!\\)\\\r?\n[ \t]*"""
)
_BASE64_RUN = re.compile(r"[0-9A-Za-z+/=]{16,}")
_ZEROES = re.compile("A{5,}")  # lengths and versions within a key


def _holds(text: str) -> bool:
    """A key, not a heading in a document: the shortest (an Ed25519 one) has 64 digits."""
    return sum(map(len, _BASE64_RUN.findall(text))) >= 64  # noqa: PLR2004  # said above


def _spelling(text: str) -> str:
    """Undo escapes, indentation and string concatenation; 64 columns as RFC 7468 asks."""
    match = _PEM.fullmatch(text)
    if match is None:
        return text
    headers, body = _HEADER.findall(match[2]), _body(match[2])
    lines = [body[i : i + 64] for i in range(0, len(body), 64)]
    return "\n".join([match[1], *headers, *([""] if headers else []), *lines, match[3]])


def _body(text: str) -> str:
    return _NOT_BASE64.sub("", _HEADER.sub("", text))


def _facts(text: str) -> Mapping[str, str]:
    # a scan meets few keys, and this import takes longer than the rest of a scan's start
    from detectors.forms.key_facts import key_facts  # noqa: PLC0415

    return key_facts(_spelling(text))


def _drawn(text: str) -> str:
    match = _PEM.fullmatch(text)
    return _ZEROES.sub("", _body(match[2])) if match else text


PEM = Form(_holds, _facts, _spelling, _drawn)


def _armour(text: str) -> str:
    """Undo concatenation, escapes and indentation; its lines, headers and checksum stay."""
    plain = re.sub(r"(?:\\+r)?\\+n|\r\n", "\n", _JOINT.sub("", text))
    return "\n".join(line.strip() for line in plain.split("\n"))


PGP = Form(_holds, spelling=_armour, drawn=_drawn)  # its headers and checksum are its own
