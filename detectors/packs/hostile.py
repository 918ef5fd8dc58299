"""Texts on which a pattern that backtracks, or looks far ahead at every place, takes long."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator

from correlate.kind import Kind

_RUNS = {"spaces": b" ", "double quotes": b'"', "single quotes": b"'", "letters": b"a", "=": b"="}
_KEYWORDS = 3


def hostile_lines(kind: Kind, size: int) -> Iterator[tuple[str, bytes]]:
    """Yield lines of `size` bytes, each with its name: runs, base64, and the kind's own keywords."""
    for name, unit in _RUNS.items():
        yield name, unit * size
    yield "base64", _base64(size)
    for word in kind.anchors[:_KEYWORDS]:
        unit = word.encode()
        yield f"its keyword {word[:20]!r}", (unit * (size // len(unit) + 1))[:size]


def _base64(size: int) -> bytes:
    seed = b""
    while len(seed) < size:
        seed += hashlib.sha256(seed[-32:]).digest()
    return base64.b64encode(seed)[:size]
