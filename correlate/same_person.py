"""Which workers of personnel feeds are one person, and never by a name alone.

Within one feed a worker id is one person. Personnel systems number their workers from the same
low numbers, so across feeds it takes more: an address that each holds for one worker only, at
overlapping times. Whoever is taken on goes on under a new number: the same name and an address in
common make one person of two spells of which one follows the other within a month; after that the
address may have been given to somebody else. Where a number alone would join two, they stay two.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from correlate.departure import access_ends_at
from correlate.identity import address
from correlate.memory import listed_by
from correlate.model import PeopleSnapshot, Worker

_FIRST = datetime.min.replace(tzinfo=UTC)
_LAST = datetime.max.replace(tzinfo=UTC)
SHARED = 32  # spells that are tied to an address which is still somebody's own
MONTH = timedelta(days=31)
Key = tuple[str, str]  # a feed's name and the id of a worker, or of an account, in it


def rows_of(snapshots: Iterable[PeopleSnapshot]) -> dict[Key, list[Worker]]:
    """Return what feeds say of each worker; a feed and its memory are one."""
    rows: dict[Key, list[Worker]] = defaultdict(list)
    for snap in snapshots:
        feed = listed_by(snap.feed)
        for worker in snap.workers:
            rows[feed, str(worker.worker_id)].append(worker)
    return rows


def one_person(
    rows: Mapping[Key, Sequence[Worker]], snapshots: Sequence[PeopleSnapshot]
) -> dict[Key, Key]:
    """Return for each key the first of those that are the same person."""
    parent: dict[Key, Key] = {}

    def root(key: Key) -> Key:
        while key in parent:
            key = parent[key]
        return key

    for left, right in (*_by_person_key(rows), *_by_address(rows, snapshots)):
        first, second = sorted((root(left), root(right)))
        if first != second:
            parent[second] = first
    return {key: root(key) for key in parent}


def begins(spells: Iterable[Worker]) -> datetime:
    """Return when the first of some spells begins, as far back as can be where one does not say."""
    return min(spell.starts_at or _FIRST for spell in spells)


class _Tie(NamedTuple):
    """That a worker is tied to an address by one spell; `stated` by a personnel feed."""

    key: Key
    spell: Worker
    stated: bool


class _Span(NamedTuple):
    """A tie with its time, and the name at that time, folded."""

    key: Key
    since: datetime
    until: datetime
    name: str
    stated: bool


def _by_person_key(rows: Mapping[Key, Sequence[Worker]]) -> Iterator[tuple[Key, Key]]:
    by_key: dict[Key, Key] = {}
    for (feed, number), spells in rows.items():
        for spell in spells:
            if spell.person_key:
                first = by_key.setdefault((feed, spell.person_key), (feed, number))
                if first != (feed, number):
                    yield first, (feed, number)


def _by_address(
    rows: Mapping[Key, Sequence[Worker]], snapshots: Sequence[PeopleSnapshot]
) -> Iterator[tuple[Key, Key]]:
    for ties in _ties(rows, snapshots).values():
        if 1 < len(ties) <= SHARED and len({tie.key for tie in ties}) > 1:
            spans = [_span(tie) for tie in ties]
            yield from _at_once([span for span in spans if span.stated])
            yield from _in_turn(spans)


def _ties(
    rows: Mapping[Key, Sequence[Worker]], snapshots: Sequence[PeopleSnapshot]
) -> Mapping[str, Sequence[_Tie]]:
    """Return the ties to every address. An account's addresses are those of the one worker whose
    number it carries.
    """
    held: dict[str, list[_Tie]] = defaultdict(list)
    by_number: dict[str, list[Key]] = defaultdict(list)
    for key, spells in rows.items():
        by_number[key[1]].append(key)
        for spell in spells:
            tie = _Tie(key, spell, stated=True)
            for mail in spell.emails:
                held[address(mail)].append(tie)
    for snap in snapshots:
        for account in snap.accounts:
            keys = by_number.get(account.worker_id or "", [])
            if len(keys) == 1:
                ties = [_Tie(keys[0], spell, stated=False) for spell in rows[keys[0]]]
                for mail in account.emails:
                    held[address(mail)] += ties
    return held


def _span(tie: _Tie) -> _Span:
    spell = tie.spell
    since, until = spell.starts_at or _FIRST, access_ends_at(spell) or _LAST
    return _Span(tie.key, since, until, " ".join(spell.name.casefold().split()), tie.stated)


def _at_once(spans: Sequence[_Span]) -> Iterator[tuple[Key, Key]]:
    """Yield pairs of different feeds that hold the address at one time, each for one worker."""
    for number, one in enumerate(spans):
        for other in spans[number + 1 :]:
            start, end = max(one.since, other.since), min(one.until, other.until)
            if other.key[0] == one.key[0] or start > end:
                continue
            together = {span.key for span in spans if span.since <= end and span.until >= start}
            if sum(key[0] in (one.key[0], other.key[0]) for key in together) == 2:  # noqa: PLR2004
                yield one.key, other.key


def _in_turn(spans: Sequence[_Span]) -> Iterator[tuple[Key, Key]]:
    """Yield pairs of the same name of which one took the address over from the other at once."""
    in_order = sorted(spans, key=lambda span: (span.since, span.until))
    for number, one in enumerate(in_order):
        for other in in_order[number + 1 :]:
            if other.key == one.key or not one.name or other.name != one.name:
                continue
            if one.until == _LAST or other.since - one.until <= MONTH:
                yield one.key, other.key
