from __future__ import annotations

import os
from pathlib import Path

import pytest

from connectors.source_notebooks import Notebooks, Settings, connect
from correlate.errors import SourceError
from correlate.model import Document, Identity, Locator, Medium, Skip, Truth
from correlate.ports import ScanUnit, Setup, Source
from tests.connectors.source_contract import SourceContract, read
from tests.twins.source import NothingKnown, SourceTwin

BOOK = b'{"cells": [], "nbformat": 4}'


def make(folder: Path, **changes: object) -> Notebooks:
    return connect(Settings(folder, **changes), Setup("nb", folder))  # type: ignore[arg-type]


def put(folder: Path, name: str, data: bytes = BOOK) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    os.utime(path, (1_700_000_000,) * 2)
    return path


class TestFolder(SourceContract):
    @pytest.fixture
    def source(self, tmp_path: Path) -> Source:
        put(tmp_path, "top.ipynb")
        put(tmp_path, "jane/deep/er/a b\u00fc.ipynb")
        put(tmp_path, "joe/x.ipynb", b"not json")
        return make(tmp_path)


class TestTwin(SourceContract):
    @pytest.fixture
    def source(self) -> Source:
        return SourceTwin(texts={("one", "a"): b"x", ("two", "b"): b""}, gone=frozenset({"three"}))


def test_the_first_folder_names_the_owner(tmp_path: Path) -> None:
    put(tmp_path, "jane/work/x.ipynb")
    put(tmp_path, "jane/notes.txt")
    (one,), skips = read(make(tmp_path))
    assert skips == []
    assert one.locator == Locator("nb", "nb", "jane/work/x.ipynb")
    assert (one.data, one.medium) == (BOOK, Medium.NOTEBOOK_SOURCE)
    assert one.trace is not None
    assert one.trace.path == "jane/work/x.ipynb"
    (touch,) = one.trace.introduced
    assert (touch.identity, touch.role) == (Identity("jupyter", "jane"), "owner")
    assert one.trace.at_tip is Truth.YES
    (bare,), _ = read(make(tmp_path, owners=False))
    assert bare.trace is not None
    assert bare.trace.introduced == ()


def test_no_link_leads_out(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    put(outside, "secret.ipynb")
    inside = tmp_path / "inside"
    put(inside, "jane/x.ipynb")
    (inside / "jane" / "link.ipynb").symlink_to(outside / "secret.ipynb")
    (inside / "jane" / "folder").symlink_to(outside)
    (inside / "joe").symlink_to(outside)
    found, skips = read(make(inside))
    assert [one.locator.item for one in found] == ["jane/x.ipynb"]
    assert {skip.item for skip in skips} == {"jane/link.ipynb", "jane/folder", "joe"}


@pytest.mark.parametrize(
    "item",
    ["jane/folder/secret.ipynb", "joe/secret.ipynb", "../outside/secret.ipynb",
     "jane/../../outside/secret.ipynb", "/etc/hosts", "jane//etc/hosts", ".", ""],
)  # fmt: skip
def test_a_place_made_up_or_turned_into_a_link_is_not_read(tmp_path: Path, item: str) -> None:
    outside, inside = tmp_path / "outside", tmp_path / "inside"
    put(outside, "secret.ipynb")
    (inside / "jane").mkdir(parents=True)
    (inside / "jane" / "folder").symlink_to(outside)
    (inside / "joe").symlink_to(outside)
    assert isinstance(make(inside).reread(Locator("nb", "nb", item)), Skip)


def test_what_is_too_large_or_no_file_is_a_skip(tmp_path: Path) -> None:
    put(tmp_path, "jane/big.ipynb", b"x" * 2000)
    os.mkfifo(tmp_path / "jane" / "pipe.ipynb")
    source = make(tmp_path, max_bytes=1000)
    found, skips = read(source)
    assert found == []
    assert len(skips) == 2
    for name in ("big.ipynb", "pipe.ipynb"):
        assert isinstance(source.reread(Locator("nb", "nb", f"jane/{name}")), Skip)


def test_a_name_that_is_not_utf8_is_a_skip(tmp_path: Path) -> None:
    (tmp_path / os.fsdecode(b"caf\xe9.ipynb")).write_bytes(BOOK)
    (skip,) = make(tmp_path).units(NothingKnown())
    assert isinstance(skip, Skip)
    assert skip.item.encode() == b"caf\\udce9.ipynb"


def test_many_notebooks_make_several_units(tmp_path: Path) -> None:
    for number in range(450):
        put(tmp_path, f"jane/{number:03}.ipynb")
    units = [u for u in make(tmp_path).units(NothingKnown()) if isinstance(u, ScanUnit)]
    assert [unit.items for unit in units] == [200, 200, 50]
    assert len(read(make(tmp_path))[0]) == 450


def test_a_folder_that_cannot_be_listed_is_an_error_or_a_skip(tmp_path: Path) -> None:
    with pytest.raises(SourceError):
        list(make(tmp_path / "absent").units(NothingKnown()))
    if os.geteuid() == 0:
        return  # nothing is closed to root
    put(tmp_path, "jane/shut/x.ipynb")
    (tmp_path / "jane" / "shut").chmod(0)
    try:
        assert [type(item) for item in make(tmp_path).units(NothingKnown())] == [Skip]
    finally:
        (tmp_path / "jane" / "shut").chmod(0o700)


def test_a_checkpoint_is_read_too(tmp_path: Path) -> None:
    put(tmp_path, "jane/.ipynb_checkpoints/x-checkpoint.ipynb")
    assert all(isinstance(one, Document) for one in read(make(tmp_path))[0])
    assert len(read(make(tmp_path))[0]) == 1
