"""One document, taken apart: its text, what is encoded in it, its notebook cells, its archive's
files, and the same of each of those, so deep and no deeper.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from correlate.model import Document, Finding, KindId, Locator, Medium, Skip
from correlate.secret import Secret
from detectors.archive import Allowance, Member, is_packed, members
from detectors.decode import Coded, coded_texts
from detectors.encodings import Encoding
from detectors.facts import facts
from detectors.forms.known import form_of
from detectors.matching import Hit, Matcher
from detectors.notebook import notebook_parts
from detectors.prefilter import Ends

MOST_LAYERS = 5  # encodings and archives within each other
INSIDE = "!/"  # between an archive's name and that of a file in it


@dataclass(frozen=True, slots=True)
class _Placed:
    """A hit with its line in its part, and how it was encoded there."""

    hit: Hit
    line: int
    encoded: tuple[str, ...]


@dataclass(slots=True)
class Reading:
    """The reading of one document."""

    matcher: Matcher
    document: Document
    allowance: Allowance = field(default_factory=Allowance)

    def pieces(self, seen: Ends | None = None) -> Iterator[Finding | Skip]:
        """Yield what was found, part by part, and what was not looked into."""
        here = self.document
        return self._part(here.locator.part, here.data, here.medium, 0, seen)

    def _part(
        self, name: str, data: bytes, medium: Medium, depth: int, seen: Ends | None = None
    ) -> Iterator[Finding | Skip]:
        cells = None if name and not depth else notebook_parts(data)
        if cells is not None:
            for cell in cells:
                inside = _within(name, cell.name)
                text = cell.text.encode(errors="replace")
                yield from self._part(inside, text, cell.medium, max(depth, 1))
            return
        found: list[_Placed] = []
        told: set[tuple[KindId, str]] = set()
        if is_packed(data):
            for piece in self._packed(name, data, medium, depth, found):
                if isinstance(piece, Finding):
                    told.add((piece.kind, piece.secret.reveal()))
                yield piece
        found += self._placed(data, depth, seen)
        for finding in self._findings(name, medium, found):
            # a tar holds its files as they are: what stands in one is told there
            if (finding.kind, finding.secret.reveal()) not in told:
                yield finding

    def _packed(
        self, name: str, data: bytes, medium: Medium, depth: int, found: list[_Placed]
    ) -> Iterator[Finding | Skip]:
        """The files in an archive as parts of their own; a compressed text as part of this one."""
        if depth >= MOST_LAYERS:
            yield self._skip(name, f"more than {MOST_LAYERS} layers of archives and encodings")
            return
        for member in members(data, self.allowance):
            if not isinstance(member, Member):
                place = _within(name, member.name)
                yield self._skip(place, member.reason, by_design=member.by_design)
            elif member.name:
                yield from self._part(_within(name, member.name), member.data, medium, depth + 1)
            elif is_packed(member.data) or b'"nbformat"' in member.data:
                yield from self._part(name, member.data, medium, depth + 1)
            else:
                found += self._placed(member.data, depth + 1)

    def _placed(self, data: bytes, depth: int, seen: Ends | None = None) -> Iterator[_Placed]:
        """The hits in a text and in what is encoded in it, with their lines."""
        look = self.matcher.look(data, seen)
        lines = _Lines(data)
        for hit in sorted(look.hits, key=lambda hit: hit.start):
            yield _Placed(hit, lines.at(hit.start), ())
        if look.encoded and depth < MOST_LAYERS:
            yield from self._decoded(data, look.encoded, depth)

    def _decoded(
        self, data: bytes, encoded: Mapping[Encoding, Sequence[int]], depth: int
    ) -> Iterator[_Placed]:
        lines = _Lines(data)
        for coded in coded_texts(data, encoded):
            line = 0
            for placed in self._opened(coded, depth):
                line = line or lines.at(coded.start)
                yield replace(
                    placed,
                    line=line + placed.line - 1 if coded.keeps_lines else line,
                    encoded=(coded.encoding.value, *placed.encoded),
                )

    def _opened(self, coded: Coded, depth: int) -> Iterator[_Placed]:
        """The hits in what an encoded text holds, which is looked into in vain but once."""
        barren, dropped = self.matcher.barren, self.matcher.dropped
        what = coded.encoding, depth, coded.raw
        told = barren.get(*what)
        if told is not None:
            dropped.update(told)
            return
        before, found = dropped.copy(), False
        for text in coded.texts():
            for placed in self._placed_within(text, depth + 1):
                found = True
                yield placed
        if not found and self.allowance == Allowance():  # no bound of this document's took part
            barren.put(dropped - before, *what)

    def _placed_within(self, text: bytes, depth: int) -> Iterator[_Placed]:
        """As `_placed`, with what a packed text holds: it has no parts of its own here."""
        if is_packed(text) and depth < MOST_LAYERS:
            for member in members(text, self.allowance):
                if isinstance(member, Member):
                    for placed in self._placed_within(member.data, depth + 1):
                        yield replace(placed, encoded=(Encoding.PACKED.value, *placed.encoded))
        yield from self._placed(text, depth)

    def _findings(self, name: str, medium: Medium, found: list[_Placed]) -> Iterator[Finding]:
        first: dict[tuple[KindId, str], _Placed] = {}
        for placed in sorted(
            _without_pieces(found), key=lambda item: (item.line, len(item.encoded))
        ):
            kind = placed.hit.kind
            key = (kind.id, form_of(kind).spelling(placed.hit.text))
            if key not in first or (_quiet(first[key].hit) and not _quiet(placed.hit)):
                first[key] = placed
        at = self.document.locator
        for (kind_id, text), placed in sorted(first.items(), key=lambda item: item[1].line):
            told = dict(facts(placed.hit.kind, placed.hit.text))
            if placed.hit.span.pair:
                told["pair"] = placed.hit.span.pair
            if placed.encoded:
                told["encoded"] = ", ".join(placed.encoded)
            place = Locator(at.source, at.container, at.item, name, placed.line)
            yield Finding(kind_id, Secret(text), place, medium, told, _quiet(placed.hit))

    def _skip(self, part: str, reason: str, *, by_design: bool = False) -> Skip:
        at = self.document.locator
        where = f"{part}: " if part else ""
        return Skip(at.source, at.container, at.item, where + reason, by_design)


class _Lines:
    """The line, from 1, of places in a text that are asked for in rising order."""

    def __init__(self, data: bytes) -> None:
        self._data, self._at, self._line = data, 0, 1

    def at(self, place: int) -> int:
        if place < self._at:
            self._at, self._line = 0, 1
        self._line += self._data.count(b"\n", self._at, place)
        self._at = place
        return self._line


def _without_pieces(found: Sequence[_Placed]) -> list[_Placed]:
    """Without what is only the beginning of a literal that was found whole."""
    whole = {
        (placed.hit.kind.id, placed.hit.text)
        for placed in found
        if Encoding.SPLIT.value in placed.encoded
    }
    return [
        placed
        for placed in found
        if not any(
            kind == placed.hit.kind.id and text != placed.hit.text
            and text.startswith(placed.hit.text)
            for kind, text in whole
        )
    ]  # fmt: skip


def _quiet(hit: Hit) -> str:
    return f"dropped: {hit.dropped}" if hit.dropped else hit.suppressed


def _within(outer: str, inner: str) -> str:
    return f"{outer}{INSIDE}{inner}" if outer and inner else outer or inner
