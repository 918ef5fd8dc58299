"""Which credentials stand in one text as it is, and what else its bytes point at.

One Hyperscan pass over the text, then an exact check where it says that something may match.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate

from correlate.kind import Grade, Kind
from correlate.model import Batch
from detectors.confirm import why_not
from detectors.encodings import Encoding, expressions
from detectors.generic import Generic
from detectors.marks import suppression
from detectors.pattern import is_named, named_parts, screening
from detectors.prefilter import Ends, Expression, Prefilter
from detectors.spans import Rule, Span, compile_rule, spans

CHUNK = 8 << 20
BEFORE = 16 << 10  # what a chunk sees of the one before, for boundaries, pairs and marks
AFTER = 64 << 10  # what it sees of the next: the longest match fits


@dataclass(frozen=True, slots=True)
class Hit:
    """A match; `start` counts from the text's beginning. `dropped` says why it is no credential."""

    kind: Kind
    span: Span
    start: int
    text: str
    suppressed: str
    dropped: str = ""


@dataclass(frozen=True, slots=True)
class Look:
    """What one text shows: its hits, and where encoded texts or archives announce themselves."""

    hits: Sequence[Hit]
    encoded: Mapping[Encoding, Sequence[int]]


class Matcher:
    """Looks for credentials of `kinds`. `serialised` is what `serialised()` of one for the same
    kinds gave. `tell_dropped`: look-alikes are given too. One instance, one thread.

    `dropped` counts the look-alikes seen so far by reason.
    """

    def __init__(
        self, kinds: Sequence[Kind], serialised: bytes | None, *, tell_dropped: bool
    ) -> None:
        self._rules = [compile_rule(kind) for kind in kinds]
        self._encodings = dict(enumerate(Encoding, len(kinds)))
        self._prefilter = Prefilter(lambda: _wanted(kinds), serialised)
        self._generic = Generic({kind.plugin for kind in kinds if kind.plugin})
        self._tell_dropped = tell_dropped
        self.dropped: Counter[str] = Counter()

    def serialised(self) -> bytes:
        """Return the compiled database, for a cache keyed by the ruleset."""
        return self._prefilter.serialised()

    def screen(self, batch: Batch) -> Iterator[tuple[int, Ends]]:
        """Yield the numbers of the documents that deserve a look, with what was seen in each."""
        rules = self._rules

        def surely(index: int, data: memoryview, end: int) -> bool:
            return index >= len(rules) or rules[index].surely(data, end)

        return self._prefilter.screen(batch, surely)

    def look(self, data: bytes, seen: Ends | None = None) -> Look:
        """Return what stands in the text, however long, in time linear to it.

        `seen` is what `screen` gave with this text.
        """
        if seen is not None or len(data) <= CHUNK:
            ends = self._prefilter.ends(data) if seen is None else seen
            return Look(self._hits(data, ends), self._encoded(ends))
        found: list[Hit] = []
        encoded: dict[Encoding, list[int]] = {}
        for at in range(0, len(data), CHUNK):
            first = max(0, at - BEFORE)
            view = data[first : at + CHUNK + AFTER]
            ends = self._prefilter.ends(view)
            found += [
                replace(hit, start=hit.start + first)
                for hit in self._hits(view, ends)
                if at <= hit.start + first < at + CHUNK
            ]
            for encoding, places in self._encoded(ends).items():
                encoded.setdefault(encoding, []).extend(end + first for end in places)
        return Look(found, encoded)

    def _encoded(self, ends: Ends) -> dict[Encoding, Sequence[int]]:
        names = self._encodings
        return {names[index]: places for index, places in ends.items() if index in names}

    def _hits(self, data: bytes, ends: Ends) -> list[Hit]:
        found: list[Hit] = []
        for index, places in ends.items():
            if index >= len(self._rules):
                continue
            rule = self._rules[index]
            for span in spans(rule, data, places):
                hit = self._judged(rule, data, span)
                if not hit.dropped or self._tell_dropped:
                    found.append(hit)
        return _without_known_better(found)

    def _judged(self, rule: Rule, data: bytes, span: Span) -> Hit:
        text = span.value.decode(errors="replace")
        why = why_not(rule.kind, text)
        if not why and rule.kind.plugin:
            match = data[slice(*span.whole)]
            if not self._generic.confirms(rule.kind.plugin, match, text):
                why = f"detect-secrets' {rule.kind.plugin} plug-in does not confirm it"
        if why:
            self.dropped[why] += 1
            return Hit(rule.kind, span, span.start, text, "", why)
        mark = suppression(data, span.start, span.end)
        return Hit(rule.kind, span, span.start, text, mark)


def _wanted(kinds: Sequence[Kind]) -> list[Expression]:
    """Patterns, or the names before a token: an exact look behind each name is cheaper than to
    have Hyperscan compare what may stand between a name and its value.
    """
    found: list[Expression] = []
    for index, kind in enumerate(kinds):
        if is_named(kind.pattern):
            names, _ = named_parts(kind.pattern)
            found += [Expression(index, name.encode(), True, True) for name in names]  # noqa: FBT003
        else:
            found.append(Expression(index, screening(kind.pattern).encode()))
    return [*found, *sorted(expressions(kinds, len(kinds)), key=lambda item: item.id)]


def _rank(kind: Kind) -> int:
    """A kind of ours knows best what a text is, a generic one least."""
    return 0 if kind.grade is Grade.GENERIC else 1 if kind.pack else 2


def _without_known_better(hits: Sequence[Hit]) -> list[Hit]:
    """Drop the matches that share a byte with one of a kind that knows better."""
    kept = list(hits)
    for rank in sorted({_rank(hit.kind) for hit in hits})[1:]:
        better = [hit.span for hit in kept if _rank(hit.kind) == rank and not hit.dropped]
        if better:
            gives_way = _meets_any(better)
            kept = [hit for hit in kept if _rank(hit.kind) >= rank or not gives_way(hit)]
    return kept


def _meets_any(better: Sequence[Span]) -> Callable[[Hit], bool]:
    taken = sorted(place for span in better for place in ((span.start, span.end), span.other))
    # each with the furthest end so far, since a long match may cover many that start later
    ends = list(accumulate((end for _, end in taken), max))
    starts = [start for start, _ in taken]

    def meets(hit: Hit) -> bool:
        before = bisect_left(starts, hit.span.end)
        return before > 0 and ends[before - 1] > hit.span.start

    return meets
