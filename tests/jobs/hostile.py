"""Files and objects that somebody made to hurt whoever reads them, made at little cost."""

from __future__ import annotations

import hashlib
import struct
import zlib
from collections.abc import Iterable, Mapping
from pathlib import Path

from tests.connectors.gitrepo import Repo

_PIECE = 1 << 24
_ADLER = 65521


def deflated_zeros(size: int, head: bytes = b"") -> bytes:
    """Return `head` and `size` zeros as a raw deflate stream, without having packed them all."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    start = packer.compress(head) + packer.flush(zlib.Z_FULL_FLUSH)
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    piece = packer.compress(b"\0" * _PIECE) + packer.flush(zlib.Z_FULL_FLUSH)
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    rest = packer.compress(b"\0" * (size % _PIECE)) + packer.flush()
    return start + piece * (size // _PIECE) + rest


def gzip_of_zeros(size: int, head: bytes = b"") -> bytes:
    """Return a gzip file; its own sum, behind all the zeros, is wrong."""
    return b"\x1f\x8b\x08" + b"\0" * 7 + deflated_zeros(size, head) + b"\0" * 8


def store_zeros(repo: Repo, size: int) -> str:
    """Put a blob of zeros into the repository, well formed; return its id."""
    head = b"blob %d\0" % size
    low, high = zlib.adler32(head) & 0xFFFF, zlib.adler32(head) >> 16
    adler = (high + size * low) % _ADLER << 16 | low
    digest = hashlib.sha1(head)  # noqa: S324  # as git does
    for _ in range(size // _PIECE):
        digest.update(b"\0" * _PIECE)
    digest.update(b"\0" * (size % _PIECE))
    oid = digest.hexdigest()
    path = repo.path / ".git/objects" / oid[:2] / oid[2:]
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"\x78\xda" + deflated_zeros(size, head) + struct.pack(">I", adler))
    return oid


def zip_of(entries: Iterable[tuple[str, bytes, int, int]]) -> bytes:
    """Return a zip of names, raw deflate streams, and the sizes and sums they are said to have."""
    body, central, count = bytearray(), bytearray(), 0
    for name, packed, size, crc in entries:
        raw, at = name.encode(), len(body)
        same = struct.pack("<HHHHHLLLHH", 20, 0, 8, 0, 0, crc, len(packed), size, len(raw), 0)
        body += b"PK\x03\x04" + same + raw + packed
        central += b"PK\x01\x02" + struct.pack("<H", 20) + same
        central += struct.pack("<HHHLL", 0, 0, 0, 0, at) + raw
        count += 1
    end = struct.pack("<HHHHLLH", 0, 0, count & 0xFFFF, count & 0xFFFF, len(central), len(body), 0)
    return bytes(body + central + b"PK\x05\x06" + end)


def zip_entry(name: str, data: bytes) -> tuple[str, bytes, int, int]:
    """Return an honest entry for `zip_of`."""
    packer = zlib.compressobj(6, zlib.DEFLATED, -15)
    return name, packer.compress(data) + packer.flush(), len(data), zlib.crc32(data)


def blob_id(content: bytes) -> str:
    """Return the id that git gives to a file's content."""
    return hashlib.sha1(b"blob %d\0%b" % (len(content), content)).hexdigest()  # noqa: S324  # as git does


def pack_objects(repo: Repo, objects: Iterable[tuple[str, bytes]]) -> None:
    """Put objects into the repository as one pack, by type and content, whatever they hold."""
    kinds = {"commit": 1, "tree": 2, "blob": 3, "tag": 4}
    body, count = bytearray(), 0
    for kind, content in objects:
        size = len(content)
        first, size = kinds[kind] << 4 | size & 15, size >> 4
        while size:
            body.append(first | 128)
            first, size = size & 127, size >> 7
        body.append(first)
        body += zlib.compress(content, 1)
        count += 1
    whole = b"PACK" + struct.pack(">II", 2, count) + body
    whole += hashlib.sha1(whole).digest()  # noqa: S324  # as git does
    repo.git("index-pack", "--stdin", data=whole)


def store(repo: Repo, kind: str, content: bytes) -> str:
    """Put an object into the repository that git itself would refuse; return its id."""
    return repo.git("hash-object", "-w", "-t", kind, "--literally", "--stdin", data=content)


def fast_import(repo: Repo, files: Mapping[str, bytes], who: str = "T <t@x.example>") -> None:
    """Commit files to the default branch without a working tree."""
    lines = [b"commit refs/heads/main", b"committer %b 1700000000 +0000" % who.encode(), b"data 0"]
    for name, content in files.items():
        lines += [b'M 100644 inline "%b"' % name.encode(), b"data %d" % len(content), content]
    repo.git("fast-import", "--quiet", data=b"\n".join([*lines, b"done", b""]))


def the_pack(repo: Repo) -> Path:
    """Return the repository's one pack."""
    (pack,) = (repo.path / ".git/objects/pack").glob("*.pack")
    pack.chmod(0o600)
    pack.with_suffix(".idx").chmod(0o600)
    return pack
