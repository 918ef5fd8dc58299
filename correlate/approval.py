"""Who may speak on what a second person has to approve: revocations and exceptions."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from correlate.attribution import NAMING
from correlate.model import PersonId
from correlate.verdict import Case, Claim, Relation, Standing, StandingState

_MAY_ACT = frozenset({StandingState.HERE, StandingState.ON_LEAVE, StandingState.LEAVING})


def parties(case: Case, claims: Iterable[Claim]) -> frozenset[PersonId]:
    """Return whom it concerns: whom the case is held against, and whoever may own the credential."""
    owners = {
        claim.person
        for claim in claims
        if claim.relation is Relation.OWNS and claim.strength >= NAMING
    }
    return frozenset(owners | ({case.person} if case.person else set()))


def no_say(
    person: PersonId, standings: Mapping[PersonId, Standing], involved: Collection[PersonId]
) -> str:
    """Return why a person has no say, empty if they have. `involved` are those it concerns."""
    held = standings.get(person)
    if held is None or held.state not in _MAY_ACT:
        return "they have left, or may have"
    if person in involved:
        return "the credential is theirs, or the case is held against them"
    return ""
