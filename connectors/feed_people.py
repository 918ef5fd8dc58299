"""From the rows of a personnel feed to a snapshot: the whole of it, or none."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from connectors.feed_guard import Limits, check_fall, check_leavers, refused
from connectors.feed_rows import Reading, Row, doubts, worker
from correlate.model import PeopleSnapshot, Worker

_PROBLEMS_MAX = 200


@dataclass(frozen=True, slots=True)
class Personnel:
    """What is known of one personnel feed besides where it comes from."""

    name: str
    how: Reading
    limits: Limits

    def snapshot(
        self,
        rows: Sequence[Row],
        digest: str,
        now: datetime,
        last: PeopleSnapshot | None,
        noted: Sequence[str] = (),
    ) -> PeopleSnapshot:
        """Return what the rows say. Raises FeedRefused, and then nothing of them is believed.

        `noted` are problems that were seen before.
        """
        if len(rows) < self.limits.min_rows:
            raise refused(
                self.name, f"it has {len(rows)} rows", "check the export, or set min_rows"
            )
        doubt = doubts(rows, self.how)
        if doubt:
            raise refused(self.name, doubt, "check the columns mapping, date_format and the export")
        problems = list(noted)
        workers = tuple(self._workers(rows, now, problems))
        self._check_bad_rows(len(rows), len(workers))
        whole = len(workers) == len(rows)
        workers = self._unique(workers, problems)
        taken = PeopleSnapshot(
            self.name, now, whole, digest, workers, problems=tuple(problems[:_PROBLEMS_MAX])
        )
        check_fall(taken, last, self.limits.max_fall_percent)
        check_leavers(taken, last, self.limits)
        return taken

    def _workers(self, rows: Sequence[Row], now: datetime, problems: list[str]) -> Iterator[Worker]:
        for number, row in enumerate(rows, start=1):

            def note(text: str, number: int = number) -> None:
                problems.append(f"row {number}: {text}")

            found = worker(row, self.how, now, note)
            if found is not None:
                yield found

    def _check_bad_rows(self, rows: int, good: int) -> None:
        bad = rows - good
        if bad > rows * self.limits.max_bad_rows_percent / 100 or good == 0:
            raise refused(
                self.name, f"{bad} of {rows} rows have no usable worker id", "mend the export"
            )

    def _unique(self, workers: Sequence[Worker], problems: list[str]) -> tuple[Worker, ...]:
        """Return each spell once; two that differ are a feed at odds with itself."""
        kept: dict[tuple[str, str], Worker] = {}
        for one in workers:
            other = kept.setdefault((one.worker_id, one.spell), one)
            if other is not one and other != one:
                why = "a worker id stands twice with the same start and differing data"
                raise refused(self.name, why, "mend the export: a spell is one row")
            if other is not one:
                problems.append("a row stands twice")
        return tuple(kept.values())
