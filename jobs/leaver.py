"""The on-demand job: everything known of one person's credentials, from the store, in seconds."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from correlate.attribution import KNOWING
from correlate.bus_factor import rotators
from correlate.errors import ConfigError
from correlate.identity import fold
from correlate.kind import Grade, Kind
from correlate.model import Identity, KindId, PersonId
from correlate.policy import Credential
from correlate.ports_store import Store
from correlate.secret import Fingerprint
from correlate.succession import accepted, successions
from correlate.verdict import CaseKind, Claim, Departure, Relation, Standing, StandingState
from jobs.judge import claims_on, judgement, load_credentials
from jobs.people import Staff, everybody
from jobs.report_data import paths_of

_RELATION_ORDER = (Relation.OWNS, Relation.INTRODUCED, Relation.COULD_READ)


@dataclass(frozen=True, slots=True)
class Held:
    """One credential the person owns, put somewhere or could read, and what follows if they are gone."""

    fingerprint: Fingerprint
    credential: str
    issuer: str
    relation: Relation
    strength: float
    liveness: str
    asked_at: datetime | None
    case: CaseKind | None  # the case that a leave makes, or made, of it
    survival: str
    revoke_hint: str
    only_person: bool  # nobody else could rotate it after the leave: its bus factor is one
    paths: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LeaverReport:
    """The answer about one person. `forecast`: they are treated as gone, though they are not."""

    person: PersonId
    name: str
    standing: Standing
    forecast: bool
    held: tuple[Held, ...]

    def live(self) -> tuple[Held, ...]:
        """Return what can be used now."""
        return tuple(item for item in self.held if item.liveness in ("live", "live_limited"))


def find_person(store: Store, who: str, now: datetime) -> tuple[Staff, PersonId]:
    """Return everybody known, and the one person meant by a worker id, address or login.

    A name alone is never enough. Raises ConfigError when nobody or several fit.
    """
    with store.transaction() as tx:
        known = everybody(tx, now)
    if PersonId(who) in known.people.persons:
        return known, PersonId(who)
    system = "mail" if "@" in who else ""
    wanted = fold(Identity(system, who)).handle
    found = {
        person
        for identity, holders in known.people.held.items()
        if identity.handle == wanted and system in ("", identity.system)
        for person, _ in holders
    }
    if len(found) == 1:
        return known, found.pop()
    raise ConfigError(
        "Nobody is known by that" if not found else "Several people are known by that",
        where=who,
        why=f"{len(known.people.persons)} people are known; "
        + (f"it fits {', '.join(sorted(found))}" if found else "none by this id, address or login"),
        fix="name a worker id, or read the feeds first with `offkey run nightly`",
    )


def leaver(
    store: Store, kinds: Mapping[KindId, Kind], who: str, now: datetime, *, before_leave: bool
) -> LeaverReport:
    """Return what a person holds. With `before_leave`, the verdicts are those of the day after."""
    known, person = find_person(store, who, now)
    standing = known.standings[person]
    gone = standing.state is StandingState.LEFT
    if before_leave and not gone:
        known = _as_gone(known, person, now)
    with store.transaction() as tx:
        credentials = load_credentials(tx, kinds)
        heirs = accepted(successions(tx.successions.steps(), known.standings))
    held = [item for credential in credentials for item in _held(credential, person, known, heirs)]
    held.sort(key=_order)
    name = known.people.persons[person].name
    return LeaverReport(person, name, standing, before_leave and not gone, tuple(held))


def tied(
    store: Store, kinds: Mapping[KindId, Kind], persons: Collection[PersonId], now: datetime
) -> frozenset[Fingerprint]:
    """Return the credentials that any of the persons owns, put somewhere or could read."""
    with store.transaction() as tx:
        known = everybody(tx, now)
        credentials = load_credentials(tx, kinds)
    return frozenset(
        item.fingerprint
        for item in credentials
        if item.kind.grade is Grade.ISSUER
        and any(claim.person in persons for claim in _knowing(claims_on(item, known)))
    )


def _as_gone(known: Staff, person: PersonId, now: datetime) -> Staff:
    announced = known.standings[person].departure
    departure = announced or Departure(person, "forecast", now, "forecast")
    gone = Standing(StandingState.LEFT, replace(departure, effective_at=now, latest_at=None))
    return Staff(known.people, {**known.standings, person: gone})


def _held(
    credential: Credential, person: PersonId, known: Staff, heirs: Mapping[PersonId, PersonId]
) -> Sequence[Held]:
    if credential.kind.grade is not Grade.ISSUER:
        return ()
    made = claims_on(credential, known)
    mine = [claim for claim in _knowing(made) if claim.person == person]
    if not mine:
        return ()
    best = min(mine, key=lambda claim: _RELATION_ORDER.index(claim.relation))
    decisions = judgement(credential, known).decisions
    case = next((item.kind for item in decisions if item.person == person), None)
    return (
        Held(
            credential.fingerprint,
            credential.kind.name,
            credential.kind.issuer,
            best.relation,
            best.strength,
            credential.latest.state.value if credential.latest else "never asked",
            credential.latest.at if credential.latest else None,
            case,
            credential.kind.survival.when_disabled,
            _revoke_hint(credential),
            not rotators(made, known.standings, heirs) - {person},
            paths_of(credential),
        ),
    )


def _revoke_hint(credential: Credential) -> str:
    listed = credential.listed.row.revoke_hint if credential.listed else ""
    return listed or credential.kind.revoke_hint


def _knowing(made: Sequence[Claim]) -> list[Claim]:
    return [claim for claim in made if claim.strength >= KNOWING]


def _order(item: Held) -> tuple[bool, int, str, str]:
    usable = item.liveness in ("live", "live_limited")
    return (
        not usable,
        _RELATION_ORDER.index(item.relation),
        item.credential,
        item.fingerprint.digest,
    )
