"""The instant that it is, seen from a run's own beginning."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta


def running_from(
    now: datetime, monotonic: Callable[[], float] = time.monotonic
) -> Callable[[], datetime]:
    """Return a clock that shows `now`, which is aware, at this call and goes on from there."""
    begun = monotonic()
    return lambda: now + timedelta(seconds=monotonic() - begun)
