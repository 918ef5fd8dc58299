"""What a configured repository is called in locators, tickets and coverage."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from urllib.parse import urlsplit

from correlate.errors import ConfigError

_SCP = re.compile(r"(?:[^@/]+@)?([A-Za-z0-9.-]+):([^:]+)")


def named(specs: Iterable[str], root: Path | None = None) -> Mapping[str, str]:
    """Return the repositories by name, in the order given.

    A URL is called by its host and path, a local repository by its path from `root`, or,
    outside of it, by its last part; ".git" at the end is left out. A name depends on
    nothing but the repository and `root`, so that it stays when others come. Raises
    ConfigError when two would be called alike.
    """
    found: dict[str, str] = {}
    for spec in specs:
        name = name_of(spec, root)
        if name in found:
            raise ConfigError(
                "Two repositories have one name",
                where="repositories",
                why=f"both would be called {name!r}",
                fix="set `root` to a folder above both, or put them into two sources",
            )
        found[name] = spec
    return found


def name_of(spec: str, root: Path | None = None) -> str:
    """Return the name of one repository."""
    if "://" in spec:
        parts = urlsplit(spec)
        return _bare(f"{parts.hostname or ''}{parts.path}")
    scp = _SCP.fullmatch(spec)
    if scp and not Path(spec).exists():
        return _bare(f"{scp[1]}/{scp[2].lstrip('/')}")
    path = Path(spec).expanduser().resolve()
    if root is not None and path.is_relative_to(root.resolve()):
        return _bare(str(path.relative_to(root.resolve())))
    return _bare(path.name)


def _bare(name: str) -> str:
    return name.rstrip("/").removesuffix(".git").rstrip("/") or name
