"""Step: from what was found and answered to cases, in one transaction."""

from __future__ import annotations

import gc
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from correlate import case as moves
from correlate.attribution import claims
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
from jobs.circle import Staff
from jobs.credentials import all_credentials
from jobs.exception_book import book_of, record_proved
from jobs.people import circle
from jobs.standings import record_standings


@dataclass(frozen=True, slots=True)
class JudgeReport:
    """How the cases moved."""

    opened: int
    closed: int
    reopened: int
    void: int
    watched: int


def judge_all(
    store: Store, kinds: Mapping[KindId, Kind], now: datetime, proof_gap_seconds: int
) -> JudgeReport:
    """Judge every credential by what is in the store, and save what changed of the cases.

    Departures, as stated and as taken back, and leaves of absence are recorded first.
    `proof_gap_seconds` 0 takes each kind's own.
    Running it twice on the same facts changes nothing.
    """
    with store.transaction() as tx, _no_cycles():
        known = circle(tx, now)
        away_since = record_standings(tx, known.everybody().standings.items(), now)
        before = {held.key: held for held in tx.cases.cases()}
        round_ = _Round(before, now, proof_gap_seconds, book_of(tx, known, now))
        closed = tx.scans.rejected() - {held.fingerprint for held in before.values()}
        for chunk in all_credentials(tx, kinds, None, closed):
            staff = known.meet(chunk)
            for item in chunk:
                round_.take(item, judgement(item, staff, away_since))
        round_.overtake(known.staff)
        round_.hold_off(known.successions())
        _save(tx, round_, now)
    return _report(before, round_.after, len(round_.watches))


@contextmanager
def _no_cycles() -> Iterator[None]:
    """Spare the collector of reference cycles: there are millions of values, and none refers back."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def judgement(
    credential: Credential, known: Staff, away_since: Mapping[PersonId, datetime] = NOBODY_AWAY
) -> Judgement:
    """Return what the policy makes of one credential, given those who have to do with it."""
    said = credential.liveness
    readers = known.gone if said is not None and said.state.usable else {}
    bare = _claims(credential, known, readers, told_of=())
    made = judge(credential, bare, known.standings, away_since)
    held = {one.person for one in made.decisions if one.person is not None}
    if not held:
        return made
    told = _claims(credential, known, readers, told_of=held)
    return judge(credential, told, known.standings, away_since)


def claims_on(credential: Credential, known: Staff) -> tuple[Claim, ...]:
    """Return what everybody known has to do with one credential, by its places and its issuer."""
    return _claims(credential, known, known.access)


def ties_on(credential: Credential, known: Staff) -> tuple[Claim, ...]:
    """Return the same without those who could read it where it stands: they may be thousands."""
    return _claims(credential, known, {})


def _claims(
    credential: Credential,
    known: Staff,
    access: Mapping[Place, Sequence[Access]],
    *,
    told_of: Collection[PersonId] | None = None,
) -> tuple[Claim, ...]:
    return claims(
        credential.fingerprint,
        credential.exposures,
        credential.liveness or credential.latest,
        known.people,
        known.standings,
        access,
        told_of=told_of,
    )


@dataclass(slots=True)
class _Round:
    """One judgement of all credentials, in turn: the cases before it, and what became of them."""

    before: Mapping[CaseKey, Case]
    now: datetime
    proof_gap_seconds: int
    book: Book
    after: dict[CaseKey, Case] = field(default_factory=dict)
    watches: list[Watch] = field(default_factory=list)
    decided: dict[CaseKey, Decision] = field(default_factory=dict)
    settled: list[Fingerprint] = field(default_factory=list)
    held: dict[Fingerprint, list[CaseKey]] = field(default_factory=lambda: defaultdict(list))

    def __post_init__(self) -> None:
        self.after.update(self.before)
        for key, case in self.before.items():
            self.held[case.fingerprint].append(key)

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
            self.decided[key] = decision
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


def _save(tx: Transaction, made: _Round, now: datetime) -> None:
    changed = [held for key, held in made.after.items() if made.before.get(key) != held]
    tx.cases.save_cases(changed)
    moved = [held for held in changed if _moved(made.before, held)]
    names = tx.sensitive.references({held.person for held in moved if held.person})
    tx.runs.append(*(_entry(held, names, now) for held in moved))
    tx.cases.replace_watches(made.watches)
    record_proved(tx, made.book.proved(made.before, changed))


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
