"""Asking many issuers at once: one lane for each, so that a slow or busy one holds up no other.

Within a lane questions go out one after the other, those that the issuer puts off at the end. Before one does, that it goes out is kept;
questions and answers of all lanes are kept together, in as few transactions as they allow.
"""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from threading import Event
from typing import Generic, TypeVar

from correlate.model import Liveness, LivenessState

_T = TypeVar("_T")
_MOST_LANES = 32  # at once
_GATHER_S = 0.02  # a transaction costs more than a question: what comes meanwhile shares it
_LOOK_S = 0.5  # how often a waiting lane looks whether all is over
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 1.0, 60.0


@dataclass(frozen=True, slots=True)
class Budget:
    """What one run may take: `seconds` in all, `per_second` questions of all lanes together, and
    `patience_s` of waiting in one lane for an issuer that asks us to wait.
    """

    seconds: float = 3600.0
    per_second: float = 50.0
    patience_s: float = 300.0


@dataclass(frozen=True, slots=True)
class Kept(Generic[_T]):
    """What is to be kept at once: the questions that go out next, and the answers that came."""

    asked: Sequence[_T]
    answered: Sequence[tuple[_T, Liveness]]


@dataclass(slots=True)
class _Turn(Generic[_T]):
    """A question in waiting. `at` is when it may go out, once that is kept."""

    item: _T
    kept: Event = field(default_factory=Event)
    at: float = 0.0


@dataclass(frozen=True, slots=True)
class _Answered(Generic[_T]):
    item: _T
    answer: Liveness


@dataclass(slots=True)
class _Lane(Generic[_T]):
    """What is still to be asked of one issuer, `again` where it asked us to wait. It may mean one
    account only: the next is asked before anybody waits.
    """

    new: deque[_T]
    patience: float
    again: deque[tuple[_T, Liveness]] = field(default_factory=deque)
    refused: int = 0

    def pause(self) -> float:
        """How long to wait after one more such answer."""
        self.refused += 1
        if self.refused == 1 and self.new:
            return 0.0
        doubled = math.ldexp(_FIRST_PAUSE_S, min(self.refused - 1, 30))
        seconds = min(doubled, _LONGEST_PAUSE_S, self.patience)
        self.patience -= seconds
        return seconds


class Lanes(Generic[_T]):
    """Puts `ask` to each item of each lane and hands to `keep` what goes out and comes back.

    `ask` is called in threads of their own, `keep` in the caller's. Items that the budget left
    no room for are in `left`, by lane. `run` raises what `keep` raised, or else what `ask` did.
    """

    def __init__(
        self,
        ask: Callable[[_T], Liveness],
        keep: Callable[[Kept[_T]], None],
        budget: Budget,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._ask, self._keep, self._budget, self._monotonic = ask, keep, budget, monotonic
        self._box: SimpleQueue[_Turn[_T] | _Answered[_T] | None] = SimpleQueue()
        self._stop = Event()
        self._next = 0.0
        self.left: dict[str, list[_T]] = {}

    def run(self, lanes: Mapping[str, Sequence[_T]]) -> None:
        """Ask until every lane is through or the budget is used up."""
        ends = self._next = self._monotonic()
        ends += self._budget.seconds
        open_lanes = len(lanes)
        with ThreadPoolExecutor(min(_MOST_LANES, open_lanes) or 1, "issuer") as pool:
            ways = [pool.submit(self._lane, name, items, ends) for name, items in lanes.items()]
            try:
                while open_lanes:
                    open_lanes -= self._keep_what_came()
            finally:
                self._stop.set()
        for way in ways:
            way.result()

    def _keep_what_came(self) -> int:
        """Keep all that lies there; return how many lanes ended."""
        came = list(self._came())
        turns = [item for item in came if isinstance(item, _Turn)]
        answers = [(item.item, item.answer) for item in came if isinstance(item, _Answered)]
        if turns or answers:
            self._keep(Kept([turn.item for turn in turns], answers))
        for turn in turns:
            turn.at = self._next = max(self._next, self._monotonic())
            self._next += 1 / self._budget.per_second
            turn.kept.set()
        return sum(1 for item in came if item is None)

    def _came(self) -> Iterator[_Turn[_T] | _Answered[_T] | None]:
        yield self._box.get()
        self._stop.wait(_GATHER_S)
        while True:
            try:
                yield self._box.get_nowait()
            except Empty:
                return

    def _lane(self, name: str, items: Sequence[_T], ends: float) -> None:
        try:
            self._through(_Lane(deque(items), self._budget.patience_s), name, ends)
        finally:
            self._box.put(None)

    def _through(self, lane: _Lane[_T], name: str, ends: float) -> None:
        while (lane.new or lane.again) and not self._stop.is_set():
            if self._monotonic() >= ends or lane.patience <= 0:
                break
            if lane.new:
                item = lane.new.popleft()
                if not self._granted(_Turn(item)):
                    return
            else:
                item, _ = lane.again.popleft()
            answer = self._ask(item)
            if answer.state is LivenessState.RATE_LIMITED:
                lane.again.append((item, answer))
                self._stop.wait(lane.pause())
            else:
                lane.refused = 0
                self._box.put(_Answered(item, answer))
        if lane.new:
            self.left[name] = list(lane.new)
        for item, answer in lane.again:
            self._box.put(_Answered(item, answer))

    def _granted(self, turn: _Turn[_T]) -> bool:
        """Whether the question may go out: it is kept, and its turn has come."""
        self._box.put(turn)
        while not turn.kept.wait(_LOOK_S):
            if self._stop.is_set():
                return False
        self._stop.wait(max(0.0, turn.at - self._monotonic()))
        return not self._stop.is_set()
