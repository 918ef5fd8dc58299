"""As much of DER (ITU-T X.690) as the answers of time-stamping authorities need before they are read.

https://www.itu.int/rec/T-REC-X.690: lengths, 8.1.3; the order in a SET OF, 11.6.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

_SEQUENCE, _FIRST = 0x30, 0xA0  # [0], constructed
_LONG = 0x80
_LENGTH_MAX = 4  # bytes that tell a length


class _Element(NamedTuple):
    tag: int
    start: int
    content: int
    end: int


def sequence(content: bytes) -> bytes:
    """Return a SEQUENCE of this content."""
    size = len(content)
    if size < _LONG:
        return bytes([_SEQUENCE, size]) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([_SEQUENCE, _LONG | len(length)]) + length + content


def with_sorted_certificates(answer: bytes) -> bytes:
    """Return a TimeStampResp with the certificates of its token in the order of DER.

    Some authorities, openssl's among them, send them from the signer up, which RFC 5652, 5.1 allows, and
    no signature is over their order. What has none, or is no such answer, comes back as it is. Raises
    ValueError where a length leads out of it.
    """
    place = _Element(0, 0, 0, len(answer))
    # TimeStampResp, its token, what that holds, SignedData: RFC 3161, 2.4.2 and RFC 5652, 3
    for number in (0, 1, 1, 0):
        inside = list(_elements(answer, place))
        if len(inside) <= number:
            return answer
        place = inside[number]
    held = next((one for one in _elements(answer, place) if one.tag == _FIRST), None)
    if held is None:
        return answer
    parts = sorted(answer[one.start : one.end] for one in _elements(answer, held))
    return answer[: held.content] + b"".join(parts) + answer[held.end :]


def _elements(data: bytes, within: _Element) -> Iterator[_Element]:
    start = within.content
    while start < within.end:
        element = _element(data, start)
        if element.end > within.end:
            raise ValueError("a length leads out of what it stands in")
        yield element
        start = element.end


def _element(data: bytes, start: int) -> _Element:
    head = data[start : start + 2]
    if len(head) < 2:  # noqa: PLR2004  # a tag and a length
        raise ValueError("an element is cut off")
    length, content = head[1], start + 2
    if length >= _LONG:
        count = length - _LONG
        if not 0 < count <= _LENGTH_MAX:
            raise ValueError("a length is not told")
        length = int.from_bytes(data[content : content + count], "big")
        content += count
    return _Element(head[0], start, content, content + length)
