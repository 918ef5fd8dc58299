"""The ledger's arithmetic: each entry's hash covers the one before it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable

from correlate.codec import encode
from correlate.verdict import LedgerEntry

GENESIS = "0" * 64


def canonical(entry: LedgerEntry) -> str:
    """Return the entry as JSON with sorted keys and no white space: the text that is hashed."""
    return json.dumps(encode(entry), sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def chained(previous: str, text: str) -> str:
    """Return the hash of a canonical entry that follows the entry hashed as `previous`."""
    return hashlib.sha256(f"{previous}\n{text}".encode()).hexdigest()


def first_break(entries: Iterable[tuple[str, str]]) -> int | None:
    """Return the index of the first (canonical text, hash) that does not follow from those
    before it, or None when the whole chain holds.
    """
    previous = GENESIS
    for index, (text, stored) in enumerate(entries):
        if chained(previous, text) != stored:
            return index
        previous = stored
    return None
