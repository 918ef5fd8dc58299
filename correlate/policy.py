"""What to hold against whom. The rules, in order, for a credential that can be used now:

F1  its owner is a leaver: one case against the owner, and nothing else.
F2  else, each leaver who put it somewhere or could read it there: one case each.
F6  else, if it stands in a notebook: one case, with the owner or introducer if still here.
F5  else, if its owner or introducer is still here: one case with that person.
F3  else: one case with nobody.

A credential that only its issuer's own list shows, and whose owner has not left:

F4  made more than LONG_LIVED ago and the same ever since: one case, with its owner if known.
F8  else, if its issuer says that it never expires: the same.

A credential of which no liveness could be proved, or that is a decoy, makes no case; if a leaver
owns or introduced it, it is watched. Generic secrets and allow-listed places make neither.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from correlate.attribution import KNOWING, NAMING
from correlate.decoys import is_decoy
from correlate.kind import Grade, Kind
from correlate.listed import Listed
from correlate.model import Exposure, Liveness, LivenessState, Medium, PersonId, Truth
from correlate.secret import Fingerprint
from correlate.verdict import (
    CaseKind,
    Claim,
    Decision,
    Doubt,
    Ground,
    Relation,
    Standing,
    StandingState,
    Watch,
)

LONG_AFTER_LEAVE = timedelta(days=30)
LONG_LIVED = timedelta(days=365)
_PRESENT = frozenset({StandingState.HERE, StandingState.ON_LEAVE, StandingState.LEAVING})
_NOTEBOOK = frozenset({Medium.NOTEBOOK_SOURCE, Medium.NOTEBOOK_OUTPUT})
_LEVELS = {
    CaseKind.F1: 2,
    CaseKind.F2: 2,
    CaseKind.F6: 2,
    CaseKind.F3: 1,
    CaseKind.F4: 1,
    CaseKind.F5: 1,
    CaseKind.F8: 0,
}
_SEVERITIES = ("low", "medium", "high", "critical")


@dataclass(frozen=True, slots=True)
class Credential:
    """All that is known of one credential when it is judged.

    `liveness` is the last definite answer (live, limited, dead), `latest` the last answer
    of any sort; both None where nobody asked. `exposures` hold no suppressed places; there are
    none where only the issuer's list (`listed`) shows the credential. `absorbed`: the same
    credential was found in a text too, and is judged there.
    """

    fingerprint: Fingerprint
    kind: Kind
    exposures: tuple[Exposure, ...]
    liveness: Liveness | None
    latest: Liveness | None
    listed: Listed | None = None
    absorbed: bool = False


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the policy makes of one credential."""

    decisions: tuple[Decision, ...] = ()
    watches: tuple[Watch, ...] = ()


def judge(
    credential: Credential, claims: Sequence[Claim], standings: Mapping[PersonId, Standing]
) -> Judgement:
    """Apply the rules at the head of this file to one credential and the claims on it."""
    if credential.kind.grade is Grade.GENERIC or credential.absorbed:
        return Judgement()
    if not credential.exposures and credential.listed is None:
        return Judgement()
    if is_decoy(credential.latest):
        return Judgement(watches=_watches(credential, claims, standings))
    if credential.liveness is None or credential.liveness.state is LivenessState.SUSPENDED:
        return Judgement(watches=_watches(credential, claims, standings))
    if not credential.liveness.state.usable:
        return Judgement()
    owner = _strongest(claims, Relation.OWNS, NAMING)
    if owner and _left(standings, owner.person):
        return Judgement((_decision(CaseKind.F1, credential, owner, standings),))
    knowing = _knowing_leavers(claims, standings)
    if knowing:
        made = (_decision(CaseKind.F2, credential, claim, standings) for claim in knowing)
        return Judgement(tuple(made))
    return _without_leaver(credential, owner, claims, standings)


def severity(case: CaseKind, liveness: Liveness, decision: Decision) -> str:
    """Return "low" to "critical": the kind's own level, raised by use or long life after the
    leave, lowered where the issuer limits the credential.
    """
    level = _LEVELS.get(case, 0)
    if decision.departure is not None and case is CaseKind.F1:
        left_at = decision.departure.effective_at
        level += liveness.used_since(left_at) or liveness.at - left_at > LONG_AFTER_LEAVE
    level -= liveness.state is LivenessState.LIVE_LIMITED
    return _SEVERITIES[max(0, min(level, len(_SEVERITIES) - 1))]


def _without_leaver(
    credential: Credential,
    owner: Claim | None,
    claims: Sequence[Claim],
    standings: Mapping[PersonId, Standing],
) -> Judgement:
    named = owner or _strongest(claims, Relation.INTRODUCED, KNOWING)
    if named and _state(standings, named.person) is StandingState.SUSPECTED:
        detail = "; ".join(standings[named.person].notes)
        return Judgement(
            watches=(_watch(credential, named.person, Doubt.SUSPECTED_LEAVER, detail),)
        )
    present = named if named and _state(standings, named.person) in _PRESENT else None
    if not credential.exposures:
        return _only_listed(credential, present, standings)
    if any(exposure.medium in _NOTEBOOK for exposure in credential.exposures):
        return Judgement((_decision(CaseKind.F6, credential, present, standings),))
    if present:
        return Judgement((_decision(CaseKind.F5, credential, present, standings),))
    return Judgement((_decision(CaseKind.F3, credential, None, standings),))


def _only_listed(
    credential: Credential, present: Claim | None, standings: Mapping[PersonId, Standing]
) -> Judgement:
    row = credential.listed.row if credential.listed else None
    if row is None or credential.liveness is None:
        return Judgement()
    kind, why = None, ""
    made_at = row.created_at
    if made_at is not None and credential.liveness.at - made_at > LONG_LIVED:
        kind, why = CaseKind.F4, f"made on {made_at:%Y-%m-%d} and never rotated since"
    elif row.expires is Truth.NO:
        kind, why = CaseKind.F8, "its issuer says that it never expires"
    if kind is None:
        return Judgement()
    decision = _decision(kind, credential, present, standings)
    grounds = (Ground(why, row.source, 1.0, made_at), *decision.grounds)
    return Judgement((replace(decision, grounds=grounds),))


def _watches(
    credential: Credential, claims: Sequence[Claim], standings: Mapping[PersonId, Standing]
) -> tuple[Watch, ...]:
    latest = credential.latest
    unverifiable = latest is not None and latest.state is LivenessState.NOT_VERIFIABLE
    doubt = Doubt.NOT_VERIFIABLE if unverifiable else Doubt.UNKNOWN
    detail = latest.reason if latest else "nobody asked the issuer"
    own_hand = {
        claim.person
        for claim in claims
        if claim.relation is not Relation.COULD_READ
        and claim.strength >= KNOWING
        and _left(standings, claim.person)
    }
    return tuple(_watch(credential, person, doubt, detail) for person in sorted(own_hand))


def _watch(credential: Credential, person: PersonId, doubt: Doubt, detail: str) -> Watch:
    return Watch(credential.fingerprint, credential.kind.id, person, doubt, detail)


def _knowing_leavers(
    claims: Sequence[Claim], standings: Mapping[PersonId, Standing]
) -> list[Claim]:
    """Return each leaver's strongest claim of knowledge, in a stable order."""
    best: dict[PersonId, Claim] = {}
    for claim in claims:
        if claim.relation is Relation.OWNS or claim.strength < KNOWING:
            continue
        if _left(standings, claim.person) and claim.person not in best:
            best[claim.person] = claim
    return [best[person] for person in sorted(best)]


def _strongest(claims: Iterable[Claim], relation: Relation, floor: float) -> Claim | None:
    for claim in claims:  # strongest first
        if claim.relation is relation and claim.strength >= floor:
            return claim
    return None


def _state(standings: Mapping[PersonId, Standing], person: PersonId) -> StandingState | None:
    known = standings.get(person)
    return known.state if known else None


def _left(standings: Mapping[PersonId, Standing], person: PersonId) -> bool:
    return _state(standings, person) is StandingState.LEFT


def _decision(
    kind: CaseKind,
    credential: Credential,
    claim: Claim | None,
    standings: Mapping[PersonId, Standing],
) -> Decision:
    held = standings.get(claim.person) if claim else None
    left = held is not None and held.state in (StandingState.LEFT, StandingState.LEAVING)
    return Decision(
        kind,
        credential.fingerprint,
        credential.kind.id,
        claim.person if claim else None,
        held.departure if held and left else None,
        claim.grounds if claim else (),
    )
