"""The exact check: where in a text a kind's pattern matches, and pairs joined by nearness."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

from correlate.kind import Kind
from detectors.packs.exact import Exact, compiled
from detectors.pairs import Half, joined, secrets_near
from detectors.pattern import is_named, named_parts

# A pattern that opens with at most a look-behind, then its group with the anchor as literal
# text, can only match where the anchor stands: no other place needs to be tried.
_BOUNDARY = re.compile(r"(?:\(\?<!\[[^\]]*\]\))?|\(\?:(?:\(\?<[!=][^()]*\)\|?)+\)")


_LOOK_AROUND = 64
_LONGEST_WINDOW = 8192


@dataclass(frozen=True, slots=True)
class Span:
    """Where a secret stands and its plain bytes; of a pair where its id stands, and `other`
    where its secret does. `whole` is the match with what must stand around the secret. `pair`
    tells which of several secrets an id is tried with, as "1 of 3".
    """

    start: int
    end: int
    value: bytes
    whole: tuple[int, int]
    other: tuple[int, int] = (0, 0)
    pair: str = ""


@dataclass(frozen=True, slots=True)
class Rule:
    """A kind with its patterns compiled, and how to come near its matches quickly.

    `literal` is what each match's group begins with; where there is none, `reach` bounds how
    many bytes a match spans (0: no bound is known, the whole text is searched). Of a `named`
    kind `pattern` is what follows right behind the name.
    """

    kind: Kind
    pattern: Exact
    partner: re.Pattern[bytes] | None
    literal: bytes
    reach: int
    named: bool = False
    width: int = 0  # of each match, where all are equally long

    def check(self) -> Callable[[memoryview, int], object] | None:
        """Return what tells whether a match ends at a place (of a named kind: follows there);
        None where one look cannot tell.
        """
        if self.kind.pack:
            return None  # RE2 looks at bytes only
        match, width = cast("Any", self.pattern).match, self.width
        if self.named:
            return cast("Callable[[memoryview, int], object]", match)
        return (lambda data, end: match(data, max(0, end - width))) if width else None


def compile_rule(kind: Kind) -> Rule:
    """Return the kind ready to search with. Raises ValueError for a pack's pattern without a bound."""
    if kind.pack:
        return Rule(kind, compiled(kind.pattern), None, b"", _reach(kind))
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
    """Yield each match in order of place; of a pair each id with its secret, or with up to three
    where it is unclear which is its own.

    `ends` are where matches may end, as a prefilter says, of a named kind where a name ends.
    """
    matched = filter(None, (_span(rule, match) for match in _matches(rule, data, ends)))
    # several names may lead to one value
    found = list({(span.start, span.end): span for span in matched}.values())
    if rule.partner is None:
        yield from found
        return
    within = rule.kind.partner_within
    ids = [Half(span.start, span.end, span.value) for span in found]
    secrets = secrets_near(rule.partner, data, ids, within)
    for span, own in zip(found, joined(ids, secrets, within), strict=True):
        for number, secret in enumerate(own, 1):
            yield replace(
                span,
                value=span.value + b":" + secret.value,
                other=(secret.start, secret.end),
                pair=f"{number} of {len(own)}" if len(own) > 1 else "",
            )


def _span(rule: Rule, match: re.Match[bytes]) -> Span | None:
    """The secret in a match, None where the group that holds it took no part."""
    group = rule.kind.secret_group
    for number in (group,) if group else range(1, rule.pattern.groups + 1):
        if match[number]:
            return Span(*match.span(number), match[number], match.span())
    return None if group else Span(*match.span(), match[0], match.span())


def _matches(rule: Rule, data: bytes, ends: Sequence[int]) -> Iterator[re.Match[bytes]]:
    if rule.named:
        yield from filter(None, (rule.pattern.match(data, end) for end in sorted(set(ends))))
        return
    near = _windows(ends, rule.reach) if rule.reach else [(0, len(data))]
    for start, stop in near:
        yield from (
            _literally(rule, data, start, stop)
            if rule.literal
            else _within(rule, data, start, stop)
        )


def _within(rule: Rule, data: bytes, start: int, stop: int) -> Iterator[re.Match[bytes]]:
    for match in rule.pattern.finditer(data, start, stop):
        if stop < len(data) and match.end() > stop - _LOOK_AROUND:
            # what stands beyond may carry the word on
            again = rule.pattern.match(data, match.start())
            if again is not None:
                yield again
        else:
            yield match


def _literally(rule: Rule, data: bytes, start: int, stop: int) -> Iterator[re.Match[bytes]]:
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
    return longest if shortest == longest and not kind.screen else 0


def _widths(kind: Kind) -> tuple[int, int]:
    """The shortest and the longest match, from the pattern's own syntax tree."""
    try:
        tree: Any = re._parser.parse(kind.pattern)  # type: ignore[attr-defined]  # noqa: SLF001  # no public way
    except re.error:  # a pack's, which RE2 understands
        return 0, _LONGEST_WINDOW + 1
    shortest, longest = tree.getwidth()
    return int(shortest), int(longest)
