"""What is told of a case to people and systems beside the ticket, and what became of the telling."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from correlate.model import CaseKey


class Transition(StrEnum):
    """What happened to a case. ATTENTION stands for what would hint at a sensitive leave."""

    OPENED = "opened"
    RAISED = "severity_raised"
    USED = "used_after_leave"
    OVERDUE = "overdue"
    CLOSED = "closed"
    ATTENTION = "attention"


@dataclass(frozen=True, slots=True)
class Notice:
    """One transition of one case, in plain words of ours and names that are public. Nothing in it is
    markup. `id` is the same whenever the same transition is told, so that who was told twice can see
    it. `person` is empty where nobody may be named; `not_to` are the mail addresses of whom it is about.
    """

    id: str
    case: CaseKey
    transition: Transition
    at: datetime
    title: str
    severity: str
    kind: str
    credential: str
    fingerprint: str
    person: str = ""
    tickets: tuple[str, ...] = ()
    not_to: frozenset[str] = frozenset()

    def told_to_all(self) -> Notice:
        """Return the notice as one that names nobody."""
        return replace(self, person="")


class Outcome(StrEnum):
    """What became of a notice."""

    SENDING = "sending"  # was sent, or is about to be; whether it arrived is not known
    TAKEN = "taken"  # the other side said that it took it, which is no proof that anybody sees it
    REFUSED = "refused"  # the other side will not have it, now or later


@dataclass(frozen=True, slots=True)
class Receipt:
    """What one outlet said to one notice; `reason` is ours, and holds nothing of its answer."""

    id: str
    outcome: Outcome
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """Our record that a transition was told in one outlet, and what became of it."""

    outlet: str
    id: str
    case: CaseKey
    transition: Transition
    generation: int
    severity: str
    outcome: Outcome
    at: datetime
    attempts: int = 1
