"""Reads kind files from disk: those that come with offkey, then the operator's own folders."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from pathlib import Path

import detectors
from correlate.errors import ConfigError
from correlate.kind import Kind
from correlate.model import KindId
from detectors.catalogue import parse_kinds


@cache
def packaged_kinds() -> tuple[Kind, ...]:
    """Return the kinds that come with offkey, ordered by file name."""
    return load_kinds(())


def load_kinds(folders: Iterable[Path]) -> tuple[Kind, ...]:
    """Return the packaged kinds and those of every `*.toml` in `folders`, ordered by file name.

    A kind of the same id in a later folder takes the place of the earlier one. Raises
    ConfigError for a folder or file that cannot be read, or does not hold.
    """
    kinds: dict[KindId, Kind] = {}
    packaged = Path(detectors.__file__).parent / "kinds"
    for folder in (packaged, *folders):
        for path in sorted(_files(folder)):
            # our tests prove the packaged ones, and every scanning process loads them
            found = load_kind_file(path, proven=folder == packaged)
            kinds.update((kind.id, kind) for kind in found)
    return tuple(kinds.values())


def load_kind_file(path: Path, *, proven: bool = False) -> tuple[Kind, ...]:
    """Return the kinds of one file. Raises ConfigError."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(
            "a kind file cannot be read",
            where=path.name,
            why=type(error).__name__,
            fix="check its path, its permissions and that it is UTF-8",
        ) from error
    return parse_kinds(text, path.name, proven=proven)


def _files(folder: Path) -> Iterable[Path]:
    if not folder.is_dir():
        raise ConfigError(
            "a folder of kinds is missing",
            where=str(folder),
            why="it is not a folder",
            fix="create it, or take it out of the configuration",
        )
    return folder.glob("*.toml")
