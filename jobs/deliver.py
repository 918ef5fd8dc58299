"""Step: bring every ticket in line with its case, at most one open ticket per case.

The outbox row is committed before a create is sent. After a crash or an unclear answer
the ticket is looked up by its key, with growing delays while the ticket system's index
may lag, before anything is created again. Where all of it was in vain (two installations on one
project, a store restored from a copy), a sweep folds newer tickets into the oldest.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from correlate import case as moves
from correlate.draft import closing, digest, folding, reopening
from correlate.errors import AuthError, OffkeyError, Refused, Unavailable
from correlate.model import CaseKey
from correlate.ports import TicketSink
from correlate.ports_store import Store, Transaction
from correlate.sla import NONE, Deadlines
from correlate.stored import Delivery, Phase
from correlate.ticket import Draft, TicketRef, TicketStatus
from correlate.verdict import Case, CaseKind, CaseState, LedgerEntry
from jobs.outcome import Problem, problem
from jobs.subject import Subject

STEP = "tickets"
FIRST_WAIT = 0.25
LONGEST_WAIT = 15.0


@dataclass(frozen=True, slots=True)
class Rules:
    """What a person must allow first, what a resolution means and for how long (None: without end),
    how long an index may lag, which credentials are kept for emergencies, and when cases are due.
    """

    max_new_tickets: int
    accepted_resolutions: frozenset[str]
    settle_seconds: float
    unticketed: frozenset[CaseKind] = frozenset()
    break_glass: tuple[str, ...] = ()
    waived_for: timedelta | None = None
    deadlines: Deadlines = NONE


@dataclass(slots=True)
class DeliverReport:
    """How the tickets moved."""

    opened: int = 0
    adopted: int = 0
    updated: int = 0
    closed: int = 0
    reopened: int = 0
    respected: int = 0
    folded: int = 0
    problems: list[Problem] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Courier:
    """Delivers to one ticket system. `wait` sleeps; `clock` tells the time of an attempt; `witness` gives
    the line that what is written at that moment carries (`jobs.ledger.witness_line`).
    """

    sink: TicketSink
    store: Store
    rules: Rules
    clock: Callable[[], datetime]
    wait: Callable[[float], None]
    report: DeliverReport
    witness: Callable[[], str] = str

    def deliver(self, subjects: Mapping[CaseKey, Subject]) -> None:
        """Bring each subject's ticket in line. Problems are recorded, one ticket never stops another;
        a refused login or a system that is down ends the delivery to this system.
        """
        deliveries = self._deliveries()
        try:
            self._guard_masses(subjects, deliveries)
            for key, subject in subjects.items():
                self._one(subject, deliveries.get(key))
            self._sweep(subjects)
        except (AuthError, Unavailable, Refused) as error:
            self.report.problems.append(problem(STEP, self.sink.name, error))

    def _deliveries(self) -> Mapping[CaseKey, Delivery]:
        with self.store.transaction() as tx:
            return tx.cases.deliveries(self.sink.name)

    def _guard_masses(
        self, subjects: Mapping[CaseKey, Subject], deliveries: Mapping[CaseKey, Delivery]
    ) -> None:
        new = sum(
            self._would_open(item.case, deliveries.get(key)) for key, item in subjects.items()
        )
        if new > self.rules.max_new_tickets:
            raise Refused(
                "Too many new tickets at once",
                where=self.sink.name,
                why=f"{new} would be opened, {self.rules.max_new_tickets} are allowed in one run",
                fix=f"look at `offkey cases`; if it is right, rerun with --allow-tickets {new}",
            )

    def _would_open(self, case: Case, made: Delivery | None) -> bool:
        again = (
            made is not None and made.phase is Phase.CLOSED and made.generation < case.generation
        )
        return (made is None or again) and self._wanted(case)

    def _one(self, subject: Subject, made: Delivery | None) -> None:
        with self._recorded():
            if made is None:
                if self._wanted(subject.case):
                    self._create(subject, attempts=1)
            elif made.phase is Phase.CREATING:
                self._settle(subject, made)
            else:
                self._align(subject, made)

    @contextmanager
    def _recorded(self) -> Iterator[None]:
        """Record what is wrong with one ticket; let through what is wrong with the system."""
        try:
            yield
        except (AuthError, Unavailable):
            raise
        except OffkeyError as error:
            self.report.problems.append(problem(STEP, self.sink.name, error))

    def _wanted(self, case: Case) -> bool:
        asked = not case.state.ended and case.state is not CaseState.WAIVED
        return asked and case.kind not in self.rules.unticketed

    # --- creating -------------------------------------------------------------------

    def _create(self, subject: Subject, attempts: int, former: tuple[TicketRef, ...] = ()) -> None:
        """Open a ticket unless there is one besides those that stay closed for good."""
        case, now = subject.case, self.clock()
        if self._adopted(subject, former):
            return
        row = Delivery(
            self.sink.name, case.key, Phase.CREATING, now, attempts,
            generation=case.generation, former=former,
        )  # fmt: skip
        self._record(row, "ticket_create", now)
        made = subject.draft(former)
        try:
            ref = self.sink.open(self._witnessed(made))
        except Unavailable as error:
            if error.retry_after is not None:  # it said no before doing anything
                self._take_back(row)
                raise
            self._settle(subject, row)
            return
        except OffkeyError:  # an answer came, and it was no: nothing was made
            self._take_back(row)
            raise
        row = self._opened(subject, row, ref, digest(made))
        self.report.opened += 1
        self._follow(row)

    def _take_back(self, row: Delivery) -> None:
        """Undo the record of a create that did not happen."""
        with self.store.transaction() as tx:
            if not row.former:
                tx.cases.drop_delivery(row.sink, row.key)
                return
            *before, last = row.former
            tx.cases.save_delivery(
                replace(
                    row, phase=Phase.CLOSED, ref=last, former=tuple(before),
                    generation=row.generation - 1,
                )
            )  # fmt: skip

    def _settle(self, subject: Subject, row: Delivery) -> None:
        """Find out whether an earlier create arrived; create again only once the index settled."""
        delay = FIRST_WAIT
        deadline = row.attempted_at + timedelta(seconds=self.rules.settle_seconds)
        while not self._adopted(subject, row.former):
            if self.clock() >= deadline:
                if self._wanted(subject.case):
                    self._create(subject, row.attempts + 1, row.former)
                return
            self.wait(delay)
            delay = min(delay * 2, LONGEST_WAIT)

    def _adopted(self, subject: Subject, former: tuple[TicketRef, ...]) -> bool:
        past = {ref.id for ref in former}
        found = [one for one in self.sink.find(subject.case.key) if one.ref.id not in past]
        if not found:
            return False
        kept = next((status for status in found if status.open), found[-1])
        row = Delivery(
            self.sink.name, subject.case.key, Phase.OPEN, self.clock(),
            generation=subject.case.generation, former=former,
        )  # fmt: skip
        row = self._opened(subject, row, kept.ref, "")
        self.report.adopted += 1
        self._align(subject, row)
        return True

    def _opened(self, subject: Subject, row: Delivery, ref: TicketRef, shown: str) -> Delivery:
        now = self.clock()
        made = replace(row, phase=Phase.OPEN, ref=ref, digest=shown)
        with self.store.transaction() as tx:
            tx.cases.save_delivery(made)
            self._ticketed(tx, subject.case, now)
            facts = {"sink": ref.sink, "ticket": ref.key}
            tx.runs.append(LedgerEntry(now, "ticket_open", subject.case.key, facts))
        return made

    @staticmethod
    def _ticketed(tx: Transaction, case: Case, now: datetime) -> None:
        if case.state is CaseState.OPEN:
            tx.cases.save_case(replace(case, state=CaseState.TICKETED, changed_at=now))

    def _follow(self, row: Delivery) -> Delivery:
        """Link a ticket to the one that it goes on from, unless that was done."""
        if row.ref is None or not row.former or row.linked:
            return row
        self.sink.follow(row.ref, row.former[-1])
        return self._kept(replace(row, linked=True))

    # --- keeping in line ------------------------------------------------------------

    def _align(self, subject: Subject, row: Delivery) -> None:
        if row.ref is None or (row.phase is Phase.CLOSED and subject.case.state.ended):
            return
        status = self.sink.read(row.ref)
        if status.open:
            self._align_open(subject, row, status)
        else:
            self._align_closed(subject, row, status)

    def _align_open(self, subject: Subject, row: Delivery, status: TicketStatus) -> None:
        case, made = subject.case, subject.draft(row.former)
        if case.state.ended or (case.state is CaseState.WAIVED and case.exception):
            self._record(row, "ticket_close", self.clock())
            proof = closing(case, sensitive=made.sensitive)
            self.sink.close(status.ref, self._witnessed(made), proof)
            self._kept(replace(row, phase=Phase.CLOSED))
            self.report.closed += 1
            return
        shown = digest(made)
        if shown != row.digest:
            self._record(row, "ticket_update", self.clock())
            self.sink.update(status.ref, self._witnessed(made))
            self.report.updated += bool(row.digest)
        current = replace(row, phase=Phase.OPEN, digest=shown, generation=case.generation)
        if current != row or case.state is CaseState.OPEN:
            with self.store.transaction() as tx:
                tx.cases.save_delivery(current)
                self._ticketed(tx, case, self.clock())
        self._follow(current)

    def _align_closed(self, subject: Subject, row: Delivery, status: TicketStatus) -> None:
        case = subject.case
        if case.state.ended or case.state in (CaseState.UNPROVEN, CaseState.WAIVED):
            if row.phase is not Phase.CLOSED:
                self._kept(replace(row, phase=Phase.CLOSED))
        elif case.kind is CaseKind.F11 and not status.resolved_by_us:
            self._looked_into(case, row, status)
        elif status.resolved_by_us or not self._accepts_risk(status):
            self._reopen(subject, row, status)
        elif row.generation < case.generation:
            # what was accepted then has ended: that ticket stays as a person left it
            self._create(subject, row.attempts + 1, (*row.former, status.ref))
        else:
            self._waive(case, row, status)

    def _looked_into(self, case: Case, row: Delivery, status: TicketStatus) -> None:
        now = self.clock()
        facts = {"resolution": status.resolution, "ticket": status.ref.key}
        with self.store.transaction() as tx:
            tx.cases.save_case(moves.looked_into(case, status.resolution, now))
            tx.cases.save_delivery(replace(row, phase=Phase.CLOSED))
            tx.runs.append(LedgerEntry(now, "incident_resolved_in_ticket", case.key, facts))
        self.report.respected += 1

    def _waive(self, case: Case, row: Delivery, status: TicketStatus) -> None:
        now, term = self.clock(), self.rules.waived_for
        until = now + term if term is not None else None
        facts = {"resolution": status.resolution, "ticket": status.ref.key}
        with self.store.transaction() as tx:
            tx.cases.save_case(moves.waive(case, status.resolution, now, until))
            tx.cases.save_delivery(replace(row, phase=Phase.CLOSED))
            tx.runs.append(LedgerEntry(now, "waived_in_ticket", case.key, facts))
        self.report.respected += 1

    def _accepts_risk(self, status: TicketStatus) -> bool:
        return status.resolution.casefold() in self.rules.accepted_resolutions

    def _reopen(self, subject: Subject, row: Delivery, status: TicketStatus) -> None:
        case, now = subject.case, self.clock()
        self._record(row, "ticket_reopen", now)
        made = subject.draft(row.former)
        try:
            self.sink.reopen(status.ref, self._witnessed(made), reopening(case, subject.liveness))
        except Refused:  # closed for good there: the case goes on in a ticket of its own
            self._create(subject, row.attempts + 1, (*row.former, status.ref))
            return
        opened = replace(row, phase=Phase.OPEN, digest=digest(made), generation=case.generation)
        with self.store.transaction() as tx:
            tx.cases.save_delivery(opened)
            self._ticketed(tx, case, now)
        self.report.reopened += 1

    def _witnessed(self, made: Draft) -> Draft:
        """Return the draft with the ledger's head: the entry of what is about to be sent is under it."""
        return replace(made, witness=self.witness())

    def _kept(self, row: Delivery) -> Delivery:
        with self.store.transaction() as tx:
            tx.cases.save_delivery(row)
        return row

    # --- tickets that double others ---------------------------------------------------

    def _sweep(self, subjects: Mapping[CaseKey, Subject]) -> None:
        """Fold newer open tickets of a case into the oldest; those of no case of ours are let be."""
        held = defaultdict[CaseKey, list[TicketRef]](list)
        for key, ref in self.sink.open_now():
            held[key].append(ref)
        doubled = {key: refs for key, refs in held.items() if len(refs) > 1 and key in subjects}
        rows = self._deliveries() if doubled else {}
        for key, refs in doubled.items():
            with self._recorded():
                self._fold(subjects[key], rows.get(key), refs)

    def _fold(self, subject: Subject, row: Delivery | None, refs: Sequence[TicketRef]) -> None:
        still = [ref for ref in refs if self.sink.read(ref).open]  # the list may lag
        if len(still) < 2 or row is None:  # noqa: PLR2004  # one is as it should be
            return
        oldest, *newer = still
        if row.ref is None or row.ref.id != oldest.id:
            row = replace(row, phase=Phase.OPEN, ref=oldest, digest="")
        for ref in newer:
            facts = {"sink": row.sink, "ticket": ref.key, "into": oldest.key}
            with self.store.transaction() as tx:
                tx.cases.save_delivery(row)
                tx.runs.append(LedgerEntry(self.clock(), "ticket_fold", row.key, facts))
            made = self._witnessed(subject.draft(row.former))
            self.sink.fold(ref, made, oldest, folding(oldest))
            self.report.folded += 1
        self._align(subject, row)

    def _record(self, row: Delivery, what: str, now: datetime) -> None:
        """Commit the intent to the outbox and the ledger before anything is sent."""
        with self.store.transaction() as tx:
            tx.cases.save_delivery(row)
            facts = {"sink": row.sink, "attempt": row.attempts}
            tx.runs.append(LedgerEntry(now, what, row.key, facts))
