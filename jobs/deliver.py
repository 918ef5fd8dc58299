"""Step: bring every ticket in line with its case, at most one open ticket per case.

The outbox row is committed before a create is sent. After a crash or an unclear answer
the ticket is looked up by its key, with growing delays while the ticket system's index
may lag, before anything is created again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from types import MappingProxyType

from correlate import case as moves
from correlate.decoys import listed as written_in
from correlate.draft import closing, digest, draft, reopening
from correlate.errors import AuthError, OffkeyError, Refused, Unavailable
from correlate.inventory import kind_of
from correlate.kind import Kind
from correlate.listed import Listed
from correlate.model import CaseKey, Exposure, KindId, Liveness, PersonId
from correlate.ports import TicketSink
from correlate.ports_store import Delivery, Phase, Store
from correlate.ticket import Draft, TicketRef, TicketStatus
from correlate.verdict import Case, CaseKind, CaseState, LedgerEntry, Person
from jobs.outcome import Problem, problem

STEP = "tickets"
FIRST_WAIT = 0.25
LONGEST_WAIT = 15.0


@dataclass(frozen=True, slots=True)
class Rules:
    """What a person must allow first, what a resolution means, how long an index may lag, and
    which credentials are kept for emergencies.
    """

    max_new_tickets: int
    accepted_resolutions: frozenset[str]
    settle_seconds: float
    unticketed: frozenset[CaseKind] = frozenset()
    break_glass: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Subject:
    """All that a draft of one case is made from."""

    case: Case
    kind: Kind
    exposures: tuple[Exposure, ...]
    liveness: Liveness
    person: Person | None
    listed: Listed | None = None
    handover: tuple[tuple[str, str], ...] = ()
    break_glass: bool = False

    def draft(self) -> Draft:
        """Return the ticket's text."""
        return draft(
            self.case, self.kind, self.exposures, self.liveness, self.person, self.listed,
            self.handover, break_glass=self.break_glass,
        )  # fmt: skip


@dataclass(slots=True)
class DeliverReport:
    """How the tickets moved."""

    opened: int = 0
    adopted: int = 0
    updated: int = 0
    closed: int = 0
    reopened: int = 0
    respected: int = 0
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
        except (AuthError, Unavailable, Refused) as error:
            self.report.problems.append(problem(STEP, self.sink.name, error))

    def _deliveries(self) -> Mapping[CaseKey, Delivery]:
        with self.store.transaction() as tx:
            return tx.cases.deliveries(self.sink.name)

    def _guard_masses(
        self, subjects: Mapping[CaseKey, Subject], deliveries: Mapping[CaseKey, Delivery]
    ) -> None:
        new = sum(
            1 for key, item in subjects.items() if key not in deliveries and self._wanted(item.case)
        )
        if new > self.rules.max_new_tickets:
            raise Refused(
                "Too many new tickets at once",
                where=self.sink.name,
                why=f"{new} would be opened, {self.rules.max_new_tickets} are allowed in one run",
                fix=f"look at `offkey cases`; if it is right, rerun with --allow-tickets {new}",
            )

    def _one(self, subject: Subject, made: Delivery | None) -> None:
        try:
            if made is None:
                if self._wanted(subject.case):
                    self._create(subject, attempts=1)
            elif made.phase is Phase.CREATING:
                self._settle(subject, made)
            else:
                self._align(subject, made)
        except (AuthError, Unavailable):
            raise
        except OffkeyError as error:
            self.report.problems.append(problem(STEP, self.sink.name, error))

    def _wanted(self, case: Case) -> bool:
        asked = not case.state.ended and case.state is not CaseState.WAIVED
        return asked and case.kind not in self.rules.unticketed

    # --- creating -------------------------------------------------------------------

    def _create(self, subject: Subject, attempts: int, *, anew: bool = False) -> None:
        """Open a ticket unless there is one; `anew` passes over those that stay closed for good."""
        case, now = subject.case, self.clock()
        if self._adopted(subject, only_open=anew):
            return
        row = Delivery(self.sink.name, case.key, Phase.CREATING, now, attempts)
        self._record(row, "ticket_create", now)
        made = subject.draft()
        try:
            ref = self.sink.open(self._witnessed(made))
        except Unavailable as error:
            if error.retry_after is not None:  # it said no before doing anything
                with self.store.transaction() as tx:
                    tx.cases.drop_delivery(self.sink.name, case.key)
                raise
            self._settle(subject, row)
            return
        except OffkeyError:  # an answer came, and it was no: nothing was made
            with self.store.transaction() as tx:
                tx.cases.drop_delivery(self.sink.name, case.key)
            raise
        self._opened(subject, row, ref, digest(made))
        self.report.opened += 1

    def _settle(self, subject: Subject, row: Delivery) -> None:
        """Find out whether an earlier create arrived; create again only once the index settled."""
        delay = FIRST_WAIT
        deadline = row.attempted_at + timedelta(seconds=self.rules.settle_seconds)
        while not self._adopted(subject):
            if self.clock() >= deadline:
                if self._wanted(subject.case):
                    self._create(subject, row.attempts + 1)
                return
            self.wait(delay)
            delay = min(delay * 2, LONGEST_WAIT)

    def _adopted(self, subject: Subject, *, only_open: bool = False) -> bool:
        found = self.sink.find(subject.case.key)
        if only_open:
            found = [status for status in found if status.open]
        if not found:
            return False
        kept = next((status for status in found if status.open), found[-1])
        row = Delivery(self.sink.name, subject.case.key, Phase.OPEN, self.clock())
        self._opened(subject, row, kept.ref, "")
        self.report.adopted += 1
        self._align(subject, replace(row, ref=kept.ref))
        return True

    def _opened(self, subject: Subject, row: Delivery, ref: TicketRef, shown: str) -> None:
        now = self.clock()
        with self.store.transaction() as tx:
            tx.cases.save_delivery(replace(row, phase=Phase.OPEN, ref=ref, digest=shown))
            if subject.case.state is CaseState.OPEN:
                moved = replace(subject.case, state=CaseState.TICKETED, changed_at=now)
                tx.cases.save_case(moved)
            facts = {"sink": ref.sink, "ticket": ref.key}
            tx.runs.append(LedgerEntry(now, "ticket_open", subject.case.key, facts))

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
        made = subject.draft()
        if subject.case.state.ended:
            self._record(row, "ticket_close", self.clock())
            proof = closing(subject.case, sensitive=made.sensitive)
            self.sink.close(status.ref, self._witnessed(made), proof)
            self._phase(row, Phase.CLOSED, row.digest)
            self.report.closed += 1
        elif digest(made) != row.digest:
            self._record(row, "ticket_update", self.clock())
            self.sink.update(status.ref, self._witnessed(made))
            self._phase(row, Phase.OPEN, digest(made))
            self.report.updated += bool(row.digest)
        elif row.phase is not Phase.OPEN:
            self._phase(row, Phase.OPEN, row.digest)

    def _align_closed(self, subject: Subject, row: Delivery, status: TicketStatus) -> None:
        case = subject.case
        if case.state.ended or case.state in (CaseState.UNPROVEN, CaseState.WAIVED):
            if row.phase is not Phase.CLOSED:
                self._phase(row, Phase.CLOSED, row.digest)
            return
        if not status.resolved_by_us and self._accepts_risk(status):
            now = self.clock()
            waived = moves.waive(case, status.resolution, now)
            with self.store.transaction() as tx:
                tx.cases.save_case(waived)
                tx.cases.save_delivery(replace(row, phase=Phase.CLOSED))
                facts = {"resolution": status.resolution, "ticket": status.ref.key}
                tx.runs.append(LedgerEntry(now, "waived_in_ticket", case.key, facts))
            self.report.respected += 1
            return
        self._reopen(subject, row, status)

    def _accepts_risk(self, status: TicketStatus) -> bool:
        return status.resolution.casefold() in self.rules.accepted_resolutions

    def _reopen(self, subject: Subject, row: Delivery, status: TicketStatus) -> None:
        self._record(row, "ticket_reopen", self.clock())
        made = subject.draft()
        try:
            reason = reopening(subject.case, subject.liveness)
            self.sink.reopen(status.ref, self._witnessed(made), reason)
        except Refused:  # closed for good there: the case goes on in a ticket of its own
            self._create(subject, row.attempts + 1, anew=True)
            return
        self._phase(row, Phase.OPEN, digest(made))
        if subject.case.state is CaseState.OPEN:
            with self.store.transaction() as tx:
                tx.cases.save_case(replace(subject.case, state=CaseState.TICKETED))
        self.report.reopened += 1

    def _witnessed(self, made: Draft) -> Draft:
        """Return the draft with the ledger's head: the entry of what is about to be sent is under it."""
        return replace(made, witness=self.witness())

    def _phase(self, row: Delivery, phase: Phase, shown: str) -> None:
        with self.store.transaction() as tx:
            tx.cases.save_delivery(replace(row, phase=phase, digest=shown))

    def _record(self, row: Delivery, what: str, now: datetime) -> None:
        """Commit the intent to the outbox and the ledger before anything is sent."""
        with self.store.transaction() as tx:
            tx.cases.save_delivery(row)
            facts = {"sink": row.sink, "attempt": row.attempts}
            tx.runs.append(LedgerEntry(now, what, row.key, facts))


def subjects_of(
    cases: Iterable[Case],
    kinds: Mapping[KindId, Kind],
    exposures: Mapping[object, tuple[Exposure, ...]],
    answers: Mapping[object, Liveness],
    persons: Mapping[PersonId, Person],
    listed: Mapping[object, Listed] = MappingProxyType({}),
    handovers: Mapping[PersonId, tuple[tuple[str, str], ...]] = MappingProxyType({}),
    break_glass: Sequence[str] = (),
) -> dict[CaseKey, Subject]:
    """Return what each case's draft is made from; a case whose kind is unknown is left out."""
    made = {}
    for case in cases:
        answer = answers.get(case.fingerprint)
        kind = kind_of(case.credential_kind, kinds)
        if kind is not None and answer is not None:
            made[case.key] = Subject(
                case,
                kind,
                exposures.get(case.fingerprint, ()),
                answer,
                persons.get(case.person) if case.person else None,
                listed.get(case.fingerprint),
                handovers.get(case.person, ()) if case.person and case.kind is CaseKind.F1 else (),
                written_in(break_glass, case.fingerprint),
            )
    return made
