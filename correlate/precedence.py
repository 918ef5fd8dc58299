"""Which feed is believed of a worker whom several state: two personnel systems after a merger, an
employer of record beside the house's own.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from correlate.model import PeopleSnapshot, WorkerId


def preferred(snapshots: Iterable[PeopleSnapshot]) -> list[PeopleSnapshot]:
    """Return the snapshots with each worker left to the feed of the lowest rank that states them.

    Feeds without a rank come after all that have one, and stand side by side: where they disagree,
    a spell is in force while either says so (`correlate.departure`). Accounts are not ranked.
    """
    snapshots = list(snapshots)
    best: dict[WorkerId, int] = {}
    for taken in snapshots:
        if taken.rank is not None:
            for worker in taken.workers:
                best[worker.worker_id] = min(best.get(worker.worker_id, taken.rank), taken.rank)
    if not best:
        return snapshots
    return [_without_outranked(taken, best) for taken in snapshots]


def _without_outranked(taken: PeopleSnapshot, best: dict[WorkerId, int]) -> PeopleSnapshot:
    kept = tuple(
        worker for worker in taken.workers if best.get(worker.worker_id, taken.rank) == taken.rank
    )
    return taken if len(kept) == len(taken.workers) else replace(taken, workers=kept)
