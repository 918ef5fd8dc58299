"""Judging some credentials, with all cases on them: from values to values, so that any process can."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass, field
from datetime import datetime, timedelta

from correlate import case as moves
from correlate.exception import ExceptionStep
from correlate.exception_rules import Book
from correlate.inventory import alone
from correlate.kind import Kind
from correlate.listed import Listed
from correlate.model import CaseKey, KindId, Liveness, PersonId
from correlate.policy import Credential, Judgement
from correlate.secret import Fingerprint
from correlate.stored import Found, Packed, Uses
from correlate.succession import Succession
from correlate.verdict import Case, CaseState, Decision, Watch
from jobs.circle import Staff
from jobs.credentials import Lists, told, without_own_use
from jobs.judgement import judgement


@dataclass(frozen=True, slots=True)
class Court:
    """All that is known when a pile is judged. `proof_gap_seconds` 0 takes each kind's own."""

    kinds: Mapping[KindId, Kind]
    now: datetime
    proof_gap_seconds: int
    known: Staff
    away_since: Mapping[PersonId, datetime]
    book: Book
    successions: Mapping[PersonId, Succession]
    lists: Lists


@dataclass(frozen=True, slots=True)
class Pile:
    """Credentials found in texts, or `rows` of lists of which some are `absorbed`, or neither, and all
    cases on them. `uses` are those of the rows, and of what was found and has a row.
    """

    cases: Packed[Case]
    found: Packed[Found] | None = None
    uses: Mapping[Fingerprint, Uses] = field(default_factory=dict)
    rows: Sequence[Listed] = ()
    absorbed: frozenset[Fingerprint] = frozenset()


@dataclass(frozen=True, slots=True)
class JudgeReport:
    """How many cases moved."""

    opened: int = 0
    closed: int = 0
    reopened: int = 0
    void: int = 0
    watched: int = 0

    def __add__(self, other: JudgeReport) -> JudgeReport:
        """Return both together."""
        return JudgeReport(*map(sum, zip(astuple(self), astuple(other), strict=True)))


@dataclass(frozen=True, slots=True)
class Changes:
    """What became of a pile: the cases that `changed`, those of them that are new or in another state,
    the watches, which exceptions a rejection ended, and which rows of lists were absorbed.
    """

    changed: Sequence[Case]
    moved: Sequence[Case]
    watches: Sequence[Watch]
    proved: Sequence[ExceptionStep]
    absorbed: frozenset[Fingerprint]
    report: JudgeReport


def judge_pile(court: Court, pile: Pile) -> Changes:
    """Judge each credential of a pile, and bring its cases up to date."""
    before = {held.key: held for held in pile.cases.unpack()}
    absorbed: set[Fingerprint] = set()
    round_ = _Round(before, court)
    for item in _credentials(court, pile, absorbed):
        round_.take(item, judgement(item, court.known, court.away_since))
    round_.overtake()
    round_.hold_off()
    return round_.changes(frozenset(absorbed))


def _credentials(court: Court, pile: Pile, absorbed: set[Fingerprint]) -> Iterator[Credential]:
    if pile.found is not None:
        found = pile.found.unpack()
        yield from told(found, court.lists, court.kinds, pile.uses, absorbed)
    for item in alone(pile.rows, court.kinds, pile.absorbed):
        yield without_own_use(item, pile.uses[item.fingerprint])


@dataclass(slots=True)
class _Round:
    """One judgement of the credentials of a pile, in turn: its cases before, and what became of them."""

    before: Mapping[CaseKey, Case]
    court: Court
    after: dict[CaseKey, Case] = field(default_factory=dict)
    watches: list[Watch] = field(default_factory=list)
    decided: dict[CaseKey, Fingerprint] = field(default_factory=dict)
    settled: list[Fingerprint] = field(default_factory=list)
    held: dict[Fingerprint, list[CaseKey]] = field(default_factory=lambda: defaultdict(list))

    def __post_init__(self) -> None:
        self.after.update(self.before)
        for key, case in self.before.items():
            self.held[case.fingerprint].append(key)

    def take(self, credential: Credential, made: Judgement) -> None:
        """Bring the cases of one credential up to date."""
        now = self.court.now
        self.watches += made.watches
        keys = self.held.get(credential.fingerprint, ())
        if keys and credential.latest:
            gap = timedelta(seconds=self.court.proof_gap_seconds or _gap(credential.kind))
            for key in keys:
                self.after[key] = moves.advance(self.after[key], credential.latest, gap, now)
        for decision in (*made.decisions, *self.court.book.expired(made.decisions)):
            key = moves.key(decision.fingerprint, decision.person, decision.kind)
            self.decided[key] = decision.fingerprint
            self.after[key] = _decided(self.after.get(key), decision, credential.liveness, now)
        if keys and _usable(credential.liveness):
            self.settled.append(credential.fingerprint)

    def overtake(self) -> None:
        """Make void what this judgement left out."""
        standings = self.court.known.standings
        gone = moves.overtaken(
            self.after.values(), self.decided, self.settled, standings, self.court.now
        )
        self.after.update({case.key: case for case in gone})

    def hold_off(self) -> None:
        """Let cases wait while an exception holds, or for whoever was asked to inherit, or go on."""
        now = self.court.now
        for key, case in self.after.items():
            held = moves.lapse(self.court.book.applied(case), now)
            self.after[key] = moves.await_successor(held, self.court.successions, now)

    def changes(self, absorbed: frozenset[Fingerprint]) -> Changes:
        """Return what became of them."""
        changed = [held for key, held in self.after.items() if _changed(self.before.get(key), held)]
        moved = [held for held in changed if _moved(self.before, held)]
        proved = self.court.book.proved(self.before, changed)
        counted = _counted(self.before, self.after, len(self.watches))
        return Changes(changed, moved, self.watches, proved, absorbed, counted)


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


def _changed(before: Case | None, after: Case) -> bool:
    return before is not after and before != after  # most are the very same


def _moved(before: Mapping[CaseKey, Case], after: Case) -> bool:
    old = before.get(after.key)
    return old is None or old.state is not after.state


def _counted(
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
