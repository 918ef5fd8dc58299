"""What the policy makes of one credential, given those who have to do with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial

from correlate.attribution import Ties, claims_of, grounds_of, ties
from correlate.model import PersonId, Place
from correlate.policy import NOBODY_AWAY, Credential, Judgement, judge
from correlate.verdict import Access, Claim
from jobs.circle import Staff


def judgement(
    credential: Credential, known: Staff, away_since: Mapping[PersonId, datetime] = NOBODY_AWAY
) -> Judgement:
    """Return what the policy makes of a credential. Who is not decided upon is told nothing of."""
    said = credential.liveness
    readers = known.gone if said is not None and said.state.usable else {}
    found = _ties(credential, known, readers)
    bare = claims_of(credential.fingerprint, found, told=False)
    return judge(credential, bare, known.standings, away_since, partial(grounds_of, found))


def claims_on(credential: Credential, known: Staff) -> tuple[Claim, ...]:
    """Return what everybody known has to do with one credential, by its places and its issuer."""
    return claims_of(credential.fingerprint, _ties(credential, known, known.access))


def ties_on(credential: Credential, known: Staff) -> tuple[Claim, ...]:
    """Return the same without those who could read it where it stands: they may be thousands."""
    return claims_of(credential.fingerprint, _ties(credential, known, {}))


def _ties(credential: Credential, known: Staff, access: Mapping[Place, Sequence[Access]]) -> Ties:
    said = credential.liveness or credential.latest
    return ties(credential.exposures, said, known.people, known.standings, access)
