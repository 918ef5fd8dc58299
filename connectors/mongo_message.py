"""The little of MongoDB's wire protocol that a login needs: one command, one answer, as OP_MSG.

https://www.mongodb.com/docs/manual/reference/mongodb-wire-protocol/ and https://bsonspec.org/spec.html
"""

from __future__ import annotations

import socket
import struct
from collections.abc import Mapping
from typing import Any

_OP_MSG = 2013
_HEAD = struct.Struct("<iiii")
_CHECKSUM_PRESENT = 1
_ANSWER_MAX = 64 * 1024
_DEPTH_MAX = 16
_FIXED = {1: "<d", 8: "<?", 9: "<q", 16: "<i", 17: "<Q", 18: "<q"}  # numbers and instants
_SKIPPED = {6: 0, 7: 12, 10: 0, 19: 16}  # read as None: nothing of a login stands in these
_TEXTS = frozenset({2, 13, 14})
_BINARY = 5
_DOCUMENT, _LIST = 3, 4


def command(sock: socket.socket, database: str, words: Mapping[str, Any]) -> Mapping[str, Any]:
    """Send one command to a database and return its answer, whatever it says.

    Raises OSError, and ValueError for an answer that is none or is too large.
    """
    body = b"\x00\x00\x00\x00\x00" + encoded({**words, "$db": database})
    sock.sendall(_HEAD.pack(_HEAD.size + len(body), 1, 0, _OP_MSG) + body)
    size, _, _, code = _HEAD.unpack(_exactly(sock, _HEAD.size))
    if code != _OP_MSG or not _HEAD.size < size <= _ANSWER_MAX:
        raise ValueError("no answer of MongoDB")
    answer = _exactly(sock, size - _HEAD.size)
    flags, section = struct.unpack_from("<IB", answer)
    end = len(answer) - (4 if flags & _CHECKSUM_PRESENT else 0)
    if section != 0:
        raise ValueError("no answer of MongoDB")
    return decoded(answer[5:end])


def encoded(words: Mapping[str, Any]) -> bytes:
    """Return a document of texts, bytes, small integers, truths and such documents as BSON."""
    body = b"".join(_element(name, value) for name, value in words.items()) + b"\x00"
    return struct.pack("<i", len(body) + 4) + body


def decoded(data: bytes) -> dict[str, Any]:
    """Return a BSON document, lists as lists. Raises ValueError where it is none."""
    try:
        found, end = _document(data, 0, 0)
    except (struct.error, IndexError) as error:
        raise ValueError("no BSON") from error
    if end != len(data):
        raise ValueError("no BSON")
    return found


def _element(name: str, value: Any) -> bytes:
    key = name.encode() + b"\x00"
    if isinstance(value, bool):
        return b"\x08" + key + struct.pack("<?", value)
    if isinstance(value, int):
        return b"\x10" + key + struct.pack("<i", value)
    if isinstance(value, bytes):
        return b"\x05" + key + struct.pack("<iB", len(value), 0) + value
    if isinstance(value, str):
        text = value.encode() + b"\x00"
        return b"\x02" + key + struct.pack("<i", len(text)) + text
    return b"\x03" + key + encoded(value)


def _document(data: bytes, at: int, depth: int) -> tuple[dict[str, Any], int]:
    (size,) = struct.unpack_from("<i", data, at)
    end = at + size
    if depth > _DEPTH_MAX or size < 5 or end > len(data) or data[end - 1] != 0:  # noqa: PLR2004  # length and end mark
        raise ValueError("no BSON")
    found: dict[str, Any] = {}
    at += 4
    while at < end - 1:
        sort, stop = data[at], data.index(0, at + 1)
        name = data[at + 1 : stop].decode("utf-8", "replace")
        found[name], at = _value(data, stop + 1, sort, depth)
    if at != end - 1:
        raise ValueError("no BSON")
    return found, end


def _value(data: bytes, at: int, sort: int, depth: int) -> tuple[Any, int]:
    if sort in _FIXED:
        return struct.unpack_from(_FIXED[sort], data, at)[0], at + struct.calcsize(_FIXED[sort])
    if sort in _SKIPPED:
        return None, at + _SKIPPED[sort]
    if sort in (_DOCUMENT, _LIST):
        found, end = _document(data, at, depth + 1)
        return (list(found.values()) if sort == _LIST else found), end
    (size,) = struct.unpack_from("<i", data, at)
    if sort in _TEXTS and size >= 1:
        end = at + 4 + size
        return _within(data, at + 4, end)[:-1].decode("utf-8", "replace"), end
    if sort == _BINARY and size >= 0:
        end = at + 5 + size
        return _within(data, at + 5, end), end
    raise ValueError("no BSON")


def _within(data: bytes, start: int, end: int) -> bytes:
    if end > len(data):
        raise ValueError("no BSON")
    return data[start:end]


def _exactly(sock: socket.socket, size: int) -> bytes:
    data = bytearray()
    while len(data) < size:
        part = sock.recv(size - len(data))
        if not part:
            raise ValueError("the answer ends short")
        data += part
    return bytes(data)
