"""The compiled pattern database on disk, so that a child starts at once."""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Sequence
from pathlib import Path

from correlate.kind import Kind
from detectors.engine import Engine, ruleset_of

_DIGEST = 32


def cached_engine(kinds: Sequence[Kind], folder: Path, *, tell_dropped: bool = False) -> Engine:
    """Return an engine for `kinds`, compiled at most once per ruleset and folder.

    A cache that is torn or of another machine is not used; one that cannot be written is
    done without.
    """
    path = folder / f"{ruleset_of(kinds)}.hsdb"
    stored = _read(path)
    engine = Engine(kinds, stored, tell_dropped=tell_dropped)
    if stored is None:
        _write(path, engine.serialised())
    return engine


def _read(path: Path) -> bytes | None:
    try:
        raw = path.read_bytes()
    except OSError:
        return None
    body = raw[_DIGEST:]
    return body if hashlib.sha256(body).digest() == raw[:_DIGEST] else None


def _write(path: Path, body: bytes) -> None:
    half = path.with_suffix(f".{os.getpid()}.half")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        half.write_bytes(hashlib.sha256(body).digest() + body)
        half.replace(path)
    except OSError:
        with contextlib.suppress(OSError):
            half.unlink()
