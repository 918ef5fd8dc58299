"""Which family a pack's file is of, told from its content."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import yaml

from correlate.errors import ConfigError
from detectors.packs import gitleaks, nosey
from detectors.packs.pack import Pack

# libyaml's loader is ten times as fast; both make plain values only
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def _yaml(text: str) -> Any:
    return yaml.load(text, Loader=_LOADER)  # noqa: S506  # a safe loader, as chosen above


_PARSERS: Mapping[str, Callable[[str], Any]] = MappingProxyType(
    {".toml": tomllib.loads, ".yml": _yaml, ".yaml": _yaml}
)
SUFFIXES = frozenset(_PARSERS)


def read_pack(text: str, suffix: str, name: str, source: str) -> Pack | None:
    """Return the pack of a file's text, or None where it holds no rules of a known family.

    `name` is the pack's and `source` the file's, for errors too. Raises ConfigError for a text
    that is not what its suffix says.
    """
    try:
        top = _PARSERS[suffix](text)
    except (tomllib.TOMLDecodeError, yaml.YAMLError, ValueError, RecursionError) as error:
        raise ConfigError(
            "a rule pack cannot be read",
            where=source,
            why=f"it is not {suffix.removeprefix('.')}: {type(error).__name__}",
            fix="correct the file's syntax, or take it out of [kinds] packs",
        ) from None
    if not isinstance(top, Mapping) or "issuer" in top:
        return None  # a file with `issuer` is one of our own kinds
    if suffix == ".toml":
        return gitleaks.read(top, name, source) if gitleaks.is_pack(top) else None
    return nosey.read(top, name, source) if nosey.is_pack(top) else None
