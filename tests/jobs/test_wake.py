"""Many rings are one poll, and none is lost."""

from __future__ import annotations

import itertools
import threading
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from jobs.wake import Bell

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
SPACING = timedelta(seconds=30)


class Day:
    """A bell, its clock, and the polls it asked for."""

    def __init__(self) -> None:
        self.now = NOON
        self.polls: list[datetime] = []
        self.bell = Bell(self.polls.append, SPACING, lambda: self.now)


def test_many_rings_are_one_poll_and_all_are_on_record() -> None:
    day = Day()
    for _ in range(3):
        day.bell.ring("okta", ("session-revoked", "account-disabled"))
    day.bell.ring("hr", ("employee.left",))
    assert day.polls == [NOON]
    assert day.bell.answer() == {
        "okta": {"session-revoked": 3, "account-disabled": 3}, "hr": {"employee.left": 1},
    }  # fmt: skip
    assert day.bell.answer() == {}


def test_a_ring_while_a_poll_is_under_way_is_another_poll_later() -> None:
    day = Day()
    day.bell.ring()
    day.bell.answer()
    day.now += timedelta(seconds=1)
    day.bell.ring()
    day.bell.ring()
    assert day.polls == [NOON, NOON + SPACING]
    day.now += timedelta(minutes=5)
    day.bell.answer()
    day.bell.ring()
    assert day.polls[2] == NOON + timedelta(minutes=5, seconds=31)


@given(st.lists(st.tuples(st.sampled_from(["ring", "poll"]), st.integers(0, 60)), max_size=40))
def test_after_a_ring_a_poll_always_comes_and_polls_are_kept_apart(
    steps: list[tuple[str, int]],
) -> None:
    day, begun, unheard = Day(), list[datetime](), False
    for what, seconds in steps:
        day.now += timedelta(seconds=seconds)
        if what == "ring":
            day.bell.ring("s", ("e",))
            unheard = True
        elif len(day.polls) > len(begun):  # the schedule begins what it was asked for
            day.now = max(day.now, day.polls[-1])
            begun.append(day.now)
            unheard = not day.bell.answer()
        assert len(day.polls) - len(begun) == int(unheard)
    assert all(b - a >= SPACING for a, b in itertools.pairwise(begun))


def test_rings_of_many_threads_are_all_counted() -> None:
    day = Day()

    def ring() -> None:
        for _ in range(200):
            day.bell.ring("s", ("e",))

    threads = [threading.Thread(target=ring) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(day.polls) == 1
    assert day.bell.answer() == {"s": {"e": 1600}}
