"""The case's state machine: pure moves, each from a case and a fact to a case.

open -> ticketed -> unproven -> closed        two spaced rejections by the issuer
  |        |  ^________|                      accepted again in between
  |        `-> waived                         a person accepted the risk, or an exception holds; a
  |                                           rejection still closes
  `-----------> void                          the leave was reversed, or another case took over
closed -> open (generation + 1)               accepted again after the close
waived -> open (generation + 1)               the waiver's time is over, or the exception's
open, ticketed -> awaiting_successor -> open  somebody was asked to inherit, and answered or left

An incident (F11) is about what was done, which no rejection undoes: only a person's word closes it.
An expired exception (F7) is one case a credential, whoever else the credential is held against.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from correlate.model import CaseKey, Liveness, LivenessState, PersonId
from correlate.secret import Fingerprint
from correlate.severity import severity
from correlate.succession import Succession
from correlate.verdict import (
    HYGIENE,
    Case,
    CaseKind,
    CaseState,
    Decision,
    Standing,
    StandingState,
    Step,
)

PROOFS = 2


def key(fingerprint: Fingerprint, person: PersonId | None, kind: CaseKind = CaseKind.F1) -> CaseKey:
    """Return the lasting key of (credential, person): 24 hex digits, safe as a label.

    The fingerprint is keyed already, so the key tells nothing of the secret. It does not
    depend on the case's kind, so that a case that changes kind keeps its ticket; but an incident and
    an expired exception are other cases than the credential's own, the latter whoever it is held against.
    """
    if kind is CaseKind.F7:
        person = None
    text = f"{fingerprint.key_id}\x00{fingerprint.digest}\x00{person or ''}"
    if kind is CaseKind.F11:
        text += "\x00incident"
    elif kind is CaseKind.F7:
        text += "\x00exception"
    return CaseKey(hashlib.sha256(text.encode()).hexdigest()[:24])


def open_case(decision: Decision, liveness: Liveness, now: datetime) -> Case:
    """Return the new case that a decision asks for, on the strength of a usable answer."""
    weight = severity(decision.kind, liveness, decision)
    return Case(
        key=key(decision.fingerprint, decision.person, decision.kind),
        kind=decision.kind,
        fingerprint=decision.fingerprint,
        credential_kind=decision.credential_kind,
        person=decision.person,
        departure=decision.departure,
        state=CaseState.OPEN,
        severity=weight.level,
        severity_reasons=weight.reasons,
        opened_at=now,
        changed_at=now,
        grounds=decision.grounds,
        last_live_at=liveness.at,
    )


def renew(case: Case, decision: Decision, liveness: Liveness, now: datetime) -> Case:
    """Return the case brought up to date with today's decision; unchanged if nothing differs.

    A void case that is decided upon again opens anew; a closed one only through `advance`. One whose
    person was forgotten since is held against them again.
    """
    weight = severity(decision.kind, liveness, decision)
    renewed = replace(
        case,
        kind=decision.kind,
        person=decision.person,
        departure=decision.departure,
        grounds=decision.grounds,
        severity=weight.level,
        severity_reasons=weight.reasons,
    )
    if case.state is CaseState.VOID:
        renewed = _reopened(renewed)
    return renewed if renewed == case else replace(renewed, changed_at=now)


def advance(case: Case, answer: Liveness, gap: timedelta, now: datetime) -> Case:
    """Return the case after an issuer's answer.

    A rejection counts as proof when it is the first or comes `gap` after the one before;
    the second closes. A usable answer wipes the proofs and reopens a closed case. Any
    other answer proves nothing and changes nothing.
    """
    if case.kind is CaseKind.F11:
        return case
    if answer.state.usable:
        return _alive(case, answer, now)
    if answer.state is not LivenessState.DEAD or case.state.ended:
        return case
    last = case.rejections[-1].at if case.rejections else None
    if last is not None and (answer.at <= last or answer.at - last < gap):
        return case
    proofs = (*case.rejections, answer)
    if len(proofs) >= PROOFS:
        return replace(
            case, state=CaseState.CLOSED, rejections=proofs, closed_at=answer.at, changed_at=now
        )
    state = case.state if case.state is CaseState.WAIVED else CaseState.UNPROVEN
    return replace(case, state=state, rejections=proofs, changed_at=now)


def _alive(case: Case, answer: Liveness, now: datetime) -> Case:
    alive = replace(case, last_live_at=answer.at, rejections=())
    if case.state is CaseState.CLOSED:
        return replace(_reopened(alive), changed_at=now)
    if case.state is CaseState.UNPROVEN:
        return replace(alive, state=CaseState.OPEN, changed_at=now)
    return alive


def _reopened(case: Case) -> Case:
    return replace(
        case,
        state=CaseState.OPEN,
        generation=case.generation + 1,
        closed_at=None,
        rejections=(),
        note="",
        exception="",
    )


def waive(case: Case, resolution: str, now: datetime, until: datetime | None = None) -> Case:
    """Return the case after a person resolved its ticket by accepting the risk, which counts
    `until` then (None: without end).
    """
    if case.state.ended or case.state is CaseState.WAIVED:
        return case
    note = f"resolved by a person as {resolution!r}"
    return replace(case, state=CaseState.WAIVED, note=note, changed_at=now, waived_until=until)


def lapse(case: Case, now: datetime) -> Case:
    """Return a case that was waived in its ticket as open once that time is over; any other as it is."""
    until = case.waived_until
    if case.state is not CaseState.WAIVED or case.exception or until is None or now < until:
        return case
    return _no_longer_waived(case, f"a waiver ended on {until:%Y-%m-%d}", now)


def on_exception(case: Case, name: str, until: datetime, now: datetime) -> Case:
    """Return a case as waived by the exception `name`, which holds `until` then, whatever waived it
    before; an ended one as it is.
    """
    held = (case.state, case.exception, case.waived_until)
    if case.state.ended or held == (CaseState.WAIVED, name, until):
        return case
    return replace(
        case, state=CaseState.WAIVED, exception=name, waived_until=until, changed_at=now,
        note=f"exception {name} holds until {until:%Y-%m-%d}",
    )  # fmt: skip


def off_exception(case: Case, why: str, now: datetime) -> Case:
    """Return a case that an exception waived as open again; any other as it is."""
    if case.state is not CaseState.WAIVED or not case.exception:
        return case
    note = f"exception {case.exception} holds no longer: {why}"
    until = min(case.waived_until or now, now)
    return replace(_no_longer_waived(case, note, now), waived_until=until)


def _no_longer_waived(case: Case, note: str, now: datetime) -> Case:
    state = CaseState.UNPROVEN if case.rejections else CaseState.OPEN
    open_again = replace(_reopened(case), state=state, rejections=case.rejections)
    return replace(open_again, note=note, changed_at=now)


def looked_into(case: Case, resolution: str, now: datetime) -> Case:
    """Return an incident as closed, since a person resolved its ticket; any other case as it is."""
    if case.kind is not CaseKind.F11 or case.state.ended:
        return case
    note = f"resolved by a person as {resolution!r}"
    return replace(case, state=CaseState.CLOSED, note=note, closed_at=now, changed_at=now)


def await_successor(case: Case, successions: Mapping[PersonId, Succession], now: datetime) -> Case:
    """Return a leaver's case as it waits for the successor who was asked, or goes on.

    An answer moves it on, and so does a successor's leave; none of it ends it.
    """
    found = successions.get(case.person) if case.person else None
    asked = case.kind is CaseKind.F1 and found is not None and found.step is Step.PROPOSED
    state = case.state
    if asked and state in (CaseState.OPEN, CaseState.TICKETED):
        state = CaseState.AWAITING_SUCCESSOR
    elif not asked and state is CaseState.AWAITING_SUCCESSOR:
        state = CaseState.OPEN
    return case if state is case.state else replace(case, state=state, changed_at=now)


def overtaken(
    cases: Iterable[Case],
    decided: Mapping[CaseKey, Decision],
    judged: Sequence[Fingerprint],
    standings: Mapping[PersonId, Standing],
    now: datetime,
) -> list[Case]:
    """Return, as void, the open cases that today's judgement of their credential left out.

    `judged` names the credentials of which a usable answer is in force: for all others
    silence means nothing. A rehired person's case stays: coming back revokes no token.
    """
    settled = set(judged)
    held = {decision.fingerprint for decision in decided.values()}
    return [
        replace(case, state=CaseState.VOID, note=_why_void(case, standings, held), changed_at=now)
        for case in cases
        if not case.state.ended
        and case.key not in decided
        and case.fingerprint in settled
        and not _rehired(case, standings)
        and not _happened(case, standings)
    ]


def _happened(case: Case, standings: Mapping[PersonId, Standing]) -> bool:
    """Whether a case is of a use that stays one, though its issuer may no longer tell of it."""
    held = standings.get(case.person) if case.person else None
    return case.kind is CaseKind.F11 and held is not None and held.state is StandingState.LEFT


def _rehired(case: Case, standings: Mapping[PersonId, Standing]) -> bool:
    held = standings.get(case.person) if case.person else None
    return (
        held is not None
        and case.departure is not None
        and held.state is not StandingState.LEFT
        and any(departure.spell == case.departure.spell for departure in held.past)
    )


def _why_void(
    case: Case, standings: Mapping[PersonId, Standing], elsewhere: Collection[Fingerprint]
) -> str:
    held = standings.get(case.person) if case.person else None
    if held is not None and case.departure is not None and held.state is not StandingState.LEFT:
        return "the departure was reversed"
    if case.kind is CaseKind.F7 and case.fingerprint in elsewhere:
        return "the exception that had ended was renewed"
    if case.kind in HYGIENE and case.fingerprint not in elsewhere:
        return "its issuer's list no longer gives a reason, or shows it as one that was found"
    if case.fingerprint not in elsewhere:
        return "no case is made of this credential any more"
    return "another case holds this credential now"
