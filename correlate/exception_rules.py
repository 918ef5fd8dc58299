"""When an exception holds. The rules:

valid    asked for by one person and approved by another, who is not the one that goes on using the
         credential, and before its end.
void     as soon as the approver or the beneficiary has left, be it known later: also where they came
         back since. A leave that is taken back was none. Of one who is not known any more nothing
         follows, but that it is told; but who was forgotten had left.
expired  from its end on, also if it was void before: where the credential lives on, that is a case of
         its own (F7), until a renewal is approved or the issuer rejects the credential.
renewed  by another that was asked for and approved in the same way.
over     by a person's word before its end, or by the issuer's rejection.

No exception holds off an incident (F11), nor the case that an expired one makes (F7).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from correlate.case import key, off_exception, on_exception
from correlate.departure import standing
from correlate.exception import (
    ExceptionStep,
    Judged,
    Move,
    RiskException,
    Stage,
)
from correlate.forgetting import is_reference
from correlate.model import CaseKey, PersonId, Truth
from correlate.secret import Fingerprint
from correlate.verdict import (
    Case,
    CaseKind,
    CaseState,
    Decision,
    Ground,
    Person,
    StandingState,
)

UNEXCEPTED = frozenset({CaseKind.F7, CaseKind.F11})
_NO_LONGER = "it no longer holds"  # of people whose leave nobody is to be told of


def exceptions(steps: Iterable[ExceptionStep]) -> dict[str, RiskException]:
    """Return every exception by its id, as its steps (oldest first) make it. A step that nobody may
    take changes nothing.
    """
    found: dict[str, RiskException] = {}
    for step in steps:
        held = found.get(step.id)
        if held is not None:
            found[step.id] = _moved(held, step)
            before = found.get(held.terms.renews)
            if before is not None and found[step.id].approved_by and not before.renewed_as:
                found[before.id] = replace(before, renewed_as=step.id)
        elif step.move is Move.ASKED and step.terms is not None and step.by is not None:
            before = found.get(step.terms.renews)
            renewals = before.renewals + 1 if before else 0
            found[step.id] = RiskException(
                step.id, step.terms, step.by, step.at, step.reason, renewals
            )
    return found


def _moved(held: RiskException, step: ExceptionStep) -> RiskException:
    if held.over is not None or step.at < held.asked_at:
        return held
    if step.move is Move.APPROVED and not not_approvable(held, step.by, step.at):
        return replace(held, approved_by=step.by, approved_at=step.at)
    past = held.approved_by is not None and step.at >= held.terms.expires_at
    if step.move is Move.PROVED or (step.move is Move.ENDED and not past):
        return replace(held, over=step.move, over_at=step.at)
    return held


def not_approvable(held: RiskException, by: PersonId | None, at: datetime) -> str:
    """Return why `by` cannot approve an exception at `at`, empty if they can."""
    if held.over is not None or held.approved_by is not None:
        return "it is approved, or over, already"
    if at >= held.terms.expires_at:
        return "its end is past"
    if by is None or by == held.asked_by:
        return "whoever asks cannot approve"
    if by == held.terms.beneficiary:
        return "whoever goes on using the credential cannot approve"
    return ""


def judged(held: RiskException, persons: Mapping[PersonId, Person], now: datetime) -> Judged:
    """Return where an exception stands at `now`, by the rules at the head of this file. `persons`
    are all that are known of those it names.
    """
    late = now >= held.terms.expires_at
    if held.over is not None:
        return Judged(held, Stage.PROVED if held.over is Move.PROVED else Stage.ENDED)
    if held.approved_by is None or held.approved_at is None:
        return Judged(held, Stage.LAPSED if late else Stage.ASKED)
    if held.renewed_as:
        return Judged(held, Stage.RENEWED)
    if late:
        return Judged(held, Stage.EXPIRED, f"it ended on {held.terms.expires_at:%Y-%m-%d}")
    unknown = []
    for role, who in (("approver", held.approved_by), ("beneficiary", held.terms.beneficiary)):
        if who is None:
            continue
        person = persons.get(who)
        gone = _gone(who, person, held.approved_at, now)
        if gone is Truth.YES:
            sealed = person is not None and person.sensitive
            return Judged(held, Stage.VOID, _NO_LONGER if sealed else f"its {role} has left")
        if gone is Truth.UNKNOWN:
            unknown.append(f"whether its {role} is here is not known")
    return Judged(held, Stage.VALID, "; ".join(unknown))


def _gone(who: PersonId, person: Person | None, since: datetime, now: datetime) -> Truth:
    """Whether somebody has left at any time from `since` on, as the feeds state it today."""
    if is_reference(who):
        return Truth.YES
    if person is None:
        return Truth.UNKNOWN
    held = standing(person, now, person.left_seen_at)
    if held.state is StandingState.LEFT or any(one.effective_at > since for one in held.past):
        return Truth.YES
    if standing(person, since, person.left_seen_at).state is StandingState.LEFT:
        return Truth.YES
    return Truth.UNKNOWN if held.state is StandingState.SUSPECTED else Truth.NO


class Book:
    """All exceptions as they stand at one instant, and what follows for cases. `persons` are those
    known, which may become more.
    """

    def __init__(
        self,
        found: Iterable[RiskException],
        persons: Mapping[PersonId, Person],
        now: datetime,
    ) -> None:
        self._persons, self._now = persons, now
        self._by_id: dict[str, Judged] = {}
        self._on: dict[Fingerprint, list[Judged]] = defaultdict(list)
        for held in found:
            one = self._by_id[held.id] = judged(held, persons, now)
            self._on[held.terms.fingerprint].append(one)

    def every(self) -> Sequence[Judged]:
        """Return all, in the order in which they were asked for."""
        return tuple(self._by_id.values())

    def on(self, fingerprint: Fingerprint, case: CaseKey) -> Sequence[Judged]:
        """Return those that cover a credential in a case, in the order in which they were asked for."""
        found = self._on.get(fingerprint, ())
        return tuple(one for one in found if one.exception.terms.case in (None, case))

    def told_of(self, case: Case) -> Sequence[Judged]:
        """Return those that a case's ticket tells of: the newest approved one that covers it, or all
        that an F7 is about.
        """
        if case.kind is CaseKind.F7:
            found = self._on.get(case.fingerprint, ())
            return tuple(one for one in found if one.stage is Stage.EXPIRED)
        if case.kind in UNEXCEPTED:
            return ()
        approved = [one for one in self.on(case.fingerprint, case.key) if one.exception.approved_by]
        return approved[-1:]

    def applied(self, case: Case) -> Case:
        """Return a case as waived while an exception holds it off, and as open again after it."""
        if not case.exception and case.fingerprint not in self._on:
            return case
        valid = self._valid(case)
        if valid is not None:
            held = valid.exception
            return on_exception(case, held.id, held.terms.expires_at, self._now)
        over = self._by_id.get(case.exception)
        why = (over.why or f"it is {over.stage}") if over else "it is not known any more"
        return off_exception(case, why, self._now)

    def _valid(self, case: Case) -> Judged | None:
        if case.kind in UNEXCEPTED:
            return None
        found = [one for one in self.on(case.fingerprint, case.key) if one.stage is Stage.VALID]
        return max(found, key=lambda one: one.exception.terms.expires_at, default=None)

    def expired(self, made: Sequence[Decision]) -> Sequence[Decision]:
        """Return the one decision that the expired exceptions on a credential call for, given those
        that the policy `made` of it today; none where it holds nothing against anybody.

        It is held against a sensitive person, if one of the decisions is: so its ticket names nobody.
        """
        due: dict[str, tuple[Judged, list[Decision]]] = {}
        for one in made:
            if one.kind in UNEXCEPTED or one.fingerprint not in self._on:
                continue
            for late in self.on(one.fingerprint, key(one.fingerprint, one.person, one.kind)):
                if late.stage is Stage.EXPIRED:
                    due.setdefault(late.exception.id, (late, []))[1].append(one)
        if not due:
            return ()
        held = [one for _, decisions in due.values() for one in decisions]
        about = next((one for one in held if self._sealed(one.person)), held[0])
        grounds = tuple(_ground(late.exception) for late, _ in due.values())
        return (replace(about, kind=CaseKind.F7, departure=None, grounds=grounds),)

    def _sealed(self, name: PersonId | None) -> bool:
        person = self._persons.get(name) if name is not None else None
        return person is not None and person.sensitive

    def proved(self, before: Mapping[CaseKey, Case], after: Iterable[Case]) -> list[ExceptionStep]:
        """Return the ends of the valid exceptions of which a case was closed by proof just now."""
        ended: dict[str, ExceptionStep] = {}
        for case in after:
            was = before.get(case.key)
            if case.state is not CaseState.CLOSED or case.kind in UNEXCEPTED or was is None:
                continue
            if was.state is CaseState.CLOSED:
                continue
            for one in self.on(case.fingerprint, case.key):
                if one.stage is Stage.VALID:
                    name, why = one.exception.id, "the issuer rejects the credential"
                    ended[name] = ExceptionStep(name, Move.PROVED, None, why, self._now)
        return list(ended.values())


def _ground(held: RiskException) -> Ground:
    text = f"exception {held.id} ended on {held.terms.expires_at:%Y-%m-%d}, {times(held.renewals)}"
    source = f"policy {held.terms.policy} {held.terms.version}"
    return Ground(text, source, 1.0, held.terms.expires_at)


def times(renewals: int) -> str:
    """Return in words how often an exception was renewed before."""
    return {0: "never renewed", 1: "renewed once"}.get(renewals, f"renewed {renewals} times")
