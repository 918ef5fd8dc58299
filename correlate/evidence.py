"""The ledger's entries as the texts that its tree is made of."""

from __future__ import annotations

import json

from correlate.codec import encode
from correlate.merkle import leaf_hash
from correlate.verdict import LedgerEntry


def canonical(entry: LedgerEntry) -> str:
    """Return the entry as JSON with sorted keys and no white space: the text that is hashed."""
    return json.dumps(encode(entry), sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def leaf_of(text: str) -> bytes:
    """Return the leaf of an entry's canonical text."""
    return leaf_hash(text.encode())
