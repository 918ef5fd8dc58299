"""PyPI's tokens, binary macaroons of version 2:
https://github.com/rescrv/libmacaroons/blob/master/doc/format.txt. Their caveats are JSON:
https://github.com/pypi/warehouse/blob/main/warehouse/macaroons/caveats/__init__.py.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from detectors.forms.form import Form
from detectors.forms.jwt import instant

_VERSION = 2
_END, _LOCATION, _IDENTIFIER, _SIGNATURE = 0, 1, 2, 6
_SIGNATURE_BYTES = 32


@dataclass(frozen=True, slots=True)
class Macaroon:
    """What a macaroon says: `caveats` are what limits it, as they are written."""

    location: str
    caveats: tuple[bytes, ...]


def macaroon(text: str) -> Macaroon | None:
    """Return the macaroon behind the token's prefix, None where there is no whole one."""
    digits = text.partition("-")[2]
    try:
        raw = base64.urlsafe_b64decode(digits + "=" * (-len(digits) % 4))
        return _read(raw)
    except (binascii.Error, ValueError, IndexError):
        return None


def _read(raw: bytes) -> Macaroon | None:
    if raw[:1] != bytes([_VERSION]):
        return None
    sections: list[dict[int, bytes]] = [{}]
    for field, value in _fields(raw[1:]):
        if field == _END:
            sections.append({})
        sections[-1][field] = value
    head, *rest = sections
    signature = sections[-1].get(_SIGNATURE, b"")
    if len(signature) != _SIGNATURE_BYTES or _LOCATION not in head:
        return None
    caveats = tuple(part[_IDENTIFIER] for part in rest if _IDENTIFIER in part)
    return Macaroon(head[_LOCATION].decode(), caveats)


def _fields(data: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at < len(data):
        field, at = _number(data, at)
        size = 0
        if field != _END:
            size, at = _number(data, at)
        if at + size > len(data):
            raise ValueError("a field is cut short")
        yield field, data[at : at + size]
        at += size


def _number(data: bytes, at: int) -> tuple[int, int]:
    """A number of seven bits a byte, the lowest first, and where it ends."""
    number = 0
    for shift in range(0, 35, 7):
        byte = data[at]
        at += 1
        number |= (byte & 0x7F) << shift
        if byte < 0x80:  # noqa: PLR2004  # the highest bit says that more follow
            return number, at
    raise ValueError("a number is too long")


def _holds(text: str) -> bool:
    return macaroon(text) is not None


def _facts(text: str) -> Mapping[str, str]:
    found = macaroon(text)
    if found is None:
        return {}
    told = {"location": found.location}
    for caveat in found.caveats:
        told |= _told(caveat)
    return told


def _told(caveat: bytes) -> dict[str, str]:
    try:
        value: Any = json.loads(caveat)
    except (ValueError, RecursionError):
        return {}
    match value:
        case [0, expires, *_] if (at := instant(expires)) is not None:
            return {"expires_at": at}
        case [1 | 2, [*projects]]:
            return {"projects": ", ".join(map(str, projects))}
        case [3, str(user)]:
            return {"user_id": user}
        case {"permissions": {"projects": [*projects]}}:
            return {"projects": ", ".join(map(str, projects))}
    return {}


MACAROON = Form(_holds, _facts)
