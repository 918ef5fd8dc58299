"""Where what is made once is kept: compiled patterns, and what the files of kinds came to."""

from __future__ import annotations

import os
from pathlib import Path

CACHE = "OFFKEY_CACHE"


def cache_folder(otherwise: Path) -> Path:
    """Return where compiled patterns are kept: what $OFFKEY_CACHE names, for several states to
    share, else `otherwise`.
    """
    named = os.environ.get(CACHE, "")
    return Path(named) if named else otherwise
