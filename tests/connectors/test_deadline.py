from __future__ import annotations

import threading
import time

from connectors.deadline import Deadlines


def test_acts_are_called_in_the_order_of_their_times_and_dropped_ones_never() -> None:
    deadlines, called, done = Deadlines(), list[str](), threading.Event()
    deadlines.add(0.15, lambda: called.append("late"))
    deadlines.add(0.3, done.set)
    dropped = deadlines.add(0.05, lambda: called.append("dropped"))
    deadlines.add(0.02, lambda: called.append("soon"))
    deadlines.drop(dropped)
    assert done.wait(10)
    assert called == ["soon", "late"]


def test_none_is_called_before_its_time() -> None:
    deadlines, done, started = Deadlines(), threading.Event(), time.monotonic()
    deadlines.add(0.2, done.set)
    assert done.wait(10)
    assert time.monotonic() - started >= 0.2


def test_thousands_share_one_thread_and_leave_nothing_behind() -> None:
    deadlines, before = Deadlines(), threading.active_count()
    numbers = [deadlines.add(60, lambda: None) for _ in range(5000)]
    assert threading.active_count() == before + 1
    for number in numbers:
        deadlines.drop(number)
    assert deadlines._acts == {}
