"""Which feed is believed of a worker whom several state: two personnel systems after a merger, an
employer of record beside the house's own.
"""

from __future__ import annotations

from collections.abc import Iterable

from correlate.model import Worker, WorkerId

LAST = 1_000_000  # after every feed that has a rank


def preferred(rows: Iterable[Worker]) -> list[Worker]:
    """Return of one person's rows those of the lowest rank, for each worker id by itself.

    Rows without a rank come after all that have one, and stand side by side: where they disagree, a
    spell is in force while either says so (`correlate.departure`). Another worker id is another
    employment, which no rank does away with.
    """
    rows = list(rows)
    best: dict[WorkerId, int] = {}
    for row in rows:
        best[row.worker_id] = min(best.get(row.worker_id, LAST), _rank(row))
    return [row for row in rows if _rank(row) == best[row.worker_id]]


def _rank(row: Worker) -> int:
    return LAST if row.rank is None else row.rank
