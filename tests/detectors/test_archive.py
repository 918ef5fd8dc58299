from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.archive import Allowance, Member, Unread, is_packed, members


def zipped(files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()


def tarred(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return out.getvalue()


def unpacked(data: bytes, allowance: Allowance | None = None) -> list[Member | Unread]:
    return list(members(data, allowance or Allowance()))


FILES = {"a.txt": b"one\n", "dir/b.txt": b"two\n" * 50}


@pytest.mark.parametrize("data", [zipped(FILES), zipped(FILES, zipfile.ZIP_STORED), tarred(FILES),
                                  zipped(FILES, zipfile.ZIP_LZMA), zipped(FILES, zipfile.ZIP_BZIP2)])  # fmt: skip
def test_every_file_of_an_archive_comes_by_its_name(data: bytes) -> None:
    assert is_packed(data)
    found = unpacked(data)
    assert {m.name: m.data for m in found if isinstance(m, Member)} == FILES


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress])
def test_a_compressed_text_has_no_name(pack: object) -> None:
    data = pack(b"text" * 100)  # type: ignore[operator]  # one of three functions
    assert is_packed(data)
    assert unpacked(data) == [Member("", b"text" * 100)]


def test_compressed_texts_behind_each_other_are_one() -> None:
    data = gzip.compress(b"one ") + gzip.compress(b"two") + b"rest that is none"
    assert unpacked(data) == [Member("", b"one two")]
    told = unpacked(gzip.compress(b"") * 101)
    assert [isinstance(item, Unread) for item in told] == [True]


@pytest.mark.parametrize("head", [b"PK\x03\x04", b"\x1f\x8b\x08", b"BZh", b"\xfd7zXZ\x00"])
def test_what_only_begins_like_one_is_told_or_is_none(head: bytes) -> None:
    assert is_packed(head)
    for found in unpacked(head + b"not one at all" * 10):
        assert isinstance(found, Unread)
        assert found.by_design


@given(st.binary(max_size=2000), st.sampled_from([zipped(FILES), tarred(FILES)]), st.data())
def test_a_damaged_archive_raises_nothing(noise: bytes, good: bytes, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(good)))
    unpacked(good[:at] + noise + good[at + len(noise) :])


def test_a_text_office_cut_into_runs_is_joined() -> None:
    xml = b"<w:p><w:r><w:t>tok</w:t></w:r><w:r><w:t>en</w:t></w:r></w:p><w:p>next</w:p>"
    found = [m.data for m in unpacked(zipped({"word/document.xml": xml})) if isinstance(m, Member)]
    assert found == [b"token\nnext\n"]


def test_a_locked_file_is_told_and_its_neighbours_are_read() -> None:
    data = bytearray(zipped({"locked": b"x" * 10, "open": b"y"}, zipfile.ZIP_STORED))
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    locked, neighbour = unpacked(bytes(data))
    assert locked == Unread("locked", "locked by a password", by_design=True)
    assert neighbour == Member("open", b"y")


@pytest.mark.parametrize(
    "bomb",
    [
        zipped({"zeros": bytes(40 << 20)}),
        gzip.compress(bytes(40 << 20)),
        bz2.compress(bytes(40 << 20)),
        lzma.compress(bytes(40 << 20)),
        zipped({str(n): bytes(30 << 20) for n in range(4)}),
    ],
)
def test_a_bomb_is_not_unpacked_and_told(bomb: bytes) -> None:
    allowance = Allowance()
    found = unpacked(bomb, allowance)
    assert sum(len(m.data) for m in found if isinstance(m, Member)) <= Allowance().left
    assert allowance.left >= 0
    told = [m for m in found if isinstance(m, Unread)]
    assert told
    assert not any(m.by_design for m in told)


def test_an_archive_of_very_many_files_is_not_opened() -> None:
    data = zipped({str(n): b"" for n in range(10_001)})
    (told,) = unpacked(data)
    assert isinstance(told, Unread)
    assert "10,000 entries" in told.reason


def test_what_one_archive_used_the_next_one_lacks() -> None:
    allowance = Allowance(left=100)
    first, second = unpacked(tarred({"a": b"x" * 60, "b": b"y" * 60}), allowance)
    assert isinstance(first, Member)
    assert isinstance(second, Unread)
    assert allowance.left == 40
