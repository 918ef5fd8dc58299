"""Which transitions of a case are to be told, once each. Pure.

They follow from the case as it stands and from what was told of it before, so that after a crash
the same is told again under the same id, and nothing that is over.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable
from datetime import datetime

from correlate.model import Liveness
from correlate.notice import Notice, Outcome, Receipt, Told, Transition
from correlate.severity import LEVELS
from correlate.verdict import Case, CaseKind, CaseState, Person

_WORDS = {
    Transition.OPENED: "New case",
    Transition.RAISED: "More severe now",
    Transition.USED: "Used after the leave",
    Transition.OVERDUE: "Overdue",
    Transition.CLOSED: "Closed: its issuer rejects it",
    Transition.ATTENTION: "Needs attention",
}
# of a sensitive person these tell that there was a leave: both are counted from it
_HINTS = frozenset({Transition.USED, Transition.OVERDUE})


def notice_id(case: Case, transition: Transition) -> str:
    """Return the id of a transition: the same in every run, another after a reopening."""
    mark = case.severity if transition is Transition.RAISED else ""
    text = f"{case.key}\x00{transition}\x00{case.generation}\x00{mark}"
    return f"offkey_{hashlib.sha256(text.encode()).hexdigest()[:32]}"


def due(
    case: Case, answer: Liveness, told: Iterable[Told], now: datetime, due_at: datetime | None
) -> list[Transition]:
    """Return the transitions that hold now and were not told to their end in this generation of the
    case, in the order in which they are told. `due_at`: by when the case has to be closed.
    """
    before = [row for row in told if row.case == case.key and row.generation == case.generation]
    done = {row.id for row in before if row.outcome is not Outcome.SENDING}
    return [move for move in _holding(case, answer, before, now, due_at) if notice_id(case, move) not in done]  # fmt: skip


def _holding(
    case: Case, answer: Liveness, before: Collection[Told], now: datetime, due_at: datetime | None
) -> Iterable[Transition]:
    if case.state.ended:
        if before:  # who never heard of it is not told that it is over
            yield Transition.CLOSED
        return
    if case.state is CaseState.WAIVED:
        return
    yield Transition.OPENED
    if _raised(case, before):
        yield Transition.RAISED
    # a leaver's own token that was used since is an incident, with a case of its own
    own = case.kind in (CaseKind.F1, CaseKind.F11)
    if not own and case.departure is not None and answer.used_since(case.departure.due_from):
        yield Transition.USED
    if due_at is not None and now > due_at:
        yield Transition.OVERDUE


def _raised(case: Case, before: Collection[Told]) -> bool:
    mine = notice_id(case, Transition.RAISED)
    earlier = [LEVELS.index(row.severity) for row in before if row.id != mine]
    return bool(earlier) and LEVELS.index(case.severity) > max(earlier)


def notice(
    case: Case,
    transition: Transition,
    credential: str,
    person: Person | None,
    tickets: tuple[str, ...],
    now: datetime,
) -> Notice:
    """Return what is told of a transition. Of a sensitive person nothing in it hints at them or at a
    leave: not the sort of case, not a use.
    """
    sealed = person is not None and person.sensitive
    shown = Transition.ATTENTION if sealed and transition in _HINTS else transition
    what = "Credential to replace" if sealed else case.kind.words
    return Notice(
        id=notice_id(case, transition),
        case=case.key,
        transition=shown,
        at=now,
        title=f"{_words(case, shown)}. {what}: {credential} ({case.fingerprint.short})",
        severity=case.severity,
        kind="" if sealed else case.kind.value,
        credential=credential,
        fingerprint=case.fingerprint.short,
        person="" if person is None or sealed else person.public_name,
        tickets=tickets,
        not_to=frozenset(_addresses(person)),
    )


def lines(told: Notice) -> list[str]:
    """Return a notice as lines of plain text, none of which breaks."""
    facts = [
        told.title,
        f"Severity: {told.severity}",
        f"Person: {told.person}" if told.person else "",
        f"Ticket: {', '.join(told.tickets)}" if told.tickets else "",
        f"Case: {told.kind} {told.case}".replace("  ", " "),
    ]
    return [one_line(fact) for fact in facts if fact]


def one_line(text: str) -> str:
    """Return a text without line breaks and other marks that are not printed."""
    return "".join(mark if mark.isprintable() else " " for mark in text)


def payload(told: Notice) -> dict[str, object]:
    """Return a notice for programs."""
    return {
        "id": told.id,
        "case": told.case,
        "transition": told.transition.value,
        "at": told.at.isoformat(),
        "title": told.title,
        "severity": told.severity,
        "kind": told.kind,
        "credential": told.credential,
        "fingerprint": told.fingerprint,
        "person": told.person,
        "tickets": list(told.tickets),
    }


def left_for_later(notices: Iterable[Notice]) -> list[Receipt]:
    """Return the receipts of notices that were not sent after all."""
    return [Receipt(one.id, Outcome.SENDING, "not sent: an earlier one did not get through") for one in notices]  # fmt: skip


def _words(case: Case, transition: Transition) -> str:
    if transition is Transition.CLOSED and case.state is CaseState.VOID:
        return "No longer asked for"
    return _WORDS[transition]


def _addresses(person: Person | None) -> Iterable[str]:
    if person is not None:
        yield from (hold.identity.handle.casefold() for hold in person.holdings if "@" in hold.identity.handle)  # fmt: skip
        yield from (mail.casefold() for row in person.spells for mail in row.emails)
