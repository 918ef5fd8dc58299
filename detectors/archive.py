"""Files inside archives and compressed texts, within bounds that no bomb gets past.

Zip (and what is one: jar, docx, xlsx, whl), tar, gzip, bzip2 and xz, told by their first bytes.
"""

from __future__ import annotations

import bz2
import io
import lzma
import re
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

MOST_ENTRIES = 10_000
LARGEST_MEMBER = 32 << 20
LARGEST_RATIO = 400
MOST_BYTES = 64 << 20  # of all members of one document together, whatever holds what
_MOST_STREAMS = 100  # compressed texts behind each other are one, as for gunzip
_XZ_MEMORY = 64 << 20
_SMALL = 1 << 20  # a member this small is read whatever its ratio
_TAR = slice(257, 262)
_CENTRAL = b"PK\x01\x02"
_OFFICE_TEXT = re.compile(r"(?:word/|xl/sharedStrings|ppt/slides/)[^/]*\.xml|xl/sharedStrings\.xml")
_PARAGRAPH_END = re.compile(rb"</(?:w:p|a:p|si|row)>")
_TAG = re.compile(rb"<[^<>]{0,4096}>")


@dataclass(frozen=True, slots=True)
class Member:
    """A file within an archive by its name there, or a compressed text (no name)."""

    name: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Unread:
    """A member, or the rest of an archive, that was not looked into. `by_design`: no better
    reading could (a password, a damaged file).
    """

    name: str
    reason: str
    by_design: bool = False


@dataclass(slots=True)
class Allowance:
    """What may still be unpacked from one document."""

    left: int = MOST_BYTES


def is_packed(data: bytes) -> bool:
    """Whether the text begins like an archive or a compressed text."""
    return data[_TAR] == b"ustar" or any(map(data.startswith, _OPENERS))


def members(data: bytes, allowance: Allowance) -> Iterator[Member | Unread]:
    """Yield what `data` holds, nothing where it is neither archive nor compressed.

    What only begins like an archive is none: its bytes were looked at as they are. Never
    unpacks more than `allowance` says, which is used up by each member.
    """
    if data[_TAR] == b"ustar":
        yield from _tar(data, allowance)
        return
    for head, opener in _OPENERS.items():
        if data.startswith(head):
            yield from opener(data, allowance)


def _zip(data: bytes, allowance: Allowance) -> Iterator[Member | Unread]:
    if data.count(_CENTRAL) > MOST_ENTRIES:
        yield Unread("", f"an archive of more than {MOST_ENTRIES:,} entries")
        return
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for info in archive.infolist():
                if not info.is_dir():
                    yield from _zip_member(archive, info, allowance)
    except _BROKEN:
        yield Unread("", "an archive that is cut off or damaged", by_design=True)


def _zip_member(
    archive: zipfile.ZipFile, info: zipfile.ZipInfo, allowance: Allowance
) -> Iterator[Member | Unread]:
    name = info.filename
    if info.flag_bits & 1:
        yield Unread(name, "locked by a password", by_design=True)
        return
    why = _too_much(info.file_size, info.compress_size, allowance)
    if why:
        yield Unread(name, why)
        return
    try:
        with archive.open(info) as file:
            text = file.read(info.file_size + 1)
    except _BROKEN:
        yield Unread(name, "damaged, or packed in a way that is not known", by_design=True)
        return
    allowance.left -= len(text)
    if _OFFICE_TEXT.match(name):
        # an editor cuts words into pieces with tags between them
        text = _TAG.sub(b"", _PARAGRAPH_END.sub(b"\n", text))
    yield Member(name, text)


def _tar(data: bytes, allowance: Allowance) -> Iterator[Member | Unread]:
    try:
        with tarfile.open(fileobj=io.BytesIO(data), mode="r:") as archive:
            for number, info in enumerate(archive):
                if number >= MOST_ENTRIES:
                    yield Unread("", f"an archive of more than {MOST_ENTRIES:,} entries")
                    return
                if not info.isreg() or info.size < 0 or info.offset_data + info.size > len(data):
                    continue
                if info.size > min(LARGEST_MEMBER, allowance.left):
                    yield Unread(info.name, _too_much(info.size, info.size, allowance))
                    continue
                file = archive.extractfile(info)
                text = file.read() if file else b""
                allowance.left -= len(text)
                yield Member(info.name, text)
    except _BROKEN:
        yield Unread("", "an archive that is cut off or damaged", by_design=True)


def _stream(
    opener: Callable[[], object],
) -> Callable[[bytes, Allowance], Iterator[Member | Unread]]:
    def unpack(data: bytes, allowance: Allowance) -> Iterator[Member | Unread]:
        cap = min(LARGEST_MEMBER, allowance.left, max(_SMALL, LARGEST_RATIO * len(data)))
        text, rest, streams = b"", data, 0
        while rest and len(text) <= cap and streams < _MOST_STREAMS:
            stream: Any = opener()
            try:
                text += stream.decompress(rest, cap + 1 - len(text))
            except (zlib.error, OSError, lzma.LZMAError, ValueError, EOFError):
                break  # it only began like one, or something else stands behind it
            rest, streams = stream.unused_data, streams + 1
        allowance.left -= min(len(text), cap)
        if text:
            yield Member("", text[:cap])
        if len(text) > cap:
            yield Unread("", f"unpacks to more than {cap:,} bytes")
        elif rest and streams == _MOST_STREAMS:
            yield Unread("", f"more than {_MOST_STREAMS:,} compressed texts behind each other")

    return unpack


def _too_much(size: int, packed: int, allowance: Allowance) -> str:
    if size > LARGEST_MEMBER:
        return f"{size:,} bytes, above the {LARGEST_MEMBER:,} of a member"
    if size > allowance.left:
        return f"the archives of one item unpack to more than {MOST_BYTES:,} bytes"
    if size > _SMALL and size > LARGEST_RATIO * max(packed, 1):
        return f"unpacks to more than {LARGEST_RATIO} times its size"
    return ""


_BROKEN = (
    *(zipfile.BadZipFile, tarfile.TarError, zlib.error, lzma.LZMAError, OSError, EOFError),
    *(NotImplementedError, RuntimeError, ValueError, OverflowError, IndexError, KeyError),
)
_OPENERS: Mapping[bytes, Callable[[bytes, Allowance], Iterator[Member | Unread]]] = (
    MappingProxyType(
        {
            b"PK\x03\x04": _zip,
            b"\x1f\x8b\x08": _stream(lambda: zlib.decompressobj(31)),
            b"BZh": _stream(bz2.BZ2Decompressor),
            b"\xfd7zXZ\x00": _stream(lambda: lzma.LZMADecompressor(memlimit=_XZ_MEMORY)),
        }
    )
)
