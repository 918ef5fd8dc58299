"""The Detector of all kinds: one Hyperscan pass over a text, then an exact check of its hits."""

from __future__ import annotations

import codecs
import hashlib
import json
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, chain

from correlate.kind import Grade, Kind
from correlate.model import Document, Finding, KindId, Locator, Medium
from correlate.secret import Secret
from detectors.canonical import canonical
from detectors.confirm import is_credential
from detectors.facts import facts
from detectors.generic import Generic
from detectors.marks import suppression
from detectors.notebook import Part, notebook_parts
from detectors.prefilter import Prefilter
from detectors.spans import Rule, Span, compile_rule, spans

# Raised when the code below finds otherwise than before for the same kinds.
VERSION = 3

CHUNK = 8 << 20
BEFORE = 16 << 10  # what a chunk sees of the one before, for boundaries, pairs and marks
AFTER = 64 << 10  # what it sees of the next: the longest match fits
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
# What a Kind says that changes what is found; the rest of it needs no new scan.
_DETECTING = (
    *("id", "pattern", "anchors", "grade", "checksum", "checksum_certain", "entropy_min"),
    *("partner", "partner_within", "plugin"),
)


@dataclass(frozen=True, slots=True)
class _Hit:
    """A confirmed match; `start` counts from the text's beginning."""

    rule: Rule
    span: Span
    start: int
    text: str
    suppressed: str


class Engine:
    """Finds credentials of `kinds`. `serialised` is what `serialised()` of an engine of the same
    ruleset gave, to spare compiling; another machine's is not used. One instance, one thread.
    """

    def __init__(self, kinds: Sequence[Kind], serialised: bytes | None = None) -> None:
        self.ruleset = ruleset_of(kinds)
        self._rules = [compile_rule(kind) for kind in kinds]
        located = {index for index, rule in enumerate(self._rules) if rule.needs_ends}
        self._prefilter = Prefilter([kind.pattern for kind in kinds], located, serialised)
        self._generic = Generic({kind.plugin for kind in kinds if kind.plugin})

    def serialised(self) -> bytes:
        """Return the compiled database, for a cache keyed by the ruleset."""
        return self._prefilter.serialised()

    def find(self, document: Document) -> Iterator[Finding]:
        """Yield each credential once a part, where it first stands without an allow-list mark.

        A notebook's findings stand at its parts. In time linear to the document.
        """
        data, locator = document.data, document.locator
        if data[:2] in _UTF16:
            # perhaps only the start of some binary format: it is read both ways
            text = data.decode("utf-16", errors="replace").encode(errors="replace")
            return chain(
                self._find(locator, data, document.medium),
                self._find(locator, text.removeprefix(codecs.BOM_UTF8), document.medium),
            )
        return self._find(locator, data, document.medium)

    def _find(self, locator: Locator, data: bytes, medium: Medium) -> Iterator[Finding]:
        parts = None if locator.part else notebook_parts(data)
        if parts is not None:
            return self._in_parts(locator, parts)
        if len(data) <= CHUNK:
            may_match = self._prefilter.hits(data)
            # nearly every document ends here
            if not may_match:
                return iter(())
            return _findings(data, self._hits(data, may_match), locator, medium)
        return _findings(data, self._hits_by_chunk(data), locator, medium)

    def _in_parts(self, locator: Locator, parts: Sequence[Part]) -> Iterator[Finding]:
        for part in parts:
            place = Locator(locator.source, locator.container, locator.item, part.name)
            yield from self.find(Document(place, part.text.encode(errors="replace"), part.medium))

    def _hits_by_chunk(self, data: bytes) -> list[_Hit]:
        """As `_hits`, chunk by chunk: each owns the matches that start in it."""
        found: list[_Hit] = []
        for at in range(0, len(data), CHUNK):
            first = max(0, at - BEFORE)
            view = data[first : at + CHUNK + AFTER]
            found += [
                replace(hit, start=hit.start + first)
                for hit in self._hits(view, self._prefilter.hits(view))
                if at <= hit.start + first < at + CHUNK
            ]
        return found

    def _hits(self, data: bytes, may_match: Mapping[int, Sequence[int]]) -> list[_Hit]:
        found: list[_Hit] = []
        for index, ends in may_match.items():
            rule = self._rules[index]
            for span in spans(rule, data, ends):
                text = span.value.decode(errors="replace")
                if self._confirms(rule.kind, data, span, text):
                    mark = suppression(data, span.start, span.end)
                    found.append(_Hit(rule, span, span.start, text, mark))
        return _without_known_better(found)

    def _confirms(self, kind: Kind, data: bytes, span: Span, text: str) -> bool:
        return is_credential(kind, text) and (
            not kind.plugin or self._generic.confirms(kind.plugin, data[slice(*span.whole)], text)
        )


def ruleset_of(kinds: Sequence[Kind]) -> str:
    """Return the digest that changes when the same text could give other findings."""
    rules = [[getattr(kind, name) for name in _DETECTING] for kind in kinds]
    return hashlib.sha256(json.dumps([VERSION, rules]).encode()).hexdigest()[:16]


def _without_known_better(hits: Sequence[_Hit]) -> list[_Hit]:
    """Drop the generic matches that share a byte with an issuer's kind's."""
    loud = [hit.span for hit in hits if hit.rule.kind.grade is Grade.ISSUER]
    taken = sorted(place for span in loud for place in ((span.start, span.end), span.other))
    # each with the furthest end so far, since a long match may cover many that start later
    ends = list(accumulate((end for _, end in taken), max))
    starts = [start for start, _ in taken]

    def gives_way(hit: _Hit) -> bool:
        before = bisect_left(starts, hit.span.end)
        return before > 0 and ends[before - 1] > hit.span.start

    quiet = Grade.GENERIC
    return [hit for hit in hits if hit.rule.kind.grade is not quiet or not gives_way(hit)]


def _findings(
    data: bytes, hits: Sequence[_Hit], locator: Locator, medium: Medium
) -> Iterator[Finding]:
    first: dict[tuple[KindId, str], _Hit] = {}
    for hit in sorted(hits, key=lambda hit: hit.start):
        key = (hit.rule.kind.id, canonical(hit.rule.kind.id, hit.text))
        if key not in first or (first[key].suppressed and not hit.suppressed):
            first[key] = hit
    line, at = 1, 0
    for (kind, text), hit in sorted(first.items(), key=lambda item: item[1].start):
        line, at = line + data.count(b"\n", at, hit.start), hit.start
        place = Locator(locator.source, locator.container, locator.item, locator.part, line)
        told = facts(hit.rule.kind, text)
        yield Finding(kind, Secret(text), place, medium, told, hit.suppressed)
