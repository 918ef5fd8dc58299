"""Which secret belongs to which id, where a credential is a pair of both."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from detectors.decode import unescaped

MOST = 3  # secrets that are tried with one id
_CLEARLY = 4  # so many times nearer than the next, a secret is the id's own
_BESIDE = 16  # bytes that no distance is told by: a name, quotes, a line end
_TRIED = 8  # taken secrets are passed by, but not without end
_LOOKS_BEHIND = 64  # what a partner's pattern may see around its match
# a word with escapes in it, as JSON and URLs write a "/" or a "+"
_ESCAPE = rb"(?:%[0-9A-Fa-f]{2}|\\u00[0-9A-Fa-f]{2}|\\x[0-9A-Fa-f]{2}|\\/)"
_ESCAPED = re.compile(_ESCAPE)
_ESCAPED_WORD = re.compile(
    rb"[0-9A-Za-z+/_.~-]{0,200}" + _ESCAPE + rb"(?:[0-9A-Za-z+/_.~-]|" + _ESCAPE + rb"){0,400}"
)


@dataclass(frozen=True, slots=True)
class Half:
    """An id or a secret: where it stands and its plain bytes."""

    start: int
    end: int
    value: bytes


def secrets_near(
    partner: re.Pattern[bytes], data: bytes, ids: Sequence[Half], within: int
) -> list[Half]:
    """Return what `partner` matches at most `within` bytes from an id, in order of place, also
    where slashes and signs in it are escaped. Nothing in it shares a byte with an id.
    """
    found: dict[int, Half] = {}
    for start, stop in _around(ids, within, len(data)):
        room = min(len(data), stop + _LOOKS_BEHIND)
        for match in partner.finditer(data, start, room):
            if match.end(1) <= stop:
                found[match.start(1)] = Half(*match.span(1), match[1])
        if _ESCAPED.search(data, start, room) is None:
            continue  # looking for words costs much more than looking for escapes
        for word in _ESCAPED_WORD.finditer(data, start, room):
            if (plain := partner.search(unescaped(word[0]))) is not None:
                found.setdefault(word.start(), Half(*word.span(), plain[1]))
    starts = [one.start for one in ids]
    return [found[at] for at in sorted(found) if not _meets(found[at], ids, starts)]


def joined(ids: Sequence[Half], secrets: Sequence[Half], within: int) -> list[Sequence[Half]]:
    """Return for each id the secrets that may be its own: the one neighbour where that is clear,
    else up to `MOST` of the nearest that are not clearly another's. In time linear to both.
    """
    join = _Join(ids, secrets, within)
    join.follow()
    join.precede()
    return [join.own(index) or join.nearest(index) for index in range(len(ids))]


@dataclass(slots=True)
class _Join:
    ids: Sequence[Half]
    secrets: Sequence[Half]
    within: int
    starts: list[int] = field(init=False)
    taken: dict[int, int] = field(default_factory=dict)  # by a secret's number, its id's
    owns: dict[int, int] = field(default_factory=dict)  # the other way round

    def __post_init__(self) -> None:
        self.starts = [secret.start for secret in self.secrets]

    def follow(self) -> None:
        """From the first to the last, let ids take their clear neighbour."""
        for index in range(len(self.ids)):
            self._take(index)

    def precede(self) -> None:
        """From the last to the first, which settles those that wait for the next one's choice."""
        for index in reversed(range(len(self.ids))):
            self._take(index)

    def own(self, index: int) -> list[Half]:
        return [self.secrets[self.owns[index]]] if index in self.owns else []

    def nearest(self, index: int) -> list[Half]:
        """The nearest secrets that no id has for itself."""
        at = bisect_left(self.starts, self.ids[index].start)
        near = range(max(0, at - _TRIED), min(len(self.secrets), at + _TRIED))
        free = sorted((n for n in near if self._free(index, n)), key=lambda n: self._far(index, n))
        return [self.secrets[number] for number in free[:MOST]]

    def _take(self, index: int) -> None:
        if index in self.owns:
            return
        low, high, crowded = self._between(index)
        free = [number for number in range(low, high) if self._free(index, number)]
        free.sort(key=lambda number: self._far(index, number))
        if len(free) == 1 or (free and not crowded and self._clear(index, free)):
            self.owns[index], self.taken[free[0]] = free[0], index

    def _between(self, index: int) -> tuple[int, int, bool]:
        """The numbers of the secrets between the ids before and after; whether another id stands
        on one side without any between.
        """
        here = self.ids[index]
        before = self.ids[index - 1] if index else None
        after = self.ids[index + 1] if index + 1 < len(self.ids) else None
        at = bisect_left(self.starts, here.start)
        low = bisect_left(self.starts, before.end) if before else 0
        high = bisect_right(self.starts, after.start) if after else len(self.secrets)
        crowded = bool(
            (before and low == at and here.start - before.end <= self.within)
            or (after and high == at and after.start - here.end <= self.within)
        )
        return max(low, at - _TRIED), min(high, at + _TRIED), crowded

    def _free(self, index: int, number: int) -> bool:
        return number not in self.taken and self._far(index, number)[0] <= self.within

    def _clear(self, index: int, free: Sequence[int]) -> bool:
        nearest, next_one = (self._far(index, number)[0] + _BESIDE for number in free[:2])
        return nearest * _CLEARLY <= next_one

    def _far(self, index: int, number: int) -> tuple[int, bool]:
        """The bytes between an id and a secret; of two as far, the one that follows is first."""
        here, there = self.ids[index], self.secrets[number]
        if there.start >= here.end:
            return there.start - here.end, False
        return here.start - there.end, True


def _around(ids: Sequence[Half], within: int, size: int) -> Iterator[tuple[int, int]]:
    """The stretches that hold all that is near an id, apart from each other."""
    start, stop = 0, -1
    for one in ids:
        if one.start - within > stop:
            if stop >= 0:
                yield start, stop
            start = max(0, one.start - within)
        stop = min(size, one.end + within)
    if stop >= 0:
        yield start, stop


def _meets(secret: Half, ids: Sequence[Half], starts: Sequence[int]) -> bool:
    at = bisect_left(starts, secret.end)
    return at > 0 and ids[at - 1].end > secret.start
