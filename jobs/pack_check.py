"""What `offkey kinds check` tells of a rule pack: what confirms its rules, and which are slow."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from correlate.kind import Kind
from detectors.packs.exact import compiled, mechanism
from detectors.packs.hostile import hostile_lines
from detectors.packs.pack import Pack, Refusal
from detectors.pattern import screening
from detectors.prefilter import Expression, Prefilter

# the last is what counts; the shorter come first, so that a pattern that explodes is met small
_SIZES = (500, 5_000, 50_000)
_SECONDS_MOST = 0.1
_TRIES = 3


@dataclass(frozen=True, slots=True)
class PackReport:
    """A pack's rules by what confirms them ("re2", "re"), those that are slow on a hostile line,
    and those that the prefilter cannot look for.
    """

    pack: Pack
    confirmed_by: Mapping[str, int]
    slow: tuple[Refusal, ...]
    unsearchable: tuple[Refusal, ...]


def check_pack(pack: Pack, clock: Callable[[], float] = time.perf_counter) -> PackReport:
    """Try each taken rule on hostile lines and all in the prefilter; takes seconds for hundreds."""
    slow = [(kind, slowness(kind, clock)) for kind in pack.kinds]
    return PackReport(
        pack,
        Counter(mechanism(kind.pattern) for kind in pack.kinds),
        tuple(Refusal(kind.id, reason) for kind, reason in slow if reason),
        tuple(_unsearchable(pack.kinds)),
    )


def slowness(kind: Kind, clock: Callable[[], float]) -> str:
    """Return on which hostile line the kind's pattern takes 100 ms or more, or nothing.

    A line is tried three times before it counts, since a busy machine is slow too.
    """
    engine = compiled(kind.pattern)
    for size in _SIZES:
        for name, line in hostile_lines(kind, size):
            for left in reversed(range(_TRIES)):
                began = clock()
                for _ in engine.finditer(line):
                    pass
                took = clock() - began
                if took < _SECONDS_MOST:
                    break
                if not left:
                    return f"{took * 1000:.0f} ms on {size} bytes of {name}"
    return ""


def _unsearchable(kinds: Sequence[Kind]) -> Iterator[Refusal]:
    if not kinds or not _prefilter_refuses([kind.pattern for kind in kinds]):
        return
    for kind in kinds:
        if _prefilter_refuses([kind.pattern]):
            yield Refusal(kind.id, "the prefilter cannot look for its pattern")


def _prefilter_refuses(patterns: Sequence[str]) -> bool:
    try:
        Prefilter(
            lambda: [Expression(at, screening(text).encode()) for at, text in enumerate(patterns)]
        )
    except Exception as error:
        # Hyperscan's own error, which nobody but the prefilter imports
        if not type(error).__module__.startswith("hyperscan"):
            raise
        return True
    return False
