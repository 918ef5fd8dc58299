"""How often a host is called: spaced out, and not at all for a while when it keeps failing."""

from __future__ import annotations

import threading
from collections.abc import Callable

from correlate.errors import Unavailable

BREAKER_AFTER = 5  # failures in a row
BREAKER_OPEN_S = 30.0


class Pace:
    """Keeps calls to a host apart, and stops calling one that fails again and again."""

    def __init__(
        self, spacing: float, monotonic: Callable[[], float], sleep: Callable[[float], None]
    ) -> None:
        self._spacing, self._monotonic, self._sleep = spacing, monotonic, sleep
        self._lock = threading.Lock()
        self._next: dict[str, float] = {}
        self._failures: dict[str, tuple[int, float]] = {}

    def enter(self, host: str) -> None:
        """Wait for the host's turn; raise Unavailable while its breaker is open."""
        with self._lock:
            now = self._monotonic()
            count, since = self._failures.get(host, (0, now))
            if count >= BREAKER_AFTER and now - since < BREAKER_OPEN_S:
                raise Unavailable(
                    "the host is left alone for a while",
                    where=host,
                    why=f"{count} calls in a row failed",
                    fix="run again later",
                    retry_after=BREAKER_OPEN_S - (now - since),
                )
            turn = max(now, self._next.get(host, now))
            self._next[host] = turn + self._spacing
        if turn > now:
            self._sleep(turn - now)

    def failed(self, host: str) -> None:
        """Count a failure of the host."""
        with self._lock:
            count, _ = self._failures.get(host, (0, 0.0))
            self._failures[host] = (count + 1, self._monotonic())

    def answered(self, host: str, *, failed: bool) -> None:
        """Count an answer; one of status 5xx is a failure too."""
        if failed:
            self.failed(host)
            return
        with self._lock:
            self._failures.pop(host, None)
