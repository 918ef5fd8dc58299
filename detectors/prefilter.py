"""The one Hyperscan database over all patterns: says which of them may match a text.

Patterns are compiled in prefilter mode (https://intel.github.io/hyperscan/dev-reference/
compilation.html#prefiltering-mode): what it reports is a superset of the true matches, at
most one report a pattern, in time linear to the text. The exact engine decides.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import hyperscan

_LONG_BOUND = re.compile(r"([\])])\{(\d+),\d{3,}\}")
_FLAGS = hyperscan.HS_FLAG_PREFILTER | hyperscan.HS_FLAG_SINGLEMATCH


class Prefilter:
    """Which of `patterns` may match. One instance serves one thread (it owns its scratch)."""

    __slots__ = ("_database", "_hits")

    def __init__(self, patterns: Sequence[str], serialised: bytes | None = None) -> None:
        self._database = _loaded(serialised) or _compiled(patterns)
        self._hits: list[int] = []

    def hits(self, data: bytes) -> list[int]:
        """Return the indices of the patterns that may match `data`, each once."""
        hits: list[int] = []
        self._hits = hits
        self._database.scan(data, self._on_match)
        return hits

    def serialised(self) -> bytes:
        """Return the compiled database. It fits only this machine's sort of processor."""
        return bytes(hyperscan.dumpb(self._database))

    def _on_match(self, index: int, _start: int, _end: int, _flags: int, _context: object) -> None:
        self._hits.append(index)


def _widened(pattern: str) -> str:
    """Drop long upper bounds: a superset still, and a second less to compile."""
    return _LONG_BOUND.sub(r"\1{\2,}", pattern)


def _compiled(patterns: Sequence[str]) -> hyperscan.Database:
    database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
    count = len(patterns)
    database.compile(
        expressions=[_widened(pattern).encode() for pattern in patterns],
        ids=list(range(count)),
        elements=count,
        flags=[_FLAGS] * count,
    )
    database.scratch = hyperscan.Scratch(database)
    return database


def _loaded(serialised: bytes | None) -> hyperscan.Database | None:
    """Return the database, or None where there is none or it is of another processor or version."""
    if serialised is None:
        return None
    try:
        database = hyperscan.loadb(serialised, hyperscan.HS_MODE_BLOCK)
        database.scratch = hyperscan.Scratch(database)
    except hyperscan.error:
        return None
    return database
