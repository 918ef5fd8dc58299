"""Step: read every people feed, keep the good snapshots, refuse a departure of the masses."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from correlate.departure import standing, undated
from correlate.errors import FeedRefused, OffkeyError
from correlate.linking import persons_of
from correlate.memory import listed_by, memory_of, remembered
from correlate.model import Coverage, CoverageState, Employment, PeopleSnapshot, PersonId
from correlate.ports import PeopleFeed
from correlate.ports_store import Store, Transaction
from correlate.relinking import Relinked, relink
from correlate.verdict import LedgerEntry, Person, StandingState
from jobs.circle import Circle, Staff
from jobs.cycles import no_cycles
from jobs.outcome import Problem, problem

STEP = "people"
FEW = 3  # so many who vanish from a feed overnight are never a fault of the feed
VANISHED_SHARE = 0.2
Held = Mapping[str, PeopleSnapshot]  # the snapshots in force, by feed
Persons = Mapping[PersonId, Person]
_HERE = (Employment.ACTIVE, Employment.ON_LEAVE)


@dataclass(frozen=True, slots=True)
class PeopleReport:
    """What came of the feeds. `odd` counts the rows that look wrong, by feed, where there are any."""

    coverage: tuple[Coverage, ...]
    problems: tuple[Problem, ...]
    odd: tuple[tuple[str, int], ...] = ()


@no_cycles()
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
    held = _held(store)
    for feed in feeds:
        try:
            taken = _read(feed, held.get(feed.name), now, vouched)
            fresh.append(_ranked(taken, order))
        except OffkeyError as error:
            coverage.append(_failed(feed.name, error))
            problems.append(problem(STEP, feed.name, error))
    believed = [*fresh, *(_memory(held, taken) for taken in fresh)]
    with store.transaction() as tx:
        refusal = _keep(tx, held, believed, now, max_new_leavers)
        if refusal is None:
            tx.runs.append(
                *(LedgerEntry(now, "people", taken.feed, _facts(taken)) for taken in fresh)
            )
    if refusal is not None:
        problems += [problem(STEP, taken.feed, refusal) for taken in fresh]
        coverage += [_failed(taken.feed, refusal) for taken in fresh]
        return PeopleReport(tuple(coverage), tuple(problems))
    coverage += [_covered(taken) for taken in fresh]
    odd = tuple((taken.feed, len(taken.problems)) for taken in fresh if taken.problems)
    return PeopleReport(tuple(coverage), tuple(problems), odd)


def _held(store: Store) -> Held:
    with store.transaction() as tx:
        return {taken.feed: taken for taken in tx.people.snapshots()}


def _keep(
    tx: Transaction, held: Held, believed: Sequence[PeopleSnapshot], now: datetime, limit: int
) -> FeedRefused | None:
    """Save what changed of the snapshots held, and the persons that it makes; or return why none of
    it is believed.
    """
    changed = [taken for taken in believed if not _same(held.get(taken.feed), taken)]
    if not changed:
        return None
    make_persons(tx, now)
    news = relink(held, {**held, **{taken.feed: taken for taken in changed}})
    feeds = {listed_by(taken.feed) for taken in changed}
    refusal = _guard(tx, news, feeds, now, limit)
    if refusal is None:
        for taken in changed:
            tx.people.save_snapshot(taken)
        tx.people.change_persons(_stamped(tx, news.made, now), news.gone)
    return refusal


def _same(last: PeopleSnapshot | None, taken: PeopleSnapshot) -> bool:
    """Whether a snapshot says what the last one said: it stays, as of then."""
    return last is not None and replace(taken, taken_at=last.taken_at) == last


def make_persons(tx: Transaction, now: datetime) -> None:
    """Make the persons anew out of the snapshots in force, if those have changed since."""
    if not tx.people.persons_current():
        tx.people.save_persons(_stamped(tx, persons_of(tx.people.snapshots()), now))


def circle(tx: Transaction, now: datetime, opened: Collection[PersonId] = frozenset()) -> Circle:
    """Return nobody yet: whoever has to do with what is asked about next. Of those `opened` no
    embargo is kept.
    """
    make_persons(tx, now)
    return Circle(tx, now, opened)


def everybody(tx: Transaction, now: datetime) -> Staff:
    """Return all whom the store knows, corrected, and where each stands at `now`."""
    return circle(tx, now).everybody()


def _stamped(tx: Transaction, made: Persons, now: datetime) -> Iterator[Person]:
    """Yield persons with when a spell was first seen as ended, where no feed says when it ended."""
    dateless = {one.id for one in made.values() if undated(one)}
    before = tx.people.persons(dateless)
    for one in made.values():
        seen = _left_seen(before.get(one.id), now)
        yield replace(one, left_seen_at=seen) if one.id in dateless else one


def _left_seen(before: Person | None, now: datetime) -> datetime:
    return (before.left_seen_at if before is not None else None) or now


def _leavers(persons: Iterable[Person], now: datetime) -> set[PersonId]:
    left = StandingState.LEFT
    return {one.id for one in persons if standing(one, now, one.left_seen_at).state is left}


def _read(
    feed: PeopleFeed, last: PeopleSnapshot | None, now: datetime, vouched: int
) -> PeopleSnapshot:
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


def _memory(held: Held, taken: PeopleSnapshot) -> PeopleSnapshot:
    """Return those whom a fresh snapshot's feed listed before and does no longer."""
    return remembered(held.get(memory_of(taken.feed)), held.get(taken.feed), taken)


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
    tx: Transaction, news: Relinked, feeds: Iterable[str], now: datetime, limit: int
) -> FeedRefused | None:
    if not tx.people.how_many_persons():
        return None  # a first read tells history, not news
    sealed = {one.person: one.until for one in tx.sensitive.embargoes()}
    stated = (replace(one, embargo_until=sealed.get(one.id)) for one in news.made.values())
    new = _leavers(stated, now) - _leavers(tx.people.persons(news.made).values(), now)
    if len(new) <= limit:
        return None
    return FeedRefused(
        "Too many people left at once",
        where=", ".join(sorted(feeds)),
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
    odd = len(taken.problems)
    reason = f"odd rows: {odd}; see `offkey people findings`" if odd else ""
    return Coverage(taken.feed, "people", CoverageState.COMPLETE, rows, reason=reason)


def _failed(feed: str, error: OffkeyError) -> Coverage:
    return Coverage(feed, "people", CoverageState.FAILED, reason=error.why)
