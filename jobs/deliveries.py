"""The tickets of each case, in all the ticket systems."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from correlate.model import CaseKey
from correlate.ports_store import Transaction
from correlate.stored import Delivery


def deliveries_of(tx: Transaction, sinks: Iterable[str]) -> Mapping[CaseKey, Sequence[Delivery]]:
    """Return the outbox rows of each case that has any, in the order of the ticket systems."""
    made: dict[CaseKey, list[Delivery]] = defaultdict(list)
    for sink in sinks:
        for key, row in tx.cases.deliveries(sink).items():
            made[key].append(row)
    return dict(made)
