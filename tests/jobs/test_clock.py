from __future__ import annotations

from datetime import timedelta

from jobs.clock import running_from
from tests.correlate.cast import NOW


def test_a_clock_goes_on_from_the_run_s_beginning() -> None:
    ticks = iter([100.0, 100.0, 102.5])
    clock = running_from(NOW, lambda: next(ticks))
    assert [clock(), clock()] == [NOW, NOW + timedelta(seconds=2.5)]
