"""All that says what is looked for: kinds of ours and the team's, rule packs, plug-ins, baselines.

What they come to is kept beside the compiled patterns, since every scanning process asks for it
and reading some four hundred files takes longer than all else it does before its first text.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast

import msgspec

import detectors
from correlate.codec import encode
from correlate.kind import Kind
from jobs.config import Config

if TYPE_CHECKING:
    from detectors.baseline import Baseline


@dataclass(frozen=True, slots=True)
class RuleFiles:
    """Where the operator's own rules are; a plug-in is code, and runs when it is loaded."""

    folders: tuple[Path, ...] = ()
    packs: tuple[Path, ...] = ()
    plugins: tuple[Path, ...] = ()
    baselines: tuple[Path, ...] = ()

    def plain(self) -> dict[str, list[str]]:
        """Return it as JSON has it, for a scanning process."""
        return {name: [str(path) for path in getattr(self, name)] for name in _NAMES}


_NAMES = ("folders", "packs", "plugins", "baselines")


def rule_files(plain: Mapping[str, Sequence[str]]) -> RuleFiles:
    """Return what `RuleFiles.plain` gave."""
    return RuleFiles(**{name: tuple(map(Path, plain[name])) for name in _NAMES})


def rules_of(config: Config) -> RuleFiles:
    """Return the rules that a configuration names, its paths relative to its own folder."""
    home = config.path.resolve().parent
    kinds = config.kinds
    return RuleFiles(*(
        tuple(home / path for path in paths)
        for paths in (kinds.folders, kinds.packs, kinds.plugins, kinds.baselines)
    ))  # fmt: skip


def kinds_of(rules: RuleFiles, cache: Path | None = None) -> tuple[Kind, ...]:
    """Return our kinds, the team's, and those of packs and plug-ins, in this order.

    What an unchanged set of files came to before is taken from `cache`. Raises ConfigError for
    what cannot be read or does not hold.
    """
    kept = cache / f"kinds-{_state(rules)}.json" if cache else None
    kinds = _read(kept) if kept else None
    if kinds is None:
        # what reads them takes long to load, and is needed only when a file has changed
        load_packs = importlib.import_module("jobs.pack_files").load_packs
        load_kinds = importlib.import_module("jobs.kind_files").load_kinds
        packs = load_packs((*rules.packs, *rules.plugins))
        kinds = (*load_kinds(rules.folders), *(kind for pack in packs for kind in pack.kinds))
        if kept:
            _write(kept, kinds)
    return kinds


def baseline_of(rules: RuleFiles) -> Baseline:
    """Return what was audited before. Raises ConfigError."""
    return cast(
        "Baseline", importlib.import_module("jobs.pack_files").load_baselines(rules.baselines)
    )


def _state(rules: RuleFiles) -> str:
    """A digest that changes with any of the files, and with the code that reads them."""
    home = Path(detectors.__file__).parent
    places = (home, *rules.folders, *rules.packs, *rules.plugins)
    seen = sorted(entry for place in places for entry in _entries(str(place)))
    return hashlib.sha256(json.dumps([rules.plain(), seen]).encode()).hexdigest()[:24]


def _entries(place: str) -> Iterator[tuple[str, int, int]]:
    """Yield path, size and time of change of a file, or of all below a folder; of none that is gone."""
    with contextlib.suppress(OSError):
        if Path(place).is_dir():
            with os.scandir(place) as inside:  # a Path for each would take longer than all else
                for entry in inside:
                    yield from _entry(entry)
        else:
            yield _seen(place, Path(place).stat())


def _entry(entry: os.DirEntry[str]) -> Iterator[tuple[str, int, int]]:
    if entry.is_dir(follow_symlinks=False):
        if entry.name != "__pycache__":
            yield from _entries(entry.path)
        return
    with contextlib.suppress(OSError):
        yield _seen(entry.path, entry.stat())


def _seen(path: str, status: os.stat_result) -> tuple[str, int, int]:
    return path, status.st_size, status.st_mtime_ns


def _read(path: Path) -> tuple[Kind, ...] | None:
    try:
        return msgspec.json.decode(path.read_bytes(), type=tuple[Kind, ...])
    except (OSError, ValueError, TypeError, KeyError):
        return None


def _write(path: Path, kinds: Sequence[Kind]) -> None:
    half = path.with_suffix(f".{os.getpid()}.half")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        half.write_text(json.dumps([encode(kind) for kind in kinds]))
        half.replace(path)
    except OSError:
        with contextlib.suppress(OSError):
            half.unlink()
