"""Step: from what was found and answered to cases, in one transaction."""

from __future__ import annotations

import gc
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from itertools import islice

from correlate.exception import ExceptionStep
from correlate.kind import Kind
from correlate.model import KindId, PersonId
from correlate.ports_store import Store, Transaction
from correlate.secret import Fingerprint
from correlate.verdict import Case, LedgerEntry, Watch
from jobs.beside import may_fork, shared
from jobs.credentials import Lists, lists
from jobs.exception_book import book_of, record_proved
from jobs.people import circle
from jobs.pile import Changes, Court, JudgeReport, Pile, judge_pile
from jobs.standings import record_standings

LARGE = 100_000  # places; a process of its own costs about a second
_AT_ONCE = 500  # credentials in a pile


@contextmanager
def _no_cycles() -> Iterator[None]:
    """Spare the collector of reference cycles: there are millions of values, and none refers back.

    Around a whole call, so that nothing of them is left when the collector is back.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


@_no_cycles()
def judge_all(
    store: Store,
    kinds: Mapping[KindId, Kind],
    now: datetime,
    proof_gap_seconds: int,
    large: int = LARGE,
) -> JudgeReport:
    """Judge every credential by what is in the store, but those that are rejected and in no case, and
    save what changed of the cases.

    Departures, as stated and as taken back, and leaves of absence are recorded first.
    `proof_gap_seconds` 0 takes each kind's own. From `large` places on two processes share the work
    where they may. Running it twice on the same facts changes nothing.
    """
    with store.transaction() as tx:
        known = circle(tx, now)
        book = book_of(tx, known, now)
        both = may_fork() and tx.scans.how_many_places() >= large
        staff = known.everybody_lean(both=both)
        away_since = record_standings(tx, staff.standings.items(), now)
        rows = lists(tx)
        asked = known.successions()
        court = Court(kinds, now, proof_gap_seconds, staff, away_since, book, asked, rows)
        return _Judging(tx, court, both=both).all()


class _Judging:
    """One judgement of all there is, pile by pile. What has to wait for its end is kept here."""

    def __init__(self, tx: Transaction, court: Court, *, both: bool) -> None:
        self._tx, self._court, self._both = tx, court, both
        self._report = JudgeReport()
        self._watches: list[Watch] = []
        self._proved: list[ExceptionStep] = []
        self._absorbed: set[Fingerprint] = set()

    def all(self) -> JudgeReport:
        rest = self._tx.cases.in_cases()
        self._take(_of_found(self._tx, self._court.lists, rest))
        self._take(_of_lists(self._tx, self._court.lists, frozenset(self._absorbed), rest))
        self._take(_of_cases(self._tx, rest))
        watches = sorted(self._watches, key=_in_order)
        if watches != self._tx.cases.watches():
            self._tx.cases.replace_watches(watches)
        record_proved(self._tx, self._proved)
        return self._report

    def _take(self, piles: Iterable[Pile]) -> None:
        work = partial(judge_pile, self._court)
        for one in shared(work, piles, alone=not self._both):
            _save(self._tx, one, self._court.now)
            self._report += one.report
            self._watches += one.watches
            self._proved += one.proved
            self._absorbed |= one.absorbed


# --- the piles: each takes its credentials out of the `rest` that are in cases ---------------


def _of_found(tx: Transaction, known: Lists, rest: set[Fingerprint]) -> Iterator[Pile]:
    closed = tx.scans.rejected() - rest
    for found, pack in tx.scans.packed(_AT_ONCE, but=closed):
        uses = tx.scans.uses([one for one in found if one in known.of_found])
        yield Pile(tx.cases.packed(_taken(found, rest)), pack, uses)


def _of_lists(
    tx: Transaction, known: Lists, absorbed: frozenset[Fingerprint], rest: set[Fingerprint]
) -> Iterator[Pile]:
    for number in range(0, len(known.rows), _AT_ONCE):
        rows = known.rows[number : number + _AT_ONCE]
        found = [one.fingerprint for one in rows]
        cases = tx.cases.packed(_taken(found, rest))
        yield Pile(cases, None, tx.scans.uses(found), rows, absorbed.intersection(found))


def _of_cases(tx: Transaction, rest: Collection[Fingerprint]) -> Iterator[Pile]:
    walk = iter(sorted(rest))
    while chunk := list(islice(walk, _AT_ONCE)):
        yield Pile(tx.cases.packed(chunk))


def _taken(some: Iterable[Fingerprint], rest: set[Fingerprint]) -> list[Fingerprint]:
    found = [one for one in some if one in rest]
    rest.difference_update(found)
    return found


# --- saving ------------------------------------------------------------------------------------


def _save(tx: Transaction, made: Changes, now: datetime) -> None:
    tx.cases.save_cases(made.changed)
    names = tx.sensitive.references({held.person for held in made.moved if held.person})
    tx.runs.append(*(_entry(held, names, now) for held in made.moved))


def _in_order(watch: Watch) -> tuple[str, str, PersonId]:
    return watch.fingerprint.key_id, watch.fingerprint.digest, watch.person


def _entry(held: Case, names: Mapping[str, str], now: datetime) -> LedgerEntry:
    facts = {
        "kind": held.kind.value,
        "state": held.state.value,
        "person": names[held.person] if held.person else None,
        "credential": held.fingerprint.short,
        "grounds": [ground.strength for ground in held.grounds],
        "rejections": [proof.at.isoformat() for proof in held.rejections],
        "exception": held.exception,
    }
    return LedgerEntry(now, "case", held.key, facts)
