"""Reads the catalogues of control frameworks, and our mapping of kinds of case to controls."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import correlate
from correlate.crosswalk import Catalogue, Cited, Crosswalk, Known, Titles
from correlate.errors import ConfigError

_FOLDER = Path(correlate.__file__).parent / "controls"
OUR_MAPPING = _FOLDER / "mapping.toml"


@dataclass(frozen=True, slots=True)
class ControlMapping:
    """Which controls a row speaks to: a kind of case, or "evidence" for what the ledger keeps."""

    version: str
    rows: Mapping[str, tuple[Cited, ...]]
    known: tuple[Known, ...] = ()


@cache
def our_crosswalk() -> Crosswalk:
    """Return the catalogues that come with offkey, and the citations they are often met by."""
    files = sorted(path for path in _FOLDER.glob("*.toml") if path != OUR_MAPPING)
    return Crosswalk((_catalogue(_parsed(path)) for path in files), our_mapping().known)


@cache
def our_mapping() -> ControlMapping:
    """Return the mapping that comes with offkey."""
    return read_mapping(OUR_MAPPING)


def read_mapping(path: Path) -> ControlMapping:
    """Return a mapping in our TOML form. An id stands alone, or in a table with its own `edition`
    and `title`. Raises ConfigError.
    """
    raw = _parsed(path)
    try:
        editions = raw["editions"]
        rows = {
            name: tuple(
                _cited(framework, item, editions, f"{path.name}: {name}")
                for framework, items in table.items()
                for item in items
            )
            for name, table in raw["kinds"].items()
        }
        known = tuple(
            Known(_cited(row["framework"], row, editions, path.name), tuple(row["means"]), row["relation"])
            for row in raw.get("cited", ())
        )  # fmt: skip
        return ControlMapping(str(raw.get("version", "")), rows, known)
    except (AttributeError, KeyError, TypeError):
        raise ConfigError(
            "A mapping of controls cannot be read", where=path.name,
            why="it has not the shape of one",
            fix="write [editions], and lists of ids by framework under [kinds.NAME]",
        ) from None  # fmt: skip


def _cited(framework: str, item: Any, editions: Mapping[str, str], where: str) -> Cited:
    row = {"id": item} if isinstance(item, str) else item
    edition = row.get("edition", editions.get(framework, ""))
    return Cited(framework, str(edition), str(row["id"]), str(row.get("title", "")), where)


def _catalogue(raw: dict[str, Any]) -> Catalogue:
    withdrawn = {name: tuple(to) for name, to in raw.pop("withdrawn", {}).items()}
    return Catalogue(titles=Titles(raw.pop("titles")), withdrawn=withdrawn, **raw)


def _parsed(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(
            "A mapping of controls cannot be read", where=path.name, why=type(error).__name__,
            fix="check its path and that it is TOML in UTF-8",
        ) from None  # fmt: skip
