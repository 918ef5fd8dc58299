from __future__ import annotations

from pathlib import Path

import pytest

from jobs.engine_cache import cached_engine
from jobs.kind_files import packaged_kinds
from tests.detectors.looking import look
from tests.jobs.scanning import token

KINDS = tuple(kind for kind in packaged_kinds() if kind.issuer == "npm")


def test_an_engine_is_compiled_once_and_kept(tmp_path: Path) -> None:
    first = cached_engine(KINDS, tmp_path)
    (kept,) = tmp_path.iterdir()
    before = kept.stat().st_mtime_ns
    again = cached_engine(KINDS, tmp_path)
    assert kept.stat().st_mtime_ns == before
    assert len(look(first, token())) == len(look(again, token())) == 1


@pytest.mark.parametrize("damage", [b"", b"short", b"\0" * 5000])
def test_a_torn_cache_is_made_anew(tmp_path: Path, damage: bytes) -> None:
    cached_engine(KINDS, tmp_path)
    (kept,) = tmp_path.iterdir()
    good = kept.read_bytes()
    kept.write_bytes(damage)
    assert len(look(cached_engine(KINDS, tmp_path), token())) == 1
    assert kept.read_bytes() == good


def test_a_folder_that_cannot_be_written_is_done_without(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    assert len(look(cached_engine(KINDS, blocked / "cache"), token())) == 1
