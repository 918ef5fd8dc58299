"""Reads rule packs and baselines of others from the operator's own paths. Nothing is fetched."""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import ModuleType

from correlate.errors import ConfigError
from detectors import baseline
from detectors.packs import families, plugins
from detectors.packs.pack import Pack, Remark, joined

FILE_MOST = 16 << 20  # bytes of one file; the longest known pack has half a million
FILES_MOST = 10_000  # in one folder


def load_packs(paths: Iterable[Path]) -> tuple[Pack, ...]:
    """Return the pack of each path: a .toml, .yml, .yaml or .py file, or a folder of the first three.

    A folder is one pack named after it, its files sorted by path. A .py file is a plug-in of
    detect-secrets, which runs as it is loaded: only one that is named itself, never one that
    lies in a folder. Raises ConfigError naming the path for what cannot be read or holds no rule.
    """
    return tuple(map(_load, paths))


def load_baselines(paths: Iterable[Path]) -> baseline.Baseline:
    """Return what the `.secrets.baseline` files say. Raises ConfigError naming the file."""
    return baseline.joined(baseline.parse(_text(path, "baselines"), path.name) for path in paths)


def is_pack(path: Path) -> bool:
    """Whether the path is a rule pack rather than a file of our own kinds."""
    if path.is_dir() or path.suffix != ".toml":
        return True
    return families.read_pack(_text(path, "packs"), ".toml", path.stem, path.name) is not None


def _load(path: Path) -> Pack:
    if path.is_dir():
        pack = _folder(path)
    elif path.suffix == ".py":
        pack = _plugin(path)
    else:
        pack = _file(path, path.stem, path.name) or Pack(path.stem)
    if not pack.kinds and not pack.refused:
        raise _wrong(path, "packs", "no rule of a known family is in it")
    return pack


def _folder(path: Path) -> Pack:
    found: list[Pack] = []
    name = path.resolve().name
    for file in _files(path):
        source = file.relative_to(path).as_posix()
        if file.suffix == ".py":
            told = Remark("", f"{source} is not run: name a plug-in by its own path")
            found.append(Pack(name, remarks=(told,)))
        elif (pack := _file(file, name, source)) is not None:
            found.append(pack)
    return joined(name, found)


def _files(folder: Path) -> Iterator[Path]:
    """The files that may hold rules, without following links to folders."""
    files: list[Path] = []
    for place, _, names in os.walk(folder):
        files += [Path(place, n) for n in names if Path(n).suffix in {*families.SUFFIXES, ".py"}]
        if len(files) > FILES_MOST:
            raise _wrong(folder, "packs", f"it holds more than {FILES_MOST} files")
    return iter(sorted(file for file in files if file.is_file()))


def _file(path: Path, name: str, source: str) -> Pack | None:
    if path.suffix not in families.SUFFIXES:
        raise _wrong(path, "packs", "it is no .toml, .yml, .yaml or .py file")
    pack = families.read_pack(_text(path, "packs"), path.suffix, name, source)
    return None if pack is None else joined(name, [pack])


def _plugin(path: Path) -> Pack:
    module = _module(path)
    classes = [
        value
        for value in vars(module).values()
        if plugins.is_plugin(value) and value.__module__ == module.__name__
    ]
    return joined(path.stem, [plugins.read(classes, path.stem, path.name)])


def _module(path: Path) -> ModuleType:
    """Run the operator's own file, which may import and then do anything."""
    _text(path, "plugins")
    spec = importlib.util.spec_from_file_location(f"offkey_plugin_{path.stem}", path)
    if spec is None or spec.loader is None:
        raise _wrong(path, "plugins", "it is no Python file")
    module = importlib.util.module_from_spec(spec)
    written = sys.dont_write_bytecode
    sys.dont_write_bytecode = True  # nothing is left beside the operator's file
    try:
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:  # noqa: BLE001  # whatever a stranger's code raises
        raise _wrong(path, "plugins", f"it raises {type(error).__name__}") from None
    finally:
        sys.dont_write_bytecode = written
    return module


def _text(path: Path, key: str) -> str:
    if path.exists() and not path.is_file():
        raise _wrong(path, key, "it is no file")
    try:
        if path.stat().st_size > FILE_MOST and key != "baselines":
            raise _wrong(path, key, f"it has more than {FILE_MOST >> 20} MB")
        if path.stat().st_size > baseline.MOST:
            raise _wrong(path, key, f"it has more than {baseline.MOST >> 20} MB")
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise _wrong(path, key, f"it cannot be read ({type(error).__name__})") from None


def _wrong(path: Path, key: str, why: str) -> ConfigError:
    return ConfigError(
        "a rule pack cannot be used" if key != "baselines" else "a baseline cannot be used",
        where=str(path),
        why=why,
        fix=f"correct the path in [kinds] {key}, or take it out",
    )
