"""One spelling for each secret, so that the same credential has the same fingerprint everywhere."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType

_PEM = re.compile(r"(-----BEGIN [A-Z ]+-----)(.*)(-----END [A-Z ]+-----)", re.DOTALL)
_HEADER = re.compile(r"(?:Proc-Type|DEK-Info):[ ]?[A-Za-z0-9,\-]+")
# escapes, the end of a quoted line with its "+" for the next one, and all other marks
_NOT_BASE64 = re.compile(r"""\\[nrt]|["'][ \t]*[+.]?[ \t]*\\?(?=\r?\n)|[^0-9A-Za-z+/=]""")


def canonical(kind: str, text: str) -> str:
    """Return the secret as its issuer would write it."""
    spell = _SPELLINGS.get(kind)
    return spell(text) if spell else text


def _pem(text: str) -> str:
    """Undo escapes, indentation and string concatenation; 64 columns as RFC 7468 asks."""
    match = _PEM.fullmatch(text)
    if match is None:
        return text
    headers = _HEADER.findall(match[2])
    body = _NOT_BASE64.sub("", _HEADER.sub("", match[2]))
    lines = [body[i : i + 64] for i in range(0, len(body), 64)]
    return "\n".join([match[1], *headers, *([""] if headers else []), *lines, match[3]])


def _unescaped(text: str) -> str:
    return text.replace("%3D", "=")


_SPELLINGS: Mapping[str, Callable[[str], str]] = MappingProxyType(
    {
        "private_key_pem": _pem,
        "private_key_openssh": _pem,
        "atlassian_api_token": _unescaped,
        "atlassian_admin_key": _unescaped,
    }
)
