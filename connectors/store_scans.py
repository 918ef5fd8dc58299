"""The store's scan verbs: scanned items, exposures, traces and issuers' answers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, delete, select, tuple_, update
from sqlalchemy.sql.elements import ColumnElement

from connectors.store_rows import chunks, dumped, insert_new, instant, loaded, upsert
from connectors.store_schema import answer, exposure, scanned_item, whole_scan
from correlate.model import Exposure, KindId, Liveness, LivenessState, Locator, Trace
from correlate.ports_store import Answers, Uses
from correlate.secret import Fingerprint

_DEFINITE = (LivenessState.LIVE, LivenessState.LIVE_LIMITED, LivenessState.DEAD)


@dataclass(frozen=True, slots=True)
class ScanRows:
    """`ScanVerbs` over one connection."""

    connection: Connection

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
        for found in exposures:
            stored = self._stored(found)
            kept = replace(
                found,
                trace=found.trace or (stored.trace if stored else None),
                first_seen_at=stored.first_seen_at if stored else now,
                last_seen_at=now,
            )
            upsert(self.connection, exposure, [_row(kept)])

    def _stored(self, found: Exposure) -> Exposure | None:
        text = self.connection.scalar(select(exposure.c.data).where(_same_place(found)))
        return loaded(Exposure, text) if text else None

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

    def save_trace(self, trace: Trace) -> None:
        place = trace.locator
        query = select(exposure.c.data).where(_at(place))
        for text in list(self.connection.scalars(query)):
            traced = replace(loaded(Exposure, text), trace=trace)
            self.connection.execute(
                update(exposure).where(_same_place(traced)).values(**_row(traced))
            )

    def exposures(self, fingerprint: Fingerprint | None = None) -> list[Exposure]:
        query = select(exposure.c.data).order_by(
            exposure.c.digest, exposure.c.source, exposure.c.container, exposure.c.item,
            exposure.c.part, exposure.c.line,
        )  # fmt: skip
        if fingerprint is not None:
            query = query.where(
                exposure.c.key_id == fingerprint.key_id, exposure.c.digest == fingerprint.digest
            )
        return [loaded(Exposure, text) for text in self.connection.scalars(query)]

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

    def answers(self) -> Mapping[Fingerprint, Answers]:
        """Later rows win; rows of one instant count in the order they came."""
        query = select(answer.c.key_id, answer.c.digest, answer.c.state, answer.c.data)
        latest: dict[Fingerprint, str] = {}
        definite: dict[Fingerprint, str] = {}
        for row in self.connection.execute(query.order_by(answer.c.at, answer.c.number)):
            fingerprint = Fingerprint(row.key_id, row.digest)
            latest[fingerprint] = row.data
            if row.state in _DEFINITE:
                definite[fingerprint] = row.data
        return {
            fingerprint: Answers(
                loaded(Liveness, definite[fingerprint]) if fingerprint in definite else None,
                loaded(Liveness, text),
            )
            for fingerprint, text in latest.items()
        }


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


def _same_place(found: Exposure) -> ColumnElement[bool]:
    return and_(
        exposure.c.key_id == found.fingerprint.key_id,
        exposure.c.digest == found.fingerprint.digest,
        _at(found.locator),
    )


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
