"""Who inherits from somebody who leaves. A successor counts only once they accepted themselves:

nobody -> proposed -> accepted         refused, or the successor leaves: nobody again
             `-> refused               a new proposal replaces whatever was before

A proposal that nobody answers is in limbo: each span of waiting takes it one manager further up,
and to the fallback in the end. A successor is no remedy: a case is over when its issuer rejects the
credential, and not when somebody else is its owner.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from correlate.model import PersonId
from correlate.verdict import Standing, StandingState, Step, SuccessionStep

MAY_INHERIT = frozenset({StandingState.HERE})  # who is away, or goes too, cannot take it up
_STAYS_HEIR = frozenset({StandingState.HERE, StandingState.ON_LEAVE, StandingState.LEAVING})


@dataclass(frozen=True, slots=True)
class Succession:
    """How far the newest proposal of a successor has come. `at` is that of the last step."""

    person: PersonId
    successor: PersonId
    step: Step
    proposed_at: datetime
    proposed_by: PersonId
    at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Terms:
    """How long a successor may think (`wait`), and who decides where no manager is left."""

    fallback: str = ""
    wait: timedelta = timedelta(days=7)


def successions(
    steps: Iterable[SuccessionStep], standings: Mapping[PersonId, Standing]
) -> Mapping[PersonId, Succession]:
    """Return the newest proposal for each person (steps come oldest first), but for those whose
    successor has left, or may have. An answer counts only by the successor, on their proposal.
    """
    found: dict[PersonId, Succession] = {}
    for step in steps:
        last = found.get(step.person)
        if step.step is Step.PROPOSED:
            found[step.person] = Succession(
                step.person, step.successor, step.step, step.at, step.by, step.at, step.reason
            )
        elif last is not None and step.by == step.successor == last.successor:
            found[step.person] = Succession(
                step.person, step.successor, step.step,
                last.proposed_at, last.proposed_by, step.at, step.reason,
            )  # fmt: skip
    return {person: one for person, one in found.items() if _stays(standings.get(one.successor))}


def accepted(found: Mapping[PersonId, Succession]) -> Mapping[PersonId, PersonId]:
    """Return who has inherited from whom: each leaver's successor."""
    return {person: one.successor for person, one in found.items() if one.step is Step.ACCEPTED}


def not_proposable(
    person: PersonId, successor: PersonId, standings: Mapping[PersonId, Standing]
) -> str:
    """Return why somebody cannot be proposed to inherit, empty if they can."""
    held = standings.get(successor)
    if successor == person:
        return "nobody inherits from themselves"
    if held is None or held.state not in MAY_INHERIT:
        return "they are away, leave themselves, or have left"
    return ""


def not_answerable(found: Succession | None, by: PersonId) -> str:
    """Return why `by` cannot accept or refuse, empty if they can."""
    if found is None:
        return "nobody who is still here was proposed"
    if by == found.person:
        return "who leaves does not choose for their successor"
    if by != found.successor:
        return "only the successor can answer"
    if found.step is not Step.PROPOSED:
        return f"it was {found.step.value} already"
    return ""


def limbo(found: Succession, now: datetime, wait: timedelta) -> int:
    """Return how many spans of waiting a proposal has stood unanswered; 0: none yet."""
    if found.step is not Step.PROPOSED or wait <= timedelta(0):
        return 0
    return max(0, (now - found.proposed_at) // wait)


def decides(
    found: Succession | None, chain: Sequence[PersonId], now: datetime, wait: timedelta
) -> PersonId | None:
    """Return who is to decide on a successor, of the managers in `chain` (nearest first); None
    where none is left: the fallback. A successor who refused or does not answer is passed over.
    """
    above = [one for one in chain if found is None or one != found.successor]
    level = max(0, limbo(found, now, wait) - 1) if found else 0
    return above[level] if level < len(above) else None


def told(
    found: Succession | None,
    chain: Sequence[PersonId],
    names: Mapping[PersonId, str],
    terms: Terms,
    now: datetime,
) -> tuple[tuple[str, str], ...]:
    """Return what a ticket says of who inherits, as label and value. Stable until a step is made,
    or an unanswered proposal goes one manager up.
    """

    def named(person: PersonId | None) -> str:
        if person is None:
            return terms.fallback or "nobody: no manager is left, and no fallback is configured"
        return f"{names.get(person, person)} ({person})"

    asks = named(decides(found, chain, now, terms.wait))
    if found is None or found.step is Step.REFUSED:
        return (("Successor", "none yet"), ("To name one", asks))
    if found.step is Step.ACCEPTED:
        return (("Successor", f"{named(found.successor)}, accepted on {found.at:%Y-%m-%d}"),)
    asked = f"{named(found.successor)}, asked on {found.proposed_at:%Y-%m-%d}, has not accepted"
    rows = (("Successor", asked),)
    return (*rows, ("Escalated to", asks)) if limbo(found, now, terms.wait) else rows


def _stays(held: Standing | None) -> bool:
    return held is not None and held.state in _STAYS_HEIR
