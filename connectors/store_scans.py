"""The store's scan verbs: scanned items, exposures, traces and issuers' answers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, Select, and_, delete, func, select, tuple_
from sqlalchemy.sql.elements import ColumnElement

from connectors.store_access import AccessRows
from connectors.store_found import (
    hints_of,
    index_answers,
    index_exposures,
    mentioning,
    standing_in,
)
from connectors.store_rows import chunks, dumped, insert_new, instant, loaded, streamed, upsert
from connectors.store_schema import answer, exposure, scanned_item, whole_scan
from correlate.model import Exposure, KindId, Liveness, LivenessState, Locator, Place, Trace
from correlate.ports_store import Answers, HintRow, Uses
from correlate.secret import Fingerprint

_DEFINITE = (LivenessState.LIVE, LivenessState.LIVE_LIMITED, LivenessState.DEAD)
_KEY, _DATA = itemgetter(0, 1), itemgetter(2)
_ORDER = (
    *(exposure.c.key_id, exposure.c.digest, exposure.c.source, exposure.c.container),
    *(exposure.c.item, exposure.c.part, exposure.c.line),
)


@dataclass(frozen=True, slots=True)
class ScanRows:
    """`ScanVerbs` over one connection."""

    connection: Connection

    @property
    def access(self) -> AccessRows:
        """The readers of the containers that places stand in."""
        return AccessRows(self.connection)

    def unscanned(self, ruleset: str, items: Sequence[str]) -> list[str]:
        known: set[str] = set()
        for chunk in chunks(items):
            query = select(scanned_item.c.item).where(
                scanned_item.c.ruleset == ruleset, scanned_item.c.item.in_(chunk)
            )
            known.update(self.connection.scalars(query))
        return [item for item in items if item not in known]

    def mark_scanned(self, ruleset: str, items: Sequence[str]) -> None:
        for chunk in chunks(items):
            rows = [{"ruleset": ruleset, "item": item} for item in chunk]
            insert_new(self.connection, scanned_item, rows)

    def whole_scans(self, source: str) -> Mapping[str, str]:
        query = select(whole_scan.c.container, whole_scan.c.state)
        rows = self.connection.execute(query.where(whole_scan.c.source == source))
        return {row.container: row.state for row in rows}

    def save_whole_scans(self, source: str, states: Mapping[str, str]) -> None:
        rows = [
            {"source": source, "container": container, "state": state}
            for container, state in states.items()
        ]
        upsert(self.connection, whole_scan, rows)

    def save_exposures(self, exposures: Iterable[Exposure], now: datetime) -> None:
        for chunk in chunks(exposures, 500):
            stored = self._stored(chunk)
            kept: dict[tuple[str, ...], Exposure] = {}
            for found in chunk:
                old = kept.get(_place(found)) or stored.get(_place(found))
                kept[_place(found)] = replace(
                    found,
                    trace=_bare(found.trace) or (old.trace if old else None),
                    first_seen_at=old.first_seen_at if old else now,
                    last_seen_at=now,
                )
            self._save_readers((found.trace for found in chunk), now)
            upsert(self.connection, exposure, [_row(one) for one in kept.values()])
            index_exposures(self.connection, kept.values())

    def _stored(self, found: Iterable[Exposure]) -> dict[tuple[str, ...], Exposure]:
        found = list(found)
        query = select(exposure.c.data).where(
            exposure.c.digest.in_({one.fingerprint.digest for one in found}),
            exposure.c.container.in_({one.locator.container for one in found}),
        )
        known = (loaded(Exposure, text) for text in self.connection.scalars(query))
        return {_place(one): one for one in known}

    def _save_readers(self, traces: Iterable[Trace | None], now: datetime) -> None:
        """Of the places of one container the readers are mostly the same."""
        lists = {
            ((trace.locator.source, trace.locator.container), trace.readers)
            for trace in traces
            if trace is not None and trace.readers
        }
        for place, readers in lists:
            self.access.save_readers(place, readers, now)

    def exposures_of_items(self, items: Sequence[str]) -> list[Exposure]:
        found = []
        for chunk in chunks(items):
            query = select(exposure.c.data).where(exposure.c.item.in_(chunk))
            found += [loaded(Exposure, text) for text in self.connection.scalars(query)]
        return found

    def untraced(self, source: str) -> list[Locator]:
        query = select(exposure.c.data).where(exposure.c.source == source, exposure.c.traced == 0)
        found = {loaded(Exposure, text).locator for text in self.connection.scalars(query)}
        return sorted(found)

    def save_trace(self, trace: Trace, now: datetime) -> None:
        query = select(exposure.c.data).where(_at(trace.locator))
        traced = [
            replace(loaded(Exposure, text), trace=_bare(trace))
            for text in self.connection.scalars(query)
        ]
        self._save_readers([trace], now)
        upsert(self.connection, exposure, [_row(one) for one in traced])
        index_exposures(self.connection, traced)

    def exposures(self, fingerprint: Fingerprint | None = None) -> list[Exposure]:
        query = select(exposure.c.data).order_by(*_ORDER)
        if fingerprint is not None:
            query = query.where(
                exposure.c.key_id == fingerprint.key_id, exposure.c.digest == fingerprint.digest
            )
        return [loaded(Exposure, text) for text in self.connection.scalars(query)]

    def by_credential(
        self,
        only: Collection[Fingerprint] | None = None,
        but: Collection[Fingerprint] = frozenset(),
    ) -> Iterator[tuple[Exposure, ...]]:
        query = select(exposure.c.key_id, exposure.c.digest, exposure.c.data).order_by(*_ORDER)
        wanted = [query]
        if only is not None:
            digests = sorted({one.digest for one in only})
            wanted = [query.where(exposure.c.digest.in_(chunk)) for chunk in chunks(digests)]
        for one in wanted:
            rows = streamed(self.connection, one)
            for key, places in groupby(rows, key=_KEY):
                if Fingerprint(*key) not in but:
                    yield tuple(loaded(Exposure, text) for text in map(_DATA, places))

    def standing_in(self, places: Collection[Place]) -> set[Fingerprint]:
        return standing_in(self.connection, places)

    def mentioning(self, handles: Collection[str]) -> set[Fingerprint]:
        return mentioning(self.connection, handles)

    def hints_of(self, fingerprints: Collection[Fingerprint]) -> Sequence[HintRow]:
        return hints_of(self.connection, fingerprints)

    def save_answer(self, fingerprint: Fingerprint, kind: KindId, given: Liveness) -> None:
        self.save_answers([(fingerprint, kind, given)])

    def save_answers(self, given: Sequence[tuple[Fingerprint, KindId, Liveness]]) -> None:
        rows = [_answer_row(*one) for one in given]
        known: set[tuple[object, ...]] = set()
        for chunk in chunks(sorted({row["digest"] for row in rows})):
            at = {row["at"] for row in rows}
            same = select(answer).where(answer.c.digest.in_(chunk), answer.c.at.in_(at))
            known.update(tuple(row)[1:] for row in self.connection.execute(same))
        new = [row for row in rows if tuple(row.values()) not in known]
        if new:
            self.connection.execute(answer.insert(), new)
        index_answers(self.connection, ((one, said) for one, _, said in given))

    def drop_answers(self, given: Sequence[tuple[Fingerprint, Liveness]]) -> None:
        texts = {said: dumped(said) for said in {said for _, said in given}}
        same = tuple_(answer.c.key_id, answer.c.digest, answer.c.at, answer.c.data)
        for chunk in chunks(given):
            rows = [(one.key_id, one.digest, instant(said.at), texts[said]) for one, said in chunk]
            self.connection.execute(delete(answer).where(same.in_(rows)))

    def uses(self, fingerprints: Sequence[Fingerprint]) -> Mapping[Fingerprint, Uses]:
        wanted = set(fingerprints)
        asked: dict[Fingerprint, set[datetime]] = defaultdict(set)
        used: dict[Fingerprint, set[datetime]] = defaultdict(set)
        columns = select(answer.c.key_id, answer.c.digest, answer.c.asked_at, answer.c.used_at)
        for chunk in chunks([fingerprint.digest for fingerprint in wanted]):
            for row in self.connection.execute(columns.where(answer.c.digest.in_(chunk))):
                fingerprint = Fingerprint(row.key_id, row.digest)
                for found, text in ((asked, row.asked_at), (used, row.used_at)):
                    if text and fingerprint in wanted:
                        found[fingerprint].add(datetime.fromisoformat(text))
        return {one: Uses(tuple(asked[one]), tuple(used[one])) for one in wanted}

    def answers(self, only: Collection[Fingerprint] | None = None) -> Mapping[Fingerprint, Answers]:
        """Later rows win; rows of one instant count in the order they came."""
        latest = self._last_answers(only, definite=False)
        definite = self._last_answers(only, definite=True)
        return {
            fingerprint: Answers(definite.get(fingerprint), said)
            for fingerprint, said in latest.items()
        }

    def rejected(self) -> set[Fingerprint]:
        ranked = _newest_first(answer.c.state).subquery()
        dead = select(ranked.c.key_id, ranked.c.digest).where(
            ranked.c.newest == 1, ranked.c.state == LivenessState.DEAD
        )
        return {Fingerprint(key_id, digest) for key_id, digest in streamed(self.connection, dead)}

    def _last_answers(
        self, only: Collection[Fingerprint] | None, *, definite: bool
    ) -> dict[Fingerprint, Liveness]:
        inner = _newest_first(answer.c.data)
        if definite:
            inner = inner.where(answer.c.state.in_(_DEFINITE))
        wanted = [inner]
        if only is not None:
            digests = sorted({one.digest for one in only})
            wanted = [inner.where(answer.c.digest.in_(chunk)) for chunk in chunks(digests)]
        found = {}
        for one in wanted:
            ranked = one.subquery()
            columns = select(ranked.c.key_id, ranked.c.digest, ranked.c.data)
            newest = columns.where(ranked.c.newest == 1)
            for key_id, digest, data in streamed(self.connection, newest):
                found[Fingerprint(key_id, digest)] = loaded(Liveness, data)
        return found


def _newest_first(column: ColumnElement[str]) -> Select[Any]:
    newest = func.row_number().over(
        partition_by=(answer.c.key_id, answer.c.digest),
        order_by=(answer.c.at.desc(), answer.c.number.desc()),
    )
    return select(answer.c.key_id, answer.c.digest, column, newest.label("newest"))


def _answer_row(fingerprint: Fingerprint, kind: KindId, given: Liveness) -> dict[str, Any]:
    """A row without its number, its columns in the table's order."""
    return {
        "key_id": fingerprint.key_id,
        "digest": fingerprint.digest,
        "kind": str(kind),
        "state": given.state.value,
        "at": instant(given.at),
        "asked_at": instant(given.asked_at) if given.asked_at else None,
        "used_at": instant(given.last_used_at) if given.last_used_at else None,
        "data": dumped(given),
    }


def _at(place: Locator) -> ColumnElement[bool]:
    columns = ("source", "container", "item", "part", "line")
    return and_(*(exposure.c[name] == getattr(place, name) for name in columns))


def _place(found: Exposure) -> tuple[str, ...]:
    where = found.locator
    return (
        *(found.fingerprint.key_id, found.fingerprint.digest, where.source, where.container),
        *(where.item, where.part, str(where.line)),
    )


def _bare(trace: Trace | None) -> Trace | None:
    return trace and replace(trace, readers=())


def _row(found: Exposure) -> dict[str, Any]:
    place = found.locator
    return {
        "key_id": found.fingerprint.key_id,
        "digest": found.fingerprint.digest,
        "source": place.source,
        "container": place.container,
        "item": place.item,
        "part": place.part,
        "line": place.line,
        "traced": int(found.trace is not None),
        "data": dumped(found),
    }
