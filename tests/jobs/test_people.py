"""Which snapshots are believed: each feed by itself, and all together."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from connectors.store_sql import SqlStore
from correlate.model import CoverageState, PersonId, Worker, WorkerId
from correlate.verdict import StandingState
from jobs.outcome import Exit
from jobs.people import PeopleReport, everybody, read_people
from tests.correlate.cast import NOW, account, snapshot, worker
from tests.jobs.stage import fresh_store, ledger
from tests.twins.people import PeopleTwin

CREW = tuple(worker(str(number), f"p{number}@x.example") for number in range(20))
GONE = tuple(worker(one.worker_id, *one.emails, end="2026-06-30") for one in CREW)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    made = fresh_store(tmp_path)
    yield made
    made.close()


def read(store: SqlStore, *feeds: PeopleTwin, most: int = 50, vouched: int = 0) -> PeopleReport:
    return read_people(feeds, store, NOW, most, vouched)


def in_force(store: SqlStore, feed: str = "people") -> tuple[Worker, ...]:
    with store.transaction() as tx:
        last = tx.people.last_snapshot(feed)
    return last.workers if last else ()


def test_good_feeds_are_kept_and_written_down(store: SqlStore) -> None:
    report = read(store, PeopleTwin(workers=CREW), PeopleTwin("directory"))
    assert [part.state for part in report.coverage] == [CoverageState.COMPLETE] * 2
    assert report.problems == ()
    assert in_force(store) == CREW
    assert sum('"what":"people"' in entry for entry in ledger(store)) == 2


@pytest.mark.parametrize("bad", [PeopleTwin(refusal="halved"), PeopleTwin(complete=False)])
def test_a_bad_feed_leaves_the_last_good_one_in_force_and_stops_no_other(
    store: SqlStore, bad: PeopleTwin
) -> None:
    read(store, PeopleTwin(workers=CREW))
    report = read(store, bad, PeopleTwin("directory"))
    assert in_force(store) == CREW
    states = {part.source: part.state for part in report.coverage}
    assert states == {"people": CoverageState.FAILED, "directory": CoverageState.COMPLETE}
    assert [item.exit for item in report.problems] == [Exit.INCOMPLETE]


def test_odd_rows_are_counted_and_leave_a_feed_whole(store: SqlStore) -> None:
    odd = PeopleTwin("hr", CREW, problems=("row 3: a date", "row 4: a date"))
    report = read(store, odd, PeopleTwin("directory"))
    assert report.odd == (("hr", 2),)
    told = {part.source: (part.state, part.reason) for part in report.coverage}
    assert told["directory"] == (CoverageState.COMPLETE, "")
    assert told["hr"][0] is CoverageState.COMPLETE
    assert told["hr"][1].startswith("odd rows: 2;")


def test_a_first_read_tells_history_and_not_news(store: SqlStore) -> None:
    assert read(store, PeopleTwin(workers=GONE), most=0).problems == ()


def test_a_departure_of_the_masses_needs_a_word(store: SqlStore) -> None:
    read(store, PeopleTwin(workers=CREW))
    refused = read(store, PeopleTwin(workers=(*GONE[:6], *CREW[6:])), most=5)
    assert in_force(store) == CREW
    assert "--allow-leavers 6" in refused.problems[0].what
    assert read(store, PeopleTwin(workers=(*GONE[:6], *CREW[6:])), most=6).problems == ()


@pytest.mark.parametrize(
    "strange",
    [
        CREW[:15],
        tuple(replace(one, worker_id=WorkerId(one.name)) for one in CREW),
        tuple(replace(one, spell="1") for one in CREW),
    ],
)
def test_a_feed_that_no_longer_knows_those_who_were_here_is_refused(
    store: SqlStore, strange: tuple[Worker, ...]
) -> None:
    read(store, PeopleTwin(workers=CREW))
    refused = read(store, PeopleTwin(workers=strange))
    assert in_force(store) == CREW
    assert "--allow-leavers" in refused.problems[0].what
    assert read(store, PeopleTwin(workers=strange), vouched=20).problems == ()
    assert in_force(store) == strange


def test_accounts_that_vanish_count_too_and_a_few_are_nothing(store: SqlStore) -> None:
    accounts = tuple(account(f"login{number}") for number in range(12))
    read(store, PeopleTwin(accounts=accounts))
    assert read(store, PeopleTwin(accounts=accounts[:9])).problems == ()
    assert read(store, PeopleTwin(accounts=accounts[:4])).problems


@pytest.mark.parametrize(
    ("order", "left"),
    [((), []), (("eor", "people"), ["0"]), (("people",), []), (("eor",), ["0"])],
    ids=["side by side", "employer of record first", "main system first", "only one ranked"],
)
def test_of_two_feeds_that_disagree_the_one_named_first_is_believed(
    store: SqlStore, order: tuple[str, ...], left: list[str]
) -> None:
    feeds = [PeopleTwin(workers=CREW), PeopleTwin("eor", workers=GONE[:1])]
    read_people(feeds, store, NOW, 50, order=order)
    assert leavers(store) == left


def test_under_embargo_nothing_tells_of_a_leave(store: SqlStore) -> None:
    sealed = replace(GONE[0], embargo_until=NOW + timedelta(hours=1))
    read(store, PeopleTwin(workers=(sealed, *CREW[1:])))
    assert leavers(store) == []
    with store.transaction() as tx:
        before = everybody(tx, NOW).people.persons[PersonId("0")]
        after = everybody(tx, NOW + timedelta(hours=1)).standings[PersonId("0")]
    assert {hold.until for hold in before.holdings} == {None}
    assert before.spells[0].ends_at is None
    assert after.state is StandingState.LEFT


def test_where_each_stands_is_a_matter_of_the_instant(store: SqlStore) -> None:
    with store.transaction() as tx:
        tx.people.save_snapshot(snapshot(*GONE[:2], CREW[2]))
        assert everybody(tx, NOW).leavers() == ["0", "1"]
        assert everybody(tx, NOW - timedelta(days=365)).leavers() == []


def test_who_is_no_longer_listed_is_not_forgotten(store: SqlStore) -> None:
    left = worker("99", "zoe@x.example", end="2026-06-30")
    old = account("ext", "ext@x.example", expires="2026-05-31")
    read(store, PeopleTwin(workers=(*CREW, left), accounts=(old,)))
    for _ in range(2):  # purged from the feed, for more than one night
        read(store, PeopleTwin(workers=CREW))
        assert leavers(store) == ["99", "directory:ext"]
    again = worker("99", "zoe@x.example", start="2026-11-01")
    read(store, PeopleTwin(workers=(*CREW, again)))
    assert leavers(store) == ["directory:ext"]


def leavers(store: SqlStore) -> list[str]:
    with store.transaction() as tx:
        return [str(person) for person in everybody(tx, NOW).leavers()]
