"""The store's scan verbs: scanned items, exposures, traces and issuers' answers."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, Select, and_, case, delete, func, or_, select
from sqlalchemy.sql.elements import ColumnElement

from connectors.store_access import AccessRows
from connectors.store_found import (
    hints_of,
    index_answers,
    index_exposures,
    mentioning,
    standing_in,
)
from connectors.store_packed import (
    AnswerRow,
    PackedFound,
    UseRow,
    answers_in,
    uses_in,
)
from connectors.store_rows import (
    chunks,
    dumped,
    insert_new,
    instant,
    keyed,
    loaded,
    streamed,
    upsert,
)
from connectors.store_schema import answer, exposure, scanned_item, whole_scan
from correlate.model import Exposure, KindId, Liveness, LivenessState, Locator, Place, Trace
from correlate.secret import Fingerprint
from correlate.stored import Answers, HintRow, Lifespan, Uses

_DEFINITE = (LivenessState.LIVE, LivenessState.LIVE_LIMITED, LivenessState.DEAD)
_KEY = itemgetter(0, 1)
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
        containers = {one.locator.container for one in found}
        stored = {}
        for some in keyed(exposure, (one.fingerprint for one in found)):
            query = select(exposure.c.data).where(some, exposure.c.container.in_(containers))
            for text in self.connection.scalars(query):
                one = loaded(Exposure, text)
                stored[_place(one)] = one
        return stored

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
        self, only: Collection[Fingerprint] | None = None
    ) -> Iterator[tuple[Exposure, ...]]:
        for _, texts in self._places(only):
            yield tuple(loaded(Exposure, text) for text in texts)

    def packed(
        self,
        at_once: int,
        only: Collection[Fingerprint] | None = None,
    ) -> Iterator[tuple[Sequence[Fingerprint], PackedFound]]:
        for chunk in chunks(self._places(only), at_once):
            names, places = [who for who, _ in chunk], [texts for _, texts in chunk]
            answers = self._answer_rows(names)
            used = {Fingerprint(row[0], row[1]) for row in answers if row[-1]}
            yield names, PackedFound(names, places, answers, self._use_rows(used))

    def _places(
        self, only: Collection[Fingerprint] | None
    ) -> Iterator[tuple[Fingerprint, list[str]]]:
        """Yield each credential with the texts of its places."""
        query = select(exposure.c.key_id, exposure.c.digest, exposure.c.data).order_by(*_ORDER)
        wanted = [query] if only is None else [query.where(some) for some in keyed(exposure, only)]
        for one in wanted:
            for key, rows in groupby(streamed(self.connection, one), key=_KEY):
                yield Fingerprint(*key), [text for _, _, text in rows]

    def how_many_places(self) -> int:
        return self.connection.scalar(select(func.count()).select_from(exposure)) or 0

    def standing_in(self, places: Collection[Place]) -> set[Fingerprint]:
        return standing_in(self.connection, places)

    def mentioning(self, handles: Collection[str]) -> set[Fingerprint]:
        return mentioning(self.connection, handles)

    def hints_of(self, fingerprints: Collection[Fingerprint]) -> Sequence[HintRow]:
        return hints_of(self.connection, fingerprints)

    def save_answer(self, fingerprint: Fingerprint, kind: KindId, given: Liveness) -> None:
        self.save_answers([(fingerprint, kind, given)])

    def save_answers(self, given: Sequence[tuple[Fingerprint, KindId, Liveness]]) -> None:
        known: set[tuple[Fingerprint, KindId, Liveness]] = set()
        at = {instant(said.at) for _, _, said in given}
        columns = select(answer.c.key_id, answer.c.digest, answer.c.kind, answer.c.data)
        for some in keyed(answer, (one for one, _, _ in given)):
            for key_id, digest, kind, text in streamed(
                self.connection, columns.where(some, answer.c.at.in_(at))
            ):
                known.add((Fingerprint(key_id, digest), KindId(kind), loaded(Liveness, text)))
        new = [_answer_row(*one) for one in given if one not in known]
        if new:
            self.connection.execute(answer.insert(), new)
        index_answers(self.connection, ((one, said) for one, _, said in given))

    def drop_answers(self, given: Sequence[tuple[Fingerprint, Liveness]]) -> None:
        dropped = set(given)
        numbers: list[int] = []
        columns = select(answer.c.number, answer.c.key_id, answer.c.digest, answer.c.data)
        for some in keyed(answer, (one for one, _ in given)):
            for number, key_id, digest, text in streamed(self.connection, columns.where(some)):
                if (Fingerprint(key_id, digest), loaded(Liveness, text)) in dropped:
                    numbers.append(number)
        for chunk in chunks(numbers):
            self.connection.execute(delete(answer).where(answer.c.number.in_(chunk)))

    def uses(self, fingerprints: Sequence[Fingerprint]) -> Mapping[Fingerprint, Uses]:
        found = uses_in(self._use_rows(fingerprints))
        return {one: found.get(one, Uses()) for one in fingerprints}

    def _use_rows(self, fingerprints: Collection[Fingerprint]) -> list[UseRow]:
        columns = select(answer.c.key_id, answer.c.digest, answer.c.asked_at, answer.c.used_at)
        return [
            row
            for some in keyed(answer, fingerprints)
            for row in streamed(self.connection, columns.where(some))
        ]

    def answers(self, only: Collection[Fingerprint] | None = None) -> Mapping[Fingerprint, Answers]:
        """Later rows win; rows of one instant count in the order they came."""
        return answers_in(self._answer_rows(only))

    def _answer_rows(self, only: Collection[Fingerprint] | None) -> list[AnswerRow]:
        last = _last_answers()
        wanted = [last] if only is None else [last.where(some) for some in keyed(answer, only)]
        return [row for one in wanted for row in streamed(self.connection, one)]

    def lifespans(self, only: Collection[Fingerprint]) -> Mapping[Fingerprint, Lifespan]:
        live: dict[Fingerprint, str] = {}
        dead: dict[Fingerprint, str] = {}
        columns = select(answer.c.key_id, answer.c.digest, answer.c.state, answer.c.at)
        definite = columns.where(answer.c.state.in_(_DEFINITE)).order_by(
            answer.c.at, answer.c.number
        )
        for some in keyed(answer, only):
            for key_id, digest, state, at in streamed(self.connection, definite.where(some)):
                who = Fingerprint(key_id, digest)
                if state == LivenessState.DEAD:
                    dead.setdefault(who, at)
                else:
                    live[who] = at
                    dead.pop(who, None)
        return {
            who: Lifespan(_at_or_never(live.get(who)), _at_or_never(dead.get(who)))
            for who in {*live, *dead}
        }

    def accepted(self) -> set[Fingerprint]:
        columns = select(answer.c.key_id, answer.c.digest).distinct()
        usable = [state for state in LivenessState if state.usable]
        rows = streamed(self.connection, columns.where(answer.c.state.in_(usable)))
        return {Fingerprint(key_id, digest) for key_id, digest in rows}

    def rejected(self) -> set[Fingerprint]:
        dead = select(answer.c.key_id, answer.c.digest).where(
            answer.c.state == LivenessState.DEAD, ~_later().exists()
        )
        return {Fingerprint(key_id, digest) for key_id, digest in streamed(self.connection, dead)}


def _last_answers() -> Select[Any]:
    """Return of each credential the last answer, and the last that is definite."""
    definite, newest = answer.c.state.in_(_DEFINITE), ~_later().exists()
    last = or_(newest, and_(definite, ~_later(definite=True).exists()))
    flags = (case((one, 1), else_=0) for one in (definite, newest))
    columns = (answer.c.key_id, answer.c.digest, answer.c.data, *flags, answer.c.used_at)
    return select(*columns).where(last)


def _later(*, definite: bool = False) -> Select[Any]:
    """Return the answers on the same credential that count as later; of one instant those that came
    later.
    """
    later = answer.alias()
    found = select(later.c.number).where(
        later.c.key_id == answer.c.key_id,
        later.c.digest == answer.c.digest,
        later.c.at >= answer.c.at,  # what follows alone does not let an index be used
        or_(later.c.at > answer.c.at, later.c.number > answer.c.number),
    )
    return found.where(later.c.state.in_(_DEFINITE)) if definite else found


def _at_or_never(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


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
