"""Step: from what was found and answered to cases, in one transaction that writes."""

from __future__ import annotations

import gc
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import astuple, dataclass, field
from datetime import datetime, timedelta
from functools import partial

from correlate import case as moves
from correlate.attribution import Ties, claims_of, ties
from correlate.exception import ExceptionStep
from correlate.exception_rules import Book
from correlate.kind import Kind
from correlate.model import CaseKey, KindId, Liveness, PersonId, Place
from correlate.policy import NOBODY_AWAY, Credential, Judgement, judge
from correlate.ports_store import Store, Transaction
from correlate.secret import Fingerprint
from correlate.succession import Succession
from correlate.verdict import (
    Access,
    Case,
    CaseState,
    Claim,
    Decision,
    LedgerEntry,
    Watch,
)
from jobs.beside import Beside, beside, may_fork
from jobs.circle import Circle, Staff
from jobs.credentials import Share, all_credentials, holding
from jobs.exception_book import book_of, record_proved
from jobs.people import circle, make_persons
from jobs.standings import away_now, record_standings

LARGE = 100_000  # places; a process of its own costs about two seconds


@dataclass(frozen=True, slots=True)
class JudgeReport:
    """How the cases moved."""

    opened: int
    closed: int
    reopened: int
    void: int
    watched: int


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
    """Judge every credential by what is in the store, and save what changed of the cases.

    Departures, as stated and as taken back, and leaves of absence are recorded first.
    `proof_gap_seconds` 0 takes each kind's own. From `large` places on two processes share the work
    where they may: nobody else may be using the store's connections then.
    Running it twice on the same facts changes nothing.
    """
    ask = _Ask(kinds, now, proof_gap_seconds)
    if not may_fork() or not _is_large(store, now, large):
        return _judge(store, ask, None)
    store.close()  # no connection may live through a fork: https://www.sqlite.org/howtocorrupt.html
    with beside(partial(_second, store, ask)) as other:
        return _judge(store, ask, other)


def _is_large(store: Store, now: datetime, large: int) -> bool:
    with store.transaction() as tx:
        if tx.scans.how_many_places() < large:
            return False
        make_persons(tx, now)  # before the fork, so that both read them
        return True


def _judge(store: Store, ask: _Ask, other: Beside[_Part] | None) -> JudgeReport:
    with store.transaction() as tx:
        if other is not None and tx.people.persons_current():
            other.go()  # it reads what we read: nobody commits while we are in here
        else:
            other = None
        known = circle(tx, ask.now)
        book = book_of(tx, known, ask.now)
        away_since = record_standings(tx, known.everybody(lean=True).standings.items(), ask.now)
        share = Share.WHOLE if other is None else Share.FIRST
        parts = [_gone_through(tx, ask, known, book, away_since, share)]
        if other is not None:
            second = other.result()
            parts.append(second or _gone_through(tx, ask, known, book, away_since, Share.SECOND))
        _save(tx, parts, ask.now)
    return _together(parts)


def _second(store: Store, ask: _Ask) -> _Part:
    """Go through the second share of the credentials, in a process of its own."""
    with _no_cycles(), store.reading() as tx:
        known = Circle(tx, ask.now)
        book = book_of(tx, known, ask.now)
        away_since = away_now(tx, known.everybody(lean=True).standings.items(), ask.now)
        return _gone_through(tx, ask, known, book, away_since, Share.SECOND)


def _gone_through(
    tx: Transaction,
    ask: _Ask,
    known: Circle,
    book: Book,
    away_since: Mapping[PersonId, datetime],
    share: Share,
) -> _Part:
    """Judge the credentials of a share, but those that are rejected and in no case."""
    holds = holding(tx, share)
    before = {held.key: held for held in tx.cases.every_case() if holds(held.fingerprint)}
    round_ = _Round(before, ask.now, ask.proof_gap_seconds, book)
    closed = tx.scans.rejected() - round_.held.keys()
    for chunk in all_credentials(tx, ask.kinds, None, closed, share):
        staff = known.meet(chunk)
        for item in chunk:
            round_.take(item, judgement(item, staff, away_since))
    round_.overtake(known.staff)
    round_.hold_off(known.successions())
    return round_.part()


def judgement(
    credential: Credential, known: Staff, away_since: Mapping[PersonId, datetime] = NOBODY_AWAY
) -> Judgement:
    """Return what the policy makes of one credential, given those who have to do with it."""
    said = credential.liveness
    readers = known.gone if said is not None and said.state.usable else {}
    found = _ties(credential, known, readers)
    bare = claims_of(credential.fingerprint, found, told_of=())
    made = judge(credential, bare, known.standings, away_since)
    held = {one.person for one in made.decisions if one.person is not None}
    if not held:
        return made
    told = claims_of(credential.fingerprint, found, told_of=held)
    return judge(credential, told, known.standings, away_since)


def claims_on(credential: Credential, known: Staff) -> tuple[Claim, ...]:
    """Return what everybody known has to do with one credential, by its places and its issuer."""
    return claims_of(credential.fingerprint, _ties(credential, known, known.access))


def ties_on(credential: Credential, known: Staff) -> tuple[Claim, ...]:
    """Return the same without those who could read it where it stands: they may be thousands."""
    return claims_of(credential.fingerprint, _ties(credential, known, {}))


def _ties(credential: Credential, known: Staff, access: Mapping[Place, Sequence[Access]]) -> Ties:
    said = credential.liveness or credential.latest
    return ties(credential.exposures, said, known.people, known.standings, access)


@dataclass(frozen=True, slots=True)
class _Ask:
    """By which kinds to judge, and when."""

    kinds: Mapping[KindId, Kind]
    now: datetime
    proof_gap_seconds: int


@dataclass(frozen=True, slots=True)
class _Part:
    """What became of one share of the credentials, as plain values: the cases that `changed`, those of
    them that are new or in another state, the watches, and which exceptions a rejection ended.
    """

    changed: Sequence[Case]
    moved: Sequence[Case]
    watches: Sequence[Watch]
    proved: Sequence[ExceptionStep]
    report: JudgeReport


@dataclass(slots=True)
class _Round:
    """One judgement of a share of the credentials, in turn: its cases before, and what became of them."""

    before: Mapping[CaseKey, Case]
    now: datetime
    proof_gap_seconds: int
    book: Book
    after: dict[CaseKey, Case] = field(default_factory=dict)
    watches: list[Watch] = field(default_factory=list)
    decided: dict[CaseKey, Fingerprint] = field(default_factory=dict)
    settled: list[Fingerprint] = field(default_factory=list)
    held: dict[Fingerprint, list[CaseKey]] = field(default_factory=lambda: defaultdict(list))

    def __post_init__(self) -> None:
        self.after.update(self.before)
        for key, case in self.before.items():
            self.held[case.fingerprint].append(key)

    def part(self) -> _Part:
        """Return what became of them."""
        changed = [held for key, held in self.after.items() if _changed(self.before.get(key), held)]
        moved = [held for held in changed if _moved(self.before, held)]
        report = _report(self.before, self.after, len(self.watches))
        return _Part(changed, moved, self.watches, self.book.proved(self.before, changed), report)

    def take(self, credential: Credential, made: Judgement) -> None:
        """Bring the cases of one credential up to date."""
        self.watches += made.watches
        keys = self.held.get(credential.fingerprint, ())
        if keys and credential.latest:
            gap = timedelta(seconds=self.proof_gap_seconds or _gap(credential.kind))
            for key in keys:
                self.after[key] = moves.advance(self.after[key], credential.latest, gap, self.now)
        for decision in (*made.decisions, *self.book.expired(made.decisions)):
            key = moves.key(decision.fingerprint, decision.person, decision.kind)
            self.decided[key] = decision.fingerprint
            self.after[key] = _decided(self.after.get(key), decision, credential.liveness, self.now)
        if keys and _usable(credential.liveness):
            self.settled.append(credential.fingerprint)

    def overtake(self, known: Staff) -> None:
        """Make void what this judgement left out."""
        gone = moves.overtaken(
            self.after.values(), self.decided, self.settled, known.standings, self.now
        )
        self.after.update({case.key: case for case in gone})

    def hold_off(self, asked: Mapping[PersonId, Succession]) -> None:
        """Let cases wait while an exception holds, or for whoever was asked to inherit, or go on."""
        for key, case in self.after.items():
            held = moves.lapse(self.book.applied(case), self.now)
            self.after[key] = moves.await_successor(held, asked, self.now)


def _decided(held: Case | None, decision: Decision, answer: Liveness | None, now: datetime) -> Case:
    if answer is None:
        raise AssertionError("a decision rests on a usable answer")
    if held is None:
        return moves.open_case(decision, answer, now)
    return moves.renew(held, decision, answer, now)


def _usable(answer: Liveness | None) -> bool:
    return answer is not None and answer.state.usable


def _gap(kind: Kind) -> int:
    return kind.verification.proof_gap_seconds if kind.verification else 0


def _save(tx: Transaction, parts: Sequence[_Part], now: datetime) -> None:
    for part in parts:
        tx.cases.save_cases(part.changed)
        names = tx.sensitive.references({held.person for held in part.moved if held.person})
        tx.runs.append(*(_entry(held, names, now) for held in part.moved))
    watches = (watch for part in parts for watch in part.watches)
    tx.cases.replace_watches(sorted(watches, key=_in_order))
    record_proved(tx, [step for part in parts for step in part.proved])


def _in_order(watch: Watch) -> tuple[str, str, PersonId]:
    return watch.fingerprint.key_id, watch.fingerprint.digest, watch.person


def _changed(before: Case | None, after: Case) -> bool:
    return before is not after and before != after  # most are the very same


def _moved(before: Mapping[CaseKey, Case], after: Case) -> bool:
    old = before.get(after.key)
    return old is None or old.state is not after.state


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


def _report(
    before: Mapping[CaseKey, Case], after: Mapping[CaseKey, Case], watched: int
) -> JudgeReport:
    def moved(state: CaseState) -> Iterable[Case]:
        for key, held in after.items():
            if held.state is state and (key not in before or before[key].state is not state):
                yield held

    reopened = sum(
        1
        for key, held in after.items()
        if key in before and held.generation > before[key].generation
    )
    return JudgeReport(
        opened=sum(1 for key in after if key not in before),
        closed=sum(1 for _ in moved(CaseState.CLOSED)),
        reopened=reopened,
        void=sum(1 for _ in moved(CaseState.VOID)),
        watched=watched,
    )


def _together(parts: Iterable[_Part]) -> JudgeReport:
    counts = [astuple(part.report) for part in parts]
    return JudgeReport(*(sum(column) for column in zip(*counts, strict=True)))
