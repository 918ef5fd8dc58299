"""The installed version."""

from __future__ import annotations

from importlib import metadata


def version() -> str:
    """Return the distribution's version, or "0" when it runs from a bare tree."""
    try:
        return metadata.version("offkey")
    except metadata.PackageNotFoundError:
        return "0"
