"""What a pack declares harmless: its allow-lists and filters, asked about one candidate."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from correlate.kind import Allowance, Kind
from detectors.packs.exact import Exact, compiled
from detectors.packs.expr import parse

_REMEMBERED = 4096
_LINE_MOST = 8192  # characters of a line that are looked at, since one may hold a whole file


def refusal(kind: Kind, secret: str, match: str, line: str) -> str:
    """Return for which reason the kind's own pack rejects a candidate, or nothing.

    `match` is the pattern's whole match and `line` the line or lines that hold it; of a long one
    what stands around the match counts. The reason holds nothing of the candidate.
    """
    if not kind.allowances and not kind.drop_if:
        return ""
    near = _around(line, match)
    texts = {"secret": secret, "match": match, "line": near}
    for allowance in kind.allowances:
        if _holds(allowance, texts[allowance.target]):
            return f"allowed by the rule pack {kind.pack}"
    if kind.drop_if and parse(kind.drop_if).drops(secret, match, near):
        return f"dropped by a filter of the rule pack {kind.pack}"
    return ""


def _holds(allowance: Allowance, text: str) -> bool:
    given = []
    if allowance.patterns:
        given.append(_any_of(allowance.patterns).search(text.encode()) is not None)
    if allowance.words:
        lower = text.lower()
        given.append(any(word in lower for word in _lowered(allowance.words)))
    return bool(given) and (all(given) if allowance.all_of else any(given))


@lru_cache(maxsize=_REMEMBERED)
def _any_of(patterns: Sequence[str]) -> Exact:
    return compiled("|".join(f"(?:{pattern})" for pattern in patterns))


@lru_cache(maxsize=_REMEMBERED)
def _lowered(words: Sequence[str]) -> tuple[str, ...]:
    return tuple(word.lower() for word in words)


def _around(line: str, match: str) -> str:
    if len(line) <= _LINE_MOST:
        return line
    start = max(0, line.find(match[:_LINE_MOST]) - _LINE_MOST // 4)
    return line[start : start + max(_LINE_MOST, len(match) + _LINE_MOST // 2)]
