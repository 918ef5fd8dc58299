from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from connectors.source_folder import FolderSource, Settings, connect
from correlate.errors import SourceError
from correlate.model import Document, Locator, Skip, Truth
from correlate.ports import ScanUnit, Setup
from tests.connectors.gitrepo import Everything


def folder(path: Path, **settings: Any) -> FolderSource:
    return connect(Settings(path, **settings), Setup("disk", path))


def read(source: FolderSource) -> tuple[dict[str, bytes], list[Skip]]:
    planned = list(source.units(Everything()))
    skips = [item for item in planned if isinstance(item, Skip)]
    units = [item for item in planned if isinstance(item, ScanUnit)]
    documents = [doc for unit in units for doc in source.documents(unit)]
    skips += [doc for doc in documents if isinstance(doc, Skip)]
    return {d.locator.item: d.data for d in documents if isinstance(d, Document)}, skips


def test_files_are_read_and_git_folders_and_links_are_not(tmp_path: Path) -> None:
    (tmp_path / "sub/.git").mkdir(parents=True)
    (tmp_path / "sub/.git/config").write_text("hidden")
    (tmp_path / "sub/a.txt").write_text("a")
    (tmp_path / "link").symlink_to(tmp_path / "sub/a.txt")
    os.mkfifo(tmp_path / "pipe")
    found, (gap,) = read(folder(tmp_path))
    assert found == {"sub/a.txt": b"a"}
    assert (gap.item, gap.reason) == ("sub/.git", "a history: the git source reads it")
    assert read(folder(tmp_path, histories_elsewhere=True)) == (found, [])


def test_names_may_hold_anything(tmp_path: Path) -> None:
    name = os.fsdecode(b"caf\xe9\nnew")
    (tmp_path / name).write_text("a")
    found, skips = read(folder(tmp_path))
    assert list(found.values()) == [b"a"]
    assert skips == []


def test_large_files_are_skipped_and_units_are_cut_by_size(tmp_path: Path) -> None:
    for number in range(4):
        (tmp_path / str(number)).write_bytes(b"x" * 600_000)
    (tmp_path / "big").write_bytes(b"x" * (3 << 20))
    source = folder(tmp_path, max_file_mb=2, unit_mb=1)
    planned = list(source.units(Everything()))
    assert [unit.items for unit in planned if isinstance(unit, ScanUnit)] == [2, 2]
    assert [skip.item for skip in planned if isinstance(skip, Skip)] == ["big"]


def test_a_file_that_went_away_or_became_a_link_is_a_skip(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("a")
    source = folder(tmp_path)
    place = Locator("disk", str(tmp_path), "a")
    assert isinstance(source.reread(place), Document)
    (tmp_path / "a").unlink()
    assert isinstance(source.reread(place), Skip)
    (tmp_path / "a").symlink_to("/etc/hostname")
    assert isinstance(source.reread(place), Skip)
    (trace,) = source.trace([place])
    assert (trace.path, trace.at_tip) == ("a", Truth.YES)


def test_a_folder_that_is_none_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SourceError):
        list(folder(tmp_path / "nowhere").units(Everything()))
