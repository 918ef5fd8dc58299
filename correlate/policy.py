"""What to hold against whom. The rules, in order, for a credential that can be used now:

F1  its owner is a leaver: one case against the owner, and nothing else but
F11 where it was certainly used since: that is an incident, which revoking the credential does not end.
F2  else, each leaver who put it somewhere or could read it there: one case each.
F9  else, if its owner is on leave of absence and it was used since they were seen to be: one case.
F6  else, if it stands in a notebook: one case, with the owner or introducer if still here.
F5  else, if its owner or introducer is still here: one case with that person.
F3  else: one case with nobody.

A credential that only its issuer's own list shows, and whose owner has not left:

F4  made more than LONG_LIVED ago and the same ever since: one case, with its owner if known.
F10 else, made before its owner moved to another unit, within MOVED_LATELY: the same.
F8  else, if its issuer says that it never expires: the same.

A case with somebody who moved says so, and asks to confirm the need (NIST SP 800-53 rev. 5, PS-5,
https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final).
What they knew of others' secrets is left alone: no feed tells which of it they lost the need of.

A credential of which no liveness could be proved, or that is a decoy, makes no case; if a leaver
owns or introduced it, it is watched. Generic secrets and allow-listed places make neither.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import NamedTuple

from correlate.attribution import KNOWING, NAMING, introduced_at
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
    Reach,
    Relation,
    Standing,
    StandingState,
    Watch,
)

LONG_LIVED = timedelta(days=365)
MOVED_LATELY = timedelta(days=365)
NOBODY_AWAY: Mapping[PersonId, datetime] = MappingProxyType({})
_PRESENT = frozenset({StandingState.HERE, StandingState.ON_LEAVE, StandingState.LEAVING})
_NOTEBOOK = frozenset({Medium.NOTEBOOK_SOURCE, Medium.NOTEBOOK_OUTPUT})


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


def _as_claimed(claim: Claim) -> tuple[Ground, ...]:
    return claim.grounds


def judge(
    credential: Credential,
    claims: Sequence[Claim],
    standings: Mapping[PersonId, Standing],
    away_since: Mapping[PersonId, datetime] = NOBODY_AWAY,
    grounds: Callable[[Claim], tuple[Ground, ...]] = _as_claimed,
) -> Judgement:
    """Apply the rules at the head of this file to one credential and the claims on it.

    `away_since` tells who is on leave of absence, and when they were first seen to be. `grounds`
    tells the grounds of a claim that a decision rests on (default: those it bears).
    """
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
    facts = _Facts(credential, standings, grounds)
    owner = _strongest(claims, Relation.OWNS, NAMING)
    if owner and _left(standings, owner.person):
        return Judgement(tuple(_of_leaver(facts, owner)))
    knowing = _knowing_leavers(claims, standings)
    if knowing:
        return Judgement(tuple(_decision(CaseKind.F2, facts, claim) for claim in knowing))
    used = _used_while_away(credential, owner, away_since)
    if owner and used:
        decision = _decision(CaseKind.F9, facts, owner)
        return Judgement((replace(decision, grounds=(used, *decision.grounds)),))
    return _without_leaver(facts, owner, claims)


class _Facts(NamedTuple):
    """What a decision is made of: the credential, where everybody stands, and claims' grounds."""

    credential: Credential
    standings: Mapping[PersonId, Standing]
    grounds: Callable[[Claim], tuple[Ground, ...]]


def _of_leaver(facts: _Facts, owner: Claim) -> Iterable[Decision]:
    made = _decision(CaseKind.F1, facts, owner)
    yield made
    said = facts.credential.liveness
    if said and made.departure and said.used_since(made.departure.due_from):
        text = f"used on {said.last_used_at:%Y-%m-%d}, after its owner left"
        used = Ground(text, said.host or "issuer", 1.0, said.last_used_at)
        yield replace(made, kind=CaseKind.F11, grounds=(used, *made.grounds))


def _without_leaver(facts: _Facts, owner: Claim | None, claims: Sequence[Claim]) -> Judgement:
    credential, standings = facts.credential, facts.standings
    named = owner or _strongest(claims, Relation.INTRODUCED, KNOWING)
    if named and _state(standings, named.person) is StandingState.SUSPECTED:
        detail = "; ".join(standings[named.person].notes)
        return Judgement(
            watches=(_watch(credential, named.person, Doubt.SUSPECTED_LEAVER, detail),)
        )
    present = named if named and _state(standings, named.person) in _PRESENT else None
    if not credential.exposures:
        return _only_listed(facts, present)
    if any(exposure.medium in _NOTEBOOK for exposure in credential.exposures):
        return Judgement((_decision(CaseKind.F6, facts, present),))
    if present:
        return Judgement((_decision(CaseKind.F5, facts, present),))
    return Judgement((_decision(CaseKind.F3, facts, None),))


def _only_listed(facts: _Facts, present: Claim | None) -> Judgement:
    credential = facts.credential
    row = credential.listed.row if credential.listed else None
    if row is None or credential.liveness is None:
        return Judgement()
    kind, why = None, ""
    made_at = row.created_at
    if made_at is not None and credential.liveness.at - made_at > LONG_LIVED:
        kind, why = CaseKind.F4, f"made on {made_at:%Y-%m-%d} and never rotated since"
    elif present and _moved(credential, facts.standings[present.person]):
        kind, why = CaseKind.F10, "made before its owner moved to another unit"
    elif row.expires is Truth.NO:
        kind, why = CaseKind.F8, "its issuer says that it never expires"
    if kind is None:
        return Judgement()
    decision = _decision(kind, facts, present)
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


def _decision(kind: CaseKind, facts: _Facts, claim: Claim | None) -> Decision:
    credential = facts.credential
    held = facts.standings.get(claim.person) if claim else None
    left = held is not None and held.state in (StandingState.LEFT, StandingState.LEAVING)
    moved = _moved(credential, held) if held and held.state in _PRESENT else None
    return Decision(
        kind,
        credential.fingerprint,
        credential.kind.id,
        claim.person if claim else None,
        held.departure if held and left else None,
        (*((moved,) if moved else ()), *(facts.grounds(claim) if claim else ())),
        _reach(credential),
    )


def _reach(credential: Credential) -> Reach:
    scopes = credential.listed.row.scopes if credential.listed else ()
    places = {(one.locator.source, one.locator.container) for one in credential.exposures}
    return Reach(scopes, len(places))


def _used_while_away(
    credential: Credential, owner: Claim | None, away_since: Mapping[PersonId, datetime]
) -> Ground | None:
    since = away_since.get(owner.person) if owner else None
    said = credential.liveness
    if since is None or said is None or not said.used_since(since):
        return None
    text = f"used on {said.last_used_at:%Y-%m-%d}, while its owner is on leave"
    return Ground(text, said.host or "issuer", 1.0, said.last_used_at)


def _moved(credential: Credential, held: Standing) -> Ground | None:
    """Return the ground that its holder moved lately, and had it before; None where not so."""
    moved_at, said = held.moved_at, credential.liveness
    if moved_at is None or said is None or said.at - moved_at > MOVED_LATELY:
        return None
    made_at = _made_at(credential)
    if made_at is not None and made_at >= moved_at:
        return None
    text = f"moved to another unit on {moved_at:%Y-%m-%d}: confirm that it is needed still"
    return Ground(text, "personnel feed", 1.0, moved_at)


def _made_at(credential: Credential) -> datetime | None:
    """Return when a credential was made, or first put somewhere, as far as anybody says."""
    listed = credential.listed.row.created_at if credential.listed else None
    said = credential.liveness.created_at if credential.liveness else None
    traces = (exposure.trace for exposure in credential.exposures if exposure.trace)
    put = (introduced_at(trace) for trace in traces)
    return listed or said or min((at for at in put if at is not None), default=None)
