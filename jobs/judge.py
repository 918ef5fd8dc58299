"""Step: from what was found and answered to cases, in one transaction."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TypeVar

from correlate.exception import ExceptionStep
from correlate.kind import Kind
from correlate.model import KindId, PersonId
from correlate.ports_store import Store, Transaction
from correlate.secret import Fingerprint
from correlate.stored import Packed
from correlate.verdict import Case, LedgerEntry, Watch
from jobs.beside import may_fork, shared
from jobs.credentials import Lists, lists
from jobs.cycles import no_cycles
from jobs.exception_book import book_of, record_proved
from jobs.people import circle
from jobs.pile import Changes, Court, JudgeReport, Pile, judge_pile
from jobs.standings import record_standings

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Sharing:
    """From how many places on two processes share a judgement, which costs them about a second, and how
    many credentials and persons are looked at in one go.
    """

    places: int = 100_000
    credentials: int = 500
    persons: int = 8000


_WHERE_LARGE = Sharing()


@no_cycles()
def judge_all(
    store: Store,
    kinds: Mapping[KindId, Kind],
    now: datetime,
    proof_gap_seconds: int,
    sharing: Sharing = _WHERE_LARGE,
) -> JudgeReport:
    """Judge every credential by what is in the store, but those that are rejected and in no case, and
    save what changed of the cases.

    Departures, as stated and as taken back, and leaves of absence are recorded first.
    `proof_gap_seconds` 0 takes each kind's own. Two processes share the work where they may, by
    `sharing`. Running it twice on the same facts changes nothing.
    """
    with store.transaction() as tx:
        known = circle(tx, now)
        book = book_of(tx, known, now)
        both = may_fork() and tx.scans.how_many_places() >= sharing.places
        staff = known.everybody_lean(sharing.persons, both=both)
        seen = known.looked_at()
        away_since = record_standings(tx, ((one, held) for one, held, _ in seen), now)
        tx.people.keep_standings((one for one in seen if one[2] > now), now)
        rows = lists(tx)
        asked = known.successions()
        court = Court(kinds, now, proof_gap_seconds, staff, away_since, book, asked, rows)
        near_leavers = tx.scans.mentioning(known.handles_of_leavers())
        return _Judging(tx, court, sharing.credentials, both=both).all(near_leavers)


class _Judging:
    """One judgement of all there is, pile by pile. What has to wait for its end is kept here."""

    def __init__(self, tx: Transaction, court: Court, at_once: int, *, both: bool) -> None:
        self._tx, self._court, self._at_once, self._both = tx, court, at_once, both
        self._report = JudgeReport()
        self._watches: list[Watch] = []
        self._proved: list[ExceptionStep] = []
        self._absorbed: set[Fingerprint] = set()

    def all(self, near_leavers: Collection[Fingerprint]) -> JudgeReport:
        """Judge all; `near_leavers` are the credentials that name anybody who has left."""
        piles = _Piles(self._tx, self._court.lists, self._at_once, self._tx.cases.in_cases())
        self._take(piles.of_found(near_leavers))
        self._take(piles.of_lists(self._absorbed))
        self._take(piles.of_cases())
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


@dataclass(slots=True)
class _Piles:
    """All there is to judge, `at_once` credentials in a pile. Each pile takes its own out of the `rest`
    that are in cases.
    """

    tx: Transaction
    lists: Lists
    at_once: int
    rest: set[Fingerprint]

    def of_found(self, near_leavers: Collection[Fingerprint]) -> Iterator[Pile]:
        """Yield what was found in texts. Of what is in no case that which is rejected is left out, and
        which was never accepted and names nobody who has left: of neither there is anything to say.
        """
        scans = self.tx.scans
        telling = scans.accepted().union(near_leavers, self.lists.of_found) - scans.rejected()
        telling |= self.rest
        for found, pack in scans.packed(self.at_once, telling):
            uses = self.tx.scans.uses([one for one in found if one in self.lists.of_found])
            yield Pile(self._cases(found), pack, uses)

    def of_lists(self, absorbed: Collection[Fingerprint]) -> Iterator[Pile]:
        """Yield the rows of issuers' lists, of which what was found has `absorbed` some."""
        for rows in _chunks(self.lists.rows, self.at_once):
            found = [one.fingerprint for one in rows]
            uses = self.tx.scans.uses(found)
            yield Pile(
                self._cases(found), None, uses, rows, frozenset(absorbed).intersection(found)
            )

    def of_cases(self) -> Iterator[Pile]:
        """Yield the cases that none of the piles before had: nothing is known of their credentials."""
        for some in _chunks(sorted(self.rest), self.at_once):
            yield Pile(self._cases(some))

    def _cases(self, some: Iterable[Fingerprint]) -> Packed[Case]:
        found = [one for one in some if one in self.rest]
        self.rest.difference_update(found)
        return self.tx.cases.packed(found)


def _chunks(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    return (items[number : number + size] for number in range(0, len(items), size))


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
