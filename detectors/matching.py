"""Which credentials stand in one text as it is, and what else its bytes point at.

One Hyperscan pass over the text, then an exact check where it says that something may match.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from correlate.errors import ConfigError
from correlate.kind import Kind
from correlate.model import Batch, KindId
from detectors.confirm import why_not
from detectors.decode import PLAUSIBLE
from detectors.encodings import Encoding, expressions
from detectors.generic import Generic
from detectors.marks import suppression
from detectors.packs.allow import refusal
from detectors.pattern import is_named, named_parts, screening
from detectors.precedence import Hit, best
from detectors.prefilter import Check, Ends, Expression, PatternRefused, Prefilter
from detectors.remembered import Remembered, remembering
from detectors.spans import Rule, Span, compile_rule, spans

__all__ = ["Hit", "Look", "Matcher"]  # a Look's hits are used with it

CHUNK = 8 << 20
BEFORE = 16 << 10  # what a chunk sees of the one before, for boundaries, pairs and marks
AFTER = 64 << 10  # what it sees of the next: the longest match fits
_LINE_REACH = 2000


@dataclass(frozen=True, slots=True)
class Look:
    """What one text shows: its hits, and where encoded texts or archives announce themselves."""

    hits: Sequence[Hit]
    encoded: Mapping[Encoding, Sequence[int]]


class Matcher:
    """Looks for credentials of `kinds`. `serialised` is what `serialised()` of one for the same
    kinds gave. `tell_dropped`: look-alikes are given too. One instance, one thread.

    `dropped` counts the look-alikes seen so far by reason; `barren` knows of encoded texts
    in which nothing was found what was dropped there. `refused` are the rules of packs that
    the database cannot hold, each with the reason; a database made before does not tell. Raises
    ConfigError where it cannot hold a kind of ours.
    """

    def __init__(
        self, kinds: Sequence[Kind], serialised: bytes | None, *, tell_dropped: bool
    ) -> None:
        self._rules = _Rules(kinds)
        self._checks: list[Check | None] = [self._first_check(index) for index in range(len(kinds))]
        self._checks += [
            remembering(*PLAUSIBLE[encoding]) if encoding in PLAUSIBLE else None
            for encoding in Encoding
        ]
        self._encodings = dict(enumerate(Encoding, len(kinds)))
        self._prefilter, self.refused = _prefilter(kinds, serialised)
        self._generic = Generic()
        self._tell_dropped = tell_dropped
        self.dropped: Counter[str] = Counter()
        self.barren: Remembered[Counter[str]] = Remembered()
        self._reasons: Remembered[str] = Remembered()

    def _first_check(self, index: int) -> Check | None:
        """A check that takes its rule's place once that is compiled."""

        def check(data: memoryview, end: int) -> object:
            made = self._checks[index] = self._rules[index].check()
            return made is None or made(data, end)

        return check

    def serialised(self) -> bytes:
        """Return the compiled database, for a cache keyed by the ruleset."""
        return self._prefilter.serialised()

    def screen(self, batch: Batch) -> Iterator[tuple[int, Ends]]:
        """Yield the numbers of the documents that deserve a look, with what was seen in each."""
        return self._prefilter.screen(batch, self._checks)

    def look(self, data: bytes, seen: Ends | None = None) -> Look:
        """Return what stands in the text, however long, in time linear to it.

        `seen` is what `screen` gave with this text.
        """
        if seen is not None or len(data) <= CHUNK:
            ends = self._prefilter.ends(data, self._checks) if seen is None else seen
            return Look(self._hits(data, ends), self._encoded(ends))
        found: list[Hit] = []
        encoded: dict[Encoding, list[int]] = {}
        for at in range(0, len(data), CHUNK):
            first = max(0, at - BEFORE)
            view = data[first : at + CHUNK + AFTER]
            ends = self._prefilter.ends(view, self._checks)
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
        return best(found)

    def _judged(self, rule: Rule, data: bytes, span: Span) -> Hit:
        text = span.value.decode(errors="replace")
        why = self._why_not(rule.kind, text) or self._unconfirmed(rule.kind, data, span, text)
        if why:
            self.dropped[why] += 1
            return Hit(rule.kind, span, span.start, text, "", why)
        mark = suppression(data, span.start, span.end)
        return Hit(rule.kind, span, span.start, text, mark)

    def _why_not(self, kind: Kind, text: str) -> str:
        known = self._reasons.get(kind.id, text)
        return self._reasons.put(why_not(kind, text), kind.id, text) if known is None else known

    def _unconfirmed(self, kind: Kind, data: bytes, span: Span, text: str) -> str:
        """Why those whose rule it is, a pack or detect-secrets, would not report the match."""
        match = data[slice(*span.whole)]
        if kind.plugin and not self._generic.confirms(kind.plugin, match, text):
            return f"detect-secrets' {kind.plugin} plug-in does not confirm it"
        if kind.pack:
            line = _lines(data, span.whole).decode(errors="replace")
            return refusal(kind, text, match.decode(errors="replace"), line)
        return ""


class _Rules:
    """The rules of kinds, each compiled when first asked for: few are needed in one process."""

    def __init__(self, kinds: Sequence[Kind]) -> None:
        self._kinds, self._made = kinds, dict[int, Rule]()

    def __len__(self) -> int:
        return len(self._kinds)

    def __getitem__(self, index: int) -> Rule:
        if index not in self._made:
            self._made[index] = compile_rule(self._kinds[index])
        return self._made[index]


def _wanted(kinds: Sequence[Kind], refused: Container[KindId] = ()) -> list[Expression]:
    """Patterns, or the names before a token: an exact look behind each name is cheaper than to
    have Hyperscan compare what may stand between a name and its value.
    """
    found: list[Expression] = []
    for index, kind in enumerate(kinds):
        if kind.id in refused:
            continue
        if is_named(kind.pattern):
            names, _ = named_parts(kind.pattern)
            found += [Expression(index, name.encode(), True, True) for name in names]  # noqa: FBT003
        else:
            found.append(Expression(index, screening(kind.screen or kind.pattern).encode()))
    return [*found, *sorted(expressions(kinds, len(kinds)), key=lambda item: item.id)]


def _prefilter(
    kinds: Sequence[Kind], serialised: bytes | None
) -> tuple[Prefilter, Mapping[KindId, str]]:
    """The database, and why it is without some packs' rules."""
    try:
        return Prefilter(lambda: _wanted(kinds), serialised), {}
    except PatternRefused:
        # which it is, only a try with each alone tells
        refused = {kind.id: why for kind in kinds if (why := _why_refused(kind))}
        ours = [kind.id for kind in kinds if kind.id in refused and not kind.pack]
        if ours or not refused:
            raise ConfigError(
                "a kind's pattern cannot be searched for",
                where=ours[0] if ours else "all kinds together",
                why="Hyperscan refuses it",
                fix="shorten its counts, or write it in another way",
            ) from None
        return Prefilter(lambda: _wanted(kinds, refused)), refused


def _why_refused(kind: Kind) -> str:
    try:
        Prefilter(lambda: [Expression(0, screening(kind.screen or kind.pattern).encode())])
    except PatternRefused as error:
        return f"Hyperscan refuses it: {str(error)[:100]}"
    return ""


def _lines(data: bytes, whole: tuple[int, int]) -> bytes:
    """The lines that hold a match, of long ones what stands near it."""
    start, end = whole
    near = max(0, start - _LINE_REACH)
    begin = data.rfind(b"\n", near, start) + 1 or near
    stop = data.find(b"\n", end, end + _LINE_REACH)
    return data[begin : end + _LINE_REACH if stop < 0 else stop]
