"""One thread that ends what has outstayed its time, whoever started it: a thread for each call would
cost as much as the call.
"""

from __future__ import annotations

import heapq
import threading
import time
from collections.abc import Callable
from itertools import count


class Deadlines:
    """Calls back at given instants. Its thread starts with the first of them and never ends."""

    def __init__(self) -> None:
        self._woken = threading.Condition()
        self._due: list[tuple[float, int]] = []
        self._acts: dict[int, Callable[[], None]] = {}
        self._numbers = count()
        self._running = False

    def add(self, seconds: float, act: Callable[[], None]) -> int:
        """Have `act` called in so many seconds, unless it is dropped by the number returned. It
        must neither block nor raise.
        """
        with self._woken:
            number = next(self._numbers)
            self._acts[number] = act
            heapq.heappush(self._due, (time.monotonic() + seconds, number))
            if not self._running:
                self._running = True
                threading.Thread(target=self._watch, name="deadlines", daemon=True).start()
            elif self._due[0][1] == number:
                self._woken.notify()
            return number

    def drop(self, number: int) -> None:
        """Call that one no more."""
        with self._woken:
            self._acts.pop(number, None)

    def _watch(self) -> None:
        while True:
            act = self._next()
            if act is not None:
                act()

    def _next(self) -> Callable[[], None] | None:
        with self._woken:
            if not self._due:
                self._woken.wait()
                return None
            left = self._due[0][0] - time.monotonic()
            if left > 0:
                self._woken.wait(left)
                return None
            return self._acts.pop(heapq.heappop(self._due)[1], None)
