"""Which match is told where several kinds claim the same bytes."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from itertools import accumulate

from correlate.kind import Grade, Kind
from detectors.pattern import is_named
from detectors.spans import Span

Places = Callable[[tuple[int, int]], bool]


@dataclass(frozen=True, slots=True)
class Hit:
    """A match; `start` counts from the text's beginning. `dropped` says why it is no credential."""

    kind: Kind
    span: Span
    start: int
    text: str
    suppressed: str
    dropped: str = ""


class Rank(IntEnum):
    """How well a kind knows what a text is."""

    GENERIC = 0
    PACK = 1
    PLACE = 2  # by a name before it or the file's syntax
    TOKEN = 3  # the token itself tells


def rank_of(kind: Kind) -> Rank:
    """Return how well the kind knows what it matches."""
    if kind.grade is Grade.GENERIC:
        return Rank.GENERIC
    if kind.pack:
        return Rank.PACK
    return Rank.PLACE if kind.gives_way or is_named(kind.pattern) else Rank.TOKEN


def best(hits: Sequence[Hit]) -> list[Hit]:
    """Return the hits without those that share a byte with one of a kind that knows better, that
    are part of one which covers them, or whose very value a kind with a longer anchor claims.

    Look-alikes take nobody's place. Whether a hit stays never depends on the order of hits.
    """
    sure = [hit for hit in hits if not hit.dropped]
    covered = _covered(sure)

    def is_covered(hit: Hit) -> bool:
        return hit.kind.id in covered and covered[hit.kind.id](hit.span.whole)

    # what is part of another takes nobody's place, least of all that of what it is part of
    sure = [hit for hit in sure if not is_covered(hit)]
    better = {rank: _meeting(_places(sure, rank)) for rank in Rank}
    rivals = _rivals(sure)
    return [
        hit
        for hit in hits
        if not any(
            better[rank](place)
            for rank in Rank
            if rank > rank_of(hit.kind)
            for place in _parts(hit)
        )
        and not is_covered(hit)
        and rivals.get(_claim(hit), hit.kind.id) == hit.kind.id
    ]


def _places(hits: Iterable[Hit], rank: Rank) -> list[tuple[int, int]]:
    return [place for hit in hits if rank_of(hit.kind) is rank for place in _parts(hit)]


def _parts(hit: Hit) -> list[tuple[int, int]]:
    own = (hit.span.start, hit.span.end)
    return [own, hit.span.other] if hit.kind.partner else [own]


def _claim(hit: Hit) -> tuple[int, int, tuple[int, int], Rank]:
    return hit.span.start, hit.span.end, hit.span.other, rank_of(hit.kind)


def _rivals(hits: Iterable[Hit]) -> dict[tuple[int, int, tuple[int, int], Rank], str]:
    """For each value and rank the one kind that has it."""
    claims: dict[tuple[int, int, tuple[int, int], Rank], set[tuple[int, str]]] = defaultdict(set)
    for hit in hits:
        longest = max(map(len, hit.kind.anchors), default=0)
        claims[_claim(hit)].add((-longest, hit.kind.id))
    return {claim: min(kinds)[1] for claim, kinds in claims.items()}


def _covered(hits: Iterable[Hit]) -> dict[str, Places]:
    """For each kind that some hit covers, whether a place lies within such a hit."""
    wholes: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for hit in hits:
        for name in hit.kind.covers:
            wholes[name].append(hit.span.whole)
    return {name: _holding(places) for name, places in wholes.items()}


def _meeting(places: Iterable[tuple[int, int]]) -> Places:
    """Whether a place shares a byte with one of these."""
    starts, ends = _by_start(places)

    def meets(place: tuple[int, int]) -> bool:
        before = bisect_left(starts, place[1])
        return before > 0 and ends[before - 1] > place[0]

    return meets


def _holding(places: Iterable[tuple[int, int]]) -> Places:
    """Whether a place lies within one of these."""
    starts, ends = _by_start(places)

    def holds(place: tuple[int, int]) -> bool:
        before = bisect_right(starts, place[0])
        return before > 0 and ends[before - 1] >= place[1]

    return holds


def _by_start(places: Iterable[tuple[int, int]]) -> tuple[list[int], list[int]]:
    """The starts, each with the furthest end so far: a long match may cover many that start later."""
    taken = sorted(places)
    return [start for start, _ in taken], list(accumulate((end for _, end in taken), max))
