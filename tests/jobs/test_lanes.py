"""Each issuer in a lane of its own: nothing goes out before it is kept, and nobody waits for another."""

from __future__ import annotations

import threading
import time
from collections import defaultdict

import pytest

import jobs.lanes as under_test
from correlate.model import Liveness, LivenessState
from jobs.lanes import Budget, Kept, Lanes
from tests.correlate.cast import answer

LIVE = answer(LivenessState.LIVE)
WAIT = answer(LivenessState.RATE_LIMITED)
QUICK = Budget(seconds=60, per_second=10_000, patience_s=60)


class Book:
    """Keeps what it is handed, in order."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.answered: dict[str, LivenessState] = {}
        self.rounds = 0

    def keep(self, came: Kept[str]) -> None:
        self.rounds += 1
        self.asked += came.asked
        self.answered |= {item: said.state for item, said in came.answered}


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(under_test, "_FIRST_PAUSE_S", 0.001)
    monkeypatch.setattr(under_test, "_LONGEST_PAUSE_S", 0.002)


def test_each_item_is_asked_once_and_only_after_that_is_kept() -> None:
    book = Book()
    early: list[str] = []

    def ask(item: str) -> Liveness:
        if item not in book.asked:
            early.append(item)
        return LIVE

    lanes = {f"issuer{n}": [f"{n}.{m}" for m in range(30)] for n in range(7)}
    made = Lanes(ask, book.keep, QUICK)
    made.run(lanes)
    everything = sorted(item for items in lanes.values() for item in items)
    assert sorted(book.asked) == everything
    assert sorted(book.answered) == everything
    assert (early, made.left) == ([], {})
    assert book.rounds < 2 * len(everything)  # kept together where they came together


def test_nothing_to_ask_ends_at_once() -> None:
    book = Book()
    Lanes(lambda _: LIVE, book.keep, QUICK).run({})
    assert book.rounds == 0


def test_one_lane_asks_one_after_the_other_and_a_stuck_one_holds_up_no_other() -> None:
    free, others = threading.Event(), threading.Event()
    within: defaultdict[str, int] = defaultdict(int)
    most: defaultdict[str, int] = defaultdict(int)
    book = Book()

    def ask(item: str) -> Liveness:
        lane = item[0]
        within[lane] += 1
        most[lane] = max(most[lane], within[lane])
        if lane == "a":
            free.wait(10)
        within[lane] -= 1
        return LIVE

    def keep(came: Kept[str]) -> None:
        book.keep(came)
        if sum(item.startswith("b") for item in book.answered) == 20:
            others.set()
            free.set()

    Lanes(ask, keep, QUICK).run({"a": ["a1", "a2"], "b": [f"b{n}" for n in range(20)]})
    assert others.is_set()
    assert set(most.values()) == {1}
    assert len(book.answered) == 22


def test_who_asks_us_to_wait_is_asked_again_until_the_answer_comes() -> None:
    book, tries = Book(), defaultdict[str, int](int)

    def ask(item: str) -> Liveness:
        tries[item] += 1
        return LIVE if tries[item] > 3 else WAIT

    Lanes(ask, book.keep, QUICK).run({"a": ["1", "2"]})
    assert book.answered == {"1": LivenessState.LIVE, "2": LivenessState.LIVE}
    assert book.asked == ["1", "2"]


def test_who_asks_one_of_us_to_wait_is_asked_about_the_others_at_once() -> None:
    book, order = Book(), list[str]()

    def ask(item: str) -> Liveness:
        order.append(item)
        return WAIT if item == "2" and order.count("2") < 3 else LIVE

    Lanes(ask, book.keep, QUICK).run({"a": ["1", "2", "3", "4"]})
    assert order == ["1", "2", "3", "4", "2", "2"]
    assert set(book.answered.values()) == {LivenessState.LIVE}


def test_who_only_ever_asks_us_to_wait_leaves_the_rest_of_its_lane_unasked() -> None:
    book, items = Book(), [f"a{n}" for n in range(9)]
    made = Lanes(
        lambda item: WAIT if item[0] == "a" else LIVE, book.keep, Budget(60, 10_000, 0.003)
    )
    made.run({"a": items, "b": ["b1"]})
    left = made.left["a"]
    assert 0 < len(left) < 9
    waited = dict.fromkeys(items[: -len(left)], LivenessState.RATE_LIMITED)
    assert book.answered == {**waited, "b1": LivenessState.LIVE}


def test_a_flaw_in_asking_is_not_swallowed() -> None:
    def ask(item: str) -> Liveness:
        raise KeyError(item)

    with pytest.raises(KeyError):
        Lanes(ask, Book().keep, QUICK).run({"a": ["1"]})


def test_what_the_time_left_no_room_for_is_told() -> None:
    book, made = Book(), Lanes(lambda _: LIVE, Book().keep, Budget(0.0))
    made.run({"a": ["1", "2"]})
    assert made.left == {"a": ["1", "2"]}
    assert book.asked == []


def test_all_lanes_together_keep_the_rate() -> None:
    times: list[float] = []

    def ask(_: str) -> Liveness:
        times.append(time.monotonic())
        return LIVE

    Lanes(ask, Book().keep, Budget(60, 100, 1)).run({name: list("0123456789") for name in "abc"})
    assert max(times) - min(times) >= 0.28  # thirty questions, a hundredth of a second apart


def test_what_keep_raises_ends_every_lane() -> None:
    asked: list[str] = []

    def ask(item: str) -> Liveness:
        asked.append(item)
        return LIVE

    def keep(came: Kept[str]) -> None:
        raise RuntimeError(f"the store is gone for {len(came.asked)}")

    with pytest.raises(RuntimeError, match="the store is gone"):
        Lanes(ask, keep, QUICK).run({"a": ["1", "2"], "b": ["3"]})
    assert asked == []
