"""Values of directory attributes, read from the bytes that the server sent. Pure, and never raises.

A client library may turn "never expires" into the year 1601 or 9999, and a permanent lock into
nothing, so none is trusted with it.
"""

from __future__ import annotations

import re
import struct
import uuid
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from connectors.instants import instant

Raw = Mapping[str, Sequence[bytes]]  # attribute names in lower case

_NEVER = 0x7FFFFFFFFFFFFFFF  # accountExpires, as 0: [MS-ADA1] 2.1
_FILETIME_EPOCH = datetime(1601, 1, 1, tzinfo=UTC)
_FILETIME = re.compile(r"\d{17,19}", re.ASCII)
# minutes, seconds and their fraction may be missing: RFC 4517, 3.3.13
_GENERALIZED = re.compile(
    r"(\d{10})(\d\d)?(?:(?<=\d{12})(\d\d))?(?:[.,]\d+)?(Z|[+-]\d\d(?:\d\d)?)", re.ASCII
)
_ESCAPED = re.compile(rb"\\([0-9a-fA-F]{2})|\\(.)", re.DOTALL)
_JOINT = re.compile(r"(?<!\\)((?:\\\\)*)\s*([,+=])\s*")
_GUID_BYTES = 16
_SID_HEAD, _SID_PART = 8, 4
_STAMPS_HEAD, _STAMP = struct.Struct("<IIII"), struct.Struct("<IIq16sqq")
_STAMPS_VERSION = 1


def values(raw: Raw, name: str) -> Sequence[bytes]:
    """Return the values of an attribute, none for the empty name."""
    return raw.get(name.casefold(), ()) if name else ()


def texts(raw: Raw, name: str) -> list[str]:
    """Return the values of an attribute as texts."""
    return [value.decode("utf-8", "replace") for value in values(raw, name)]


def text(raw: Raw, name: str) -> str:
    """Return the first value of an attribute, empty where there is none."""
    found = texts(raw, name)
    return found[0] if found else ""


def number(raw: Raw, name: str) -> int | None:
    """Return the whole number that an attribute holds."""
    found = text(raw, name)
    return int(found) if re.fullmatch(r"-?\d{1,20}", found, re.ASCII) else None


def flag(raw: Raw, name: str) -> bool:
    """Return whether an attribute holds TRUE."""
    return text(raw, name).upper() == "TRUE"


def filetime(ticks: int | None) -> datetime | None:
    """Return the instant of a FILETIME (100 ns since 1601), None for either "never"."""
    if ticks is None or ticks <= 0 or ticks >= _NEVER:
        return None
    return added(_FILETIME_EPOCH, timedelta(microseconds=ticks // 10))


def generalized(written: str) -> datetime | None:
    """Return the instant of an LDAP GeneralizedTime, None where the text is none."""
    found = _GENERALIZED.fullmatch(written)
    if found is None:
        return None
    zone = "+0000" if found[4] == "Z" else found[4].ljust(5, "0")
    try:
        at = datetime.strptime(
            found[1] + (found[2] or "00") + (found[3] or "00") + zone, "%Y%m%d%H%M%S%z"
        )
        return at.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def moment(written: str) -> datetime | None:
    """Return the instant of a text that a site fills by its own custom: GeneralizedTime, FILETIME
    or ISO 8601 (a bare day is its first moment in UTC).
    """
    if _FILETIME.fullmatch(written):
        return filetime(int(written))
    return generalized(written) or instant(written)


def added(start: datetime, span: timedelta) -> datetime | None:
    """Return the sum, None where it is so far off that it means never."""
    try:
        return start + span
    except OverflowError:
        return None


def guid(value: bytes) -> str:
    """Return a GUID as people write it, empty for a value that is none. [MS-DTYP] 2.3.4.2"""
    return str(uuid.UUID(bytes_le=value)) if len(value) == _GUID_BYTES else ""


def relative_id(sid: bytes) -> int | None:
    """Return the last part of a security identifier. [MS-DTYP] 2.4.2.2"""
    if len(sid) < _SID_HEAD + _SID_PART or len(sid) != _SID_HEAD + _SID_PART * sid[1]:
        return None
    return int.from_bytes(sid[-_SID_PART:], "little")


def stamps(blob: bytes) -> dict[int, datetime]:
    """Return when each attribute, by its number, was last changed anywhere, of a value of
    replPropertyMetaData; empty for a value that is cut or of another version.

    Its layout is in Samba's librpc/idl/drsblobs.idl and in Windows's own headers; the time is in
    seconds since 1601. The attribute: https://learn.microsoft.com/windows/win32/adschema/a-replpropertymetadata
    """
    if len(blob) < _STAMPS_HEAD.size:
        return {}
    version, _, count, _ = _STAMPS_HEAD.unpack_from(blob)
    rows = blob[_STAMPS_HEAD.size :]
    if version != _STAMPS_VERSION or len(rows) != count * _STAMP.size:
        return {}
    found = {}
    for attribute, _, seconds, *_ in _STAMP.iter_unpack(rows):
        at = filetime(seconds * 10_000_000)
        if at is not None:
            found[attribute] = at
    return found


def folded(name: str) -> str:
    """Return an entry's name so that two spellings of it are equal: case, spaces around commas
    and equal signs, and how a character is escaped (RFC 4514) do not count.
    """
    joined = _JOINT.sub(r"\1\2", name.strip()).casefold().encode("utf-8", "replace")
    return _ESCAPED.sub(_hexed, joined).decode("utf-8", "replace")


def _hexed(found: re.Match[bytes]) -> bytes:
    plain = bytes([int(found[1], 16)]) if found[1] else found[2]
    return b"\\%02x" % plain[0] if plain.isascii() else plain
