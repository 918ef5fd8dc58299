"""A bell that wakes a poll: many rings before it begins are one, and two polls are kept apart."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta

Rang = Mapping[str, Mapping[str, int]]  # how often each sender rang, and for what


class Bell:
    """`begin` is asked, once for all rings that come before the poll answers, to start it at an
    instant: now, or `spacing` after the last one began. Safe to ring from any thread.
    """

    def __init__(
        self,
        begin: Callable[[datetime], None],
        spacing: timedelta,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._begin, self._spacing, self._clock = begin, spacing, clock
        self._lock = threading.Lock()
        self._waiting = False
        self._last: datetime | None = None
        self._rang: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))

    def ring(self, sender: str = "", events: Iterable[str] = ()) -> None:
        """Ask for a poll; `sender` and `events` are for the record."""
        with self._lock:
            for event in events:
                self._rang[sender][event] += 1
            if self._waiting:
                return
            self._waiting = True
            now = self._clock()
            at = now if self._last is None else max(now, self._last + self._spacing)
        self._begin(at)

    def answer(self) -> Rang:
        """Say that the poll begins, before it reads anything; return what rang for it."""
        with self._lock:
            rang = {sender: dict(events) for sender, events in self._rang.items()}
            self._rang.clear()
            self._waiting, self._last = False, self._clock()
        return rang
