"""How much work something takes, told so that a busy or slow machine fails no good code.

Processor time, the best of several tries. A limit in seconds is set against a yardstick; growth
against the work for a smaller input in the same minute.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable

_TRIES = 3
_YARDSTICK, _YARD, _YARDSTICK_SECONDS = re.compile(rb"a[a-z]{20,300}(?!\w)"), b"ab" * 5000, 0.016
_FLOOR = 0.002  # seconds below which a measure says nothing
_SLACK = 5  # times the linear growth: caches and collections take their part, a square far more


def quickest(limit: float, act: Callable[[], object]) -> float:
    """Return the seconds of the best try; one below the limit is enough. What a busy or slow
    machine adds, told by a pattern of known cost run beside it, is taken off.
    """
    best = float("inf")
    for _ in range(_TRIES):
        seconds = _timed(act)
        if seconds >= limit:
            seconds /= max(1.0, _timed(lambda: _YARDSTICK.search(_YARD)) / _YARDSTICK_SECONDS)
        best = min(best, seconds)
        if best < limit:
            break
    return best


def grows_linearly(act: Callable[[int], object], small: int, large: int) -> bool:
    """Whether `act(large)` takes about `large / small` times as long as `act(small)`."""
    act(small)
    most = _SLACK * large / small
    for _ in range(_TRIES):
        before = max(_timed(lambda: act(small)), _FLOOR)
        if _timed(lambda: act(large)) < most * before:
            return True
    return False


def _timed(act: Callable[[], object]) -> float:
    started = time.process_time()
    act()
    return time.process_time() - started
