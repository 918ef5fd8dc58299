"""The exact check: where in a text a kind's pattern matches, and pairs joined by nearness."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from correlate.kind import Kind
from detectors.pattern import is_named, named_parts

# A pattern that opens with at most a look-behind, then its group with the anchor as literal
# text, can only match where the anchor stands: no other place needs to be tried.
_BOUNDARY = re.compile(r"(?:\(\?<!\[[^\]]*\]\))?|\(\?:(?:\(\?<[!=][^()]*\)\|?)+\)")


_LOOK_AROUND = 64
_LONGEST_WINDOW = 8192


@dataclass(frozen=True, slots=True)
class Span:
    """Where a secret stands and its plain bytes; of a pair where its id stands, and `other`
    where its secret does. `whole` is the match with what must stand around the secret.
    """

    start: int
    end: int
    value: bytes
    whole: tuple[int, int]
    other: tuple[int, int] = (0, 0)


@dataclass(frozen=True, slots=True)
class Rule:
    """A kind with its patterns compiled, and how to come near its matches quickly.

    `literal` is what each match's group begins with; where there is none, `reach` bounds how
    many bytes a match spans (0: no bound is known, the whole text is searched). Of a `named`
    kind `pattern` is what follows right behind the name.
    """

    kind: Kind
    pattern: re.Pattern[bytes]
    partner: re.Pattern[bytes] | None
    literal: bytes
    reach: int
    named: bool = False
    width: int = 0  # of each match, where all are equally long

    def surely(self, data: memoryview, end: int) -> bool:
        """Whether a match ends at `end` (of a named kind: follows there), as far as that is told
        at one look; True where it is not.
        """
        if self.named:
            return self.pattern.match(data, end) is not None
        if self.width:
            return self.pattern.match(data, max(0, end - self.width)) is not None
        return True


def compile_rule(kind: Kind) -> Rule:
    """Return the kind ready to search with."""
    if is_named(kind.pattern):
        tail = re.compile(named_parts(kind.pattern)[1].encode())
        return Rule(kind, tail, None, b"", 0, named=True)
    return Rule(
        kind,
        re.compile(kind.pattern.encode()),
        re.compile(kind.partner.encode()) if kind.partner else None,
        _literal(kind),
        _reach(kind),
        width=_width(kind),
    )


def spans(rule: Rule, data: bytes, ends: Sequence[int]) -> Iterator[Span]:
    """Yield each match in order of place; of a pair each id with its secret, if it has one.

    `ends` are where matches may end, as a prefilter says, of a named kind where a name ends.
    """
    found = [Span(*match.span(1), match[1], match.span()) for match in _matches(rule, data, ends)]
    if rule.partner is None:
        yield from found
        return
    for index, span in enumerate(found):
        secret = _partner(rule.partner, rule.kind.partner_within, data, found, index)
        if secret is not None:
            value = span.value + b":" + secret[1]
            yield Span(span.start, span.end, value, span.whole, secret.span(1))


def _matches(rule: Rule, data: bytes, ends: Sequence[int]) -> Iterator[re.Match[bytes]]:
    if rule.named:
        yield from filter(None, (rule.pattern.match(data, end) for end in sorted(set(ends))))
        return
    near = _windows(ends, rule.reach) if rule.reach else [(0, len(data))]
    if not rule.literal:
        for start, stop in near:
            yield from rule.pattern.finditer(data, start, stop)
        return
    for start, stop in near:
        at = data.find(rule.literal, start, stop)
        while at >= 0:
            match = rule.pattern.match(data, at)
            if match is not None:
                yield match
            at = data.find(rule.literal, at + 1 if match is None else match.end(), stop)


def _windows(ends: Sequence[int], reach: int) -> Iterator[tuple[int, int]]:
    """The stretches that hold every match ending near `ends`, apart from each other."""
    start, stop = 0, -1
    for end in sorted(ends):
        if end - reach > stop:
            if stop >= 0:
                yield start, stop
            start = max(0, end - reach)
        stop = end + reach
    if stop >= 0:
        yield start, stop


def _partner(
    partner: re.Pattern[bytes], within: int, data: bytes, ids: list[Span], index: int
) -> re.Match[bytes] | None:
    """The secret that follows the id before another id comes, else the nearest that precedes it."""
    here = ids[index]
    after = ids[index + 1].start if index + 1 < len(ids) else len(data)
    following = partner.search(data, here.end, min(after, here.end + within))
    if following is not None:
        return following
    before = ids[index - 1].end if index else 0
    preceding = list(partner.finditer(data, max(before, here.start - within), here.start))
    return preceding[-1] if preceding else None


def _literal(kind: Kind) -> bytes:
    for anchor in kind.anchors if len(kind.anchors) == 1 else ():
        written = re.escape(anchor).replace(r"\-", "-").replace(r"\ ", " ")
        head, found, _ = kind.pattern.partition("(" + written)
        if found and _BOUNDARY.fullmatch(head):
            return anchor.encode()
    return b""


def _reach(kind: Kind) -> int:
    """The longest match with room for what looks around it."""
    _, longest = _widths(kind)
    return longest + _LOOK_AROUND if longest <= _LONGEST_WINDOW else 0


def _width(kind: Kind) -> int:
    shortest, longest = _widths(kind)
    return longest if shortest == longest else 0


def _widths(kind: Kind) -> tuple[int, int]:
    """The shortest and the longest match, from the pattern's own syntax tree."""
    tree: Any = re._parser.parse(kind.pattern)  # type: ignore[attr-defined]  # noqa: SLF001  # no public way
    shortest, longest = tree.getwidth()
    return int(shortest), int(longest)
