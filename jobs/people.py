"""Step: read every people feed, keep the good snapshots, refuse a departure of the masses."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from correlate.departure import standing
from correlate.embargo import readable
from correlate.errors import FeedRefused, OffkeyError
from correlate.identity import People, link
from correlate.memory import memory_of, remembered
from correlate.model import Coverage, CoverageState, Employment, PeopleSnapshot, PersonId
from correlate.ports import PeopleFeed
from correlate.ports_store import Store, Transaction
from correlate.verdict import Correction, LedgerEntry, Standing, StandingState
from jobs.outcome import Problem, problem

STEP = "people"
FEW = 3  # so many who vanish from a feed overnight are never a fault of the feed
VANISHED_SHARE = 0.2
_HERE = (Employment.ACTIVE, Employment.ON_LEAVE)


@dataclass(frozen=True, slots=True)
class PeopleReport:
    """What came of the feeds."""

    coverage: tuple[Coverage, ...]
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class Staff:
    """Everybody known, and where each stands at one instant."""

    people: People
    standings: dict[PersonId, Standing]

    def leavers(self) -> list[PersonId]:
        """Return who has left, sorted."""
        return sorted(
            person for person, held in self.standings.items() if held.state is StandingState.LEFT
        )


def read_people(
    feeds: Iterable[PeopleFeed],
    store: Store,
    now: datetime,
    max_new_leavers: int,
    vouched: int = 0,
    order: Sequence[str] = (),
) -> PeopleReport:
    """Read each feed and save the snapshots that may be believed.

    A feed that fails, or that no longer knows many who were here, leaves its last good
    snapshot in force and is counted as not covered. If together the new snapshots make more
    than `max_new_leavers` people leave since the last run, none of them is believed. Somebody
    has looked into up to `vouched` people who are gone from a feed. `order` names feeds, that which
    is believed first of a worker whom several state at its head.
    """
    coverage: list[Coverage] = []
    problems: list[Problem] = []
    fresh: list[PeopleSnapshot] = []
    for feed in feeds:
        try:
            fresh.append(_ranked(_read(feed, store, now, vouched), order))
        except OffkeyError as error:
            coverage.append(_failed(feed.name, error))
            problems.append(problem(STEP, feed.name, error))
    believed = [*fresh, *_memories(store, fresh)]
    refusal = _guard(store, believed, now, max_new_leavers)
    if refusal is not None:
        problems += [problem(STEP, taken.feed, refusal) for taken in fresh]
        coverage += [_failed(taken.feed, refusal) for taken in fresh]
        return PeopleReport(tuple(coverage), tuple(problems))
    with store.transaction() as tx:
        for taken in believed:
            tx.people.save_snapshot(taken)
        for taken in fresh:
            tx.runs.append(LedgerEntry(now, "people", taken.feed, _facts(taken)))
    coverage += [_covered(taken) for taken in fresh]
    return PeopleReport(tuple(coverage), tuple(problems))


def everybody(tx: Transaction, now: datetime) -> Staff:
    """Return all whom the store knows, corrected, and where each stands at `now`."""
    return staff(tx.people.snapshots(), now, tx.people.corrections())


def staff(
    snapshots: Sequence[PeopleSnapshot], now: datetime, corrections: Iterable[Correction] = ()
) -> Staff:
    """Link the snapshots into persons and say where each stands at `now`."""
    linked = link(snapshots, corrections)
    persons = {key: readable(person, now) for key, person in linked.persons.items()}
    people = replace(linked, persons=persons)
    seen_at = min((taken.taken_at for taken in snapshots), default=now)
    return Staff(
        people,
        {key: standing(person, now, seen_at) for key, person in people.persons.items()},
    )


def _read(feed: PeopleFeed, store: Store, now: datetime, vouched: int) -> PeopleSnapshot:
    with store.transaction() as tx:
        last = tx.people.last_snapshot(feed.name)
    taken = feed.snapshot(now, last)
    if not taken.complete:
        raise FeedRefused(
            "A people feed is not whole",
            where=feed.name,
            why="it ended before its end",
            fix="run again when the feed is whole; the last good one stays in force",
        )
    if last is not None:
        _check_vanished(last, taken, vouched)
    return taken


def _ranked(taken: PeopleSnapshot, order: Sequence[str]) -> PeopleSnapshot:
    """Return a snapshot whose rows bear the feed's place in `order`, so that whoever reads them later
    needs no configuration.
    """
    if taken.feed not in order:
        return taken
    rank = order.index(taken.feed)
    return replace(taken, workers=tuple(replace(row, rank=rank) for row in taken.workers))


def _memories(store: Store, fresh: Sequence[PeopleSnapshot]) -> list[PeopleSnapshot]:
    """Return, for each fresh snapshot, those whom its feed listed before and does no longer."""
    with store.transaction() as tx:
        return [
            remembered(
                tx.people.last_snapshot(memory_of(taken.feed)),
                tx.people.last_snapshot(taken.feed),
                taken,
            )
            for taken in fresh
        ]


def _check_vanished(last: PeopleSnapshot, taken: PeopleSnapshot, vouched: int) -> None:
    """Refuse a feed that lost many who were here: its columns may mean something else now."""
    here = {(one.worker_id, one.spell) for one in last.workers if one.employment in _HERE}
    still = {(one.worker_id, one.spell) for one in taken.workers}
    active = {one.account_id for one in last.accounts if not one.deleted}
    gone = len(here - still) + len(active - {one.account_id for one in taken.accounts})
    if gone > max(FEW, vouched, VANISHED_SHARE * (len(here) + len(active))):
        raise FeedRefused(
            "A people feed no longer knows many who were here",
            where=taken.feed,
            why=f"{gone} of {len(here) + len(active)} are not in it by their id and start",
            fix=f"look whether columns were swapped; if it is true, rerun with --allow-leavers {gone}",
        )


def _guard(
    store: Store, fresh: Sequence[PeopleSnapshot], now: datetime, limit: int
) -> FeedRefused | None:
    with store.transaction() as tx:
        before = tx.people.snapshots()
    if not before:
        return None  # a first read tells history, not news
    replaced = {taken.feed for taken in fresh}
    after = [*(old for old in before if old.feed not in replaced), *fresh]
    new = set(staff(after, now).leavers()) - set(staff(before, now).leavers())
    if len(new) <= limit:
        return None
    return FeedRefused(
        "Too many people left at once",
        where=", ".join(sorted(replaced)),
        why=f"{len(new)} new leavers, {limit} are allowed in one run",
        fix=f"check the feeds; if it is true, rerun with --allow-leavers {len(new)}",
    )


def _facts(taken: PeopleSnapshot) -> dict[str, object]:
    return {
        "digest": taken.digest,
        "workers": len(taken.workers),
        "accounts": len(taken.accounts),
        "problems": len(taken.problems),
    }


def _covered(taken: PeopleSnapshot) -> Coverage:
    rows = len(taken.workers) + len(taken.accounts)
    return Coverage(taken.feed, "people", CoverageState.COMPLETE, rows)


def _failed(feed: str, error: OffkeyError) -> Coverage:
    return Coverage(feed, "people", CoverageState.FAILED, reason=error.why)
