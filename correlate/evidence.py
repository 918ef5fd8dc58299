"""The ledger's entries as the texts that its tree is made of."""

from __future__ import annotations

import hashlib
import json

from correlate.codec import encode
from correlate.merkle import leaf_hash
from correlate.verdict import LedgerEntry

_JSON = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def canonical(entry: LedgerEntry) -> str:
    """Return the entry as JSON with sorted keys and no white space: the text that is hashed."""
    return _plain(entry)


def digest_of(value: object) -> str:
    """Return a digest by which an entry speaks of much: of rules, or of all that was found in a place.

    Not of what names people, which could be guessed and tried (`correlate.forgetting`).
    """
    return hashlib.sha256(_plain(value).encode()).hexdigest()[:32]


def leaf_of(text: str) -> bytes:
    """Return the leaf of an entry's canonical text."""
    return leaf_hash(text.encode())


def _plain(value: object) -> str:
    return _JSON.encode(encode(value))
