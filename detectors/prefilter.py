"""The one Hyperscan database over all patterns: says which of them may match a text, and where.

Patterns are compiled in prefilter mode (https://intel.github.io/hyperscan/dev-reference/
compilation.html#prefiltering-mode): what it reports is a superset of the true matches, in time
linear to the text. The exact engine decides.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence

import hyperscan

_EVERYWHERE = hyperscan.HS_FLAG_PREFILTER
_ONCE = hyperscan.HS_FLAG_PREFILTER | hyperscan.HS_FLAG_SINGLEMATCH
_LONG_BOUND = re.compile(r"([\])])\{(\d+),\d{3,}\}")


class Prefilter:
    """Which of `patterns` may match. One instance serves one thread (it owns its scratch).

    Those of `everywhere` are told at every end of a match, the others at the first one only.
    """

    __slots__ = ("_database", "_hits")

    def __init__(
        self,
        patterns: Sequence[str],
        everywhere: Collection[int] = (),
        serialised: bytes | None = None,
    ) -> None:
        self._database = _loaded(serialised) or _compiled(patterns, everywhere)
        self._hits: dict[int, list[int]] = {}

    def hits(self, data: bytes) -> Mapping[int, Sequence[int]]:
        """Return the indices of the patterns that may match `data`, with the ends of matches."""
        hits: dict[int, list[int]] = {}
        self._hits = hits
        self._database.scan(data, self._on_match)
        return hits

    def serialised(self) -> bytes:
        """Return the compiled database. It fits only this machine's sort of processor."""
        return bytes(hyperscan.dumpb(self._database))

    def _on_match(self, index: int, _start: int, end: int, _flags: int, _context: object) -> None:
        self._hits.setdefault(index, []).append(end)


def _widened(pattern: str) -> str:
    """Drop long upper bounds: a superset still, and a second less to compile."""
    return _LONG_BOUND.sub(r"\1{\2,}", pattern)


def _compiled(patterns: Sequence[str], everywhere: Collection[int]) -> hyperscan.Database:
    database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
    count = len(patterns)
    database.compile(
        expressions=[_widened(pattern).encode() for pattern in patterns],
        ids=list(range(count)),
        elements=count,
        flags=[_EVERYWHERE if index in everywhere else _ONCE for index in range(count)],
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
