"""The part of the ledger that a pack shows, each entry with the proof that it is in it."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from correlate.merkle import Node, prove_consistency, prove_inclusion
from correlate.period import Period
from correlate.ports_store import Transaction
from correlate.tree_head import TreeHead

OF_RUNS = frozenset({"run_begin", "run_end", "scanned", "people", "inventory"})


@dataclass(slots=True)
class Shown:
    """Entries by number, as texts and read, and the numbers of those on each subject."""

    texts: dict[int, str] = field(default_factory=dict)
    read: dict[int, Mapping[str, Any]] = field(default_factory=dict)
    on: dict[str, list[int]] = field(default_factory=dict)

    def numbers(self, *subjects: str) -> list[int]:
        """Return the numbers of the entries on any of these, in order."""
        return sorted(number for one in subjects for number in self.on.get(one, ()))

    def of(self, what: Collection[str]) -> list[tuple[int, Mapping[str, Any]]]:
        """Return the entries that tell of any of these happenings, in order."""
        return [(number, one) for number, one in self.read.items() if one["what"] in what]


def shown_entries(tx: Transaction, subjects: Collection[str], period: Period, size: int) -> Shown:
    """Return the entries, of the first `size`, on any of the subjects, whenever they were made, and
    those on runs and feeds in the period.
    """
    shown = Shown()
    for number, text in tx.ledger.entries():
        if number > size:
            break
        entry = json.loads(text)
        of_run = entry["what"] in OF_RUNS and period.has(datetime.fromisoformat(entry["at"]))
        if of_run or entry["subject"] in subjects:
            shown.texts[number], shown.read[number] = text, entry
            shown.on.setdefault(entry["subject"], []).append(number)
    return shown


class _Kept:
    """Hashes of subtrees, each asked for once: proofs of neighbours share most of theirs."""

    def __init__(self, tx: Transaction) -> None:
        self._tx, self._held = tx, dict[Node, bytes]()

    def __call__(self, nodes: Iterable[Node]) -> Mapping[Node, bytes]:
        wanted = list(nodes)
        missing = [node for node in wanted if node not in self._held]
        if missing:
            self._held.update(self._tx.ledger.hashes(missing))
        return {node: self._held[node] for node in wanted}


def proven(tx: Transaction, shown: Shown, head: TreeHead) -> Iterator[dict[str, Any]]:
    """Yield each entry with its proof (RFC 9162, 2.1.3)."""
    hashes = _Kept(tx)
    for number, text in shown.texts.items():
        path = prove_inclusion(number - 1, head.size, hashes)
        yield {
            "number": number,
            "entry": text,
            "inclusion_path": [one.hex() for one in path],
        }


def grown(tx: Transaction, head: TreeHead, period: Period) -> Iterator[dict[str, Any]]:
    """Yield the heads that were made in the period, each with the proof that the ledger only grew since
    (RFC 9162, 2.1.4).
    """
    hashes = _Kept(tx)
    for old in tx.ledger.heads():
        if old.size <= head.size and period.has(old.at):
            path = prove_consistency(old.size, head.size, hashes)
            yield {"head": old.line, "consistency_path": [one.hex() for one in path]}
