"""How many people could rotate a credential: who owns it or put it somewhere, and is here to stay."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from correlate.attribution import KNOWING, NAMING
from correlate.model import PersonId
from correlate.verdict import Claim, Relation, Standing, StandingState

_STAYS = frozenset({StandingState.HERE, StandingState.ON_LEAVE})


def rotators(
    claims: Iterable[Claim],
    standings: Mapping[PersonId, Standing],
    heirs: Mapping[PersonId, PersonId],
) -> frozenset[PersonId]:
    """Return who knows a credential by their own hand, or inherited it, and neither has left, may
    have, nor leaves. Their number is its bus factor. `heirs` are accepted successors.

    Whoever could merely read it is no rotator: reading tells nobody where it is in use.
    """
    tied = {claim.person for claim in claims if _own_hand(claim)}
    inherited = {heirs[person] for person in tied if person in heirs}
    return frozenset(
        person
        for person in tied | inherited
        if (held := standings.get(person)) is not None and held.state in _STAYS
    )


def _own_hand(claim: Claim) -> bool:
    floor = {Relation.OWNS: NAMING, Relation.INTRODUCED: KNOWING}.get(claim.relation)
    return floor is not None and claim.strength >= floor
