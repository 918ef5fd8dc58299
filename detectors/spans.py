"""The exact check: where in a text a kind's pattern matches, and pairs joined by nearness."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from correlate.kind import Kind

# A pattern that opens with at most a look-behind, then its group with the anchor as literal
# text, can only match where the anchor stands: no other place needs to be tried.
_BOUNDARY = re.compile(r"(?:\(\?<!\[[^\]]*\]\))?|\(\?:(?:\(\?<[!=][^()]*\)\|?)+\)")


@dataclass(frozen=True, slots=True)
class Span:
    """Where a secret stands and its plain bytes; of a pair where its id stands, and `other`
    where its secret does.
    """

    start: int
    end: int
    value: bytes
    other: tuple[int, int] = (0, 0)

    def covers(self, start: int, end: int) -> bool:
        """Whether it shares a byte with `start:end`."""
        return (self.start < end and start < self.end) or (
            self.other[0] < end and start < self.other[1]
        )


@dataclass(frozen=True, slots=True)
class Rule:
    """A kind with its patterns compiled. `literal` is what each match's group begins with."""

    kind: Kind
    pattern: re.Pattern[bytes]
    partner: re.Pattern[bytes] | None
    literal: bytes


def compile_rule(kind: Kind) -> Rule:
    """Return the kind ready to search with."""
    return Rule(
        kind,
        re.compile(kind.pattern.encode()),
        re.compile(kind.partner.encode()) if kind.partner else None,
        _literal(kind),
    )


def spans(rule: Rule, data: bytes) -> Iterator[Span]:
    """Yield each match in order of place; of a pair each id with its secret, if it has one."""
    found = [Span(*match.span(1), match[1]) for match in _matches(rule, data)]
    if rule.partner is None:
        yield from found
        return
    for index, span in enumerate(found):
        secret = _partner(rule.partner, rule.kind.partner_within, data, found, index)
        if secret is not None:
            value = span.value + b":" + secret[1]
            yield Span(span.start, span.end, value, secret.span(1))


def _matches(rule: Rule, data: bytes) -> Iterator[re.Match[bytes]]:
    if not rule.literal:
        yield from rule.pattern.finditer(data)
        return
    at = data.find(rule.literal)
    while at >= 0:
        match = rule.pattern.match(data, at)
        if match is not None:
            yield match
        at = data.find(rule.literal, at + 1 if match is None else match.end())


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
        head, found, _ = kind.pattern.partition("(" + anchor)
        plain = re.escape(anchor).replace(r"\-", "-") == anchor
        if found and plain and _BOUNDARY.fullmatch(head):
            return anchor.encode()
    return b""
