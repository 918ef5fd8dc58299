"""The on-demand job: everything known of one person's credentials, from the store, in seconds."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from correlate.attribution import KNOWING
from correlate.break_glass import by_hand
from correlate.bus_factor import rotators
from correlate.errors import ConfigError
from correlate.identity import fold
from correlate.kind import Grade, Kind
from correlate.model import Identity, KindId, PersonId
from correlate.policy import Credential
from correlate.ports_store import Store, Transaction
from correlate.secret import Fingerprint
from correlate.succession import accepted
from correlate.verdict import CaseKind, Claim, Departure, Relation, Standing, StandingState
from jobs.circle import Circle, Staff, of_the_gone
from jobs.credentials import some_credentials
from jobs.judgement import claims_on, judgement
from jobs.paths import paths_of
from jobs.people import circle

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
    """Return the one person meant by a worker id, address or login, among the few who might be.

    A name alone is never enough. Raises ConfigError when nobody or several fit.
    """
    with store.transaction() as tx:
        known = circle(tx, now)
        person = _find_person(tx, known, who)
    return known.staff, person


def _find_person(tx: Transaction, known: Circle, who: str) -> PersonId:
    if PersonId(who) in known.know({PersonId(who)}).people.persons:
        return PersonId(who)
    system = "mail" if "@" in who else ""
    wanted = fold(Identity(system, who)).handle
    people = known.ask({wanted}).people
    found = {
        person
        for held in (people.held, people.corrected)
        for identity, holders in held.items()
        if identity.handle == wanted and system in ("", identity.system)
        for person, _ in holders
    }
    if len(found) == 1:
        return found.pop()
    raise ConfigError(
        "Nobody is known by that" if not found else "Several people are known by that",
        where=who,
        why=f"{tx.people.how_many_persons()} people are known; "
        + (f"it fits {', '.join(sorted(found))}" if found else "none by this id, address or login"),
        fix="name a worker id, or read the feeds first with `offkey run nightly`",
    )


def leaver(
    store: Store,
    kinds: Mapping[KindId, Kind],
    who: str,
    now: datetime,
    *,
    before_leave: bool,
    break_glass: Sequence[str] = (),
    opened: Collection[PersonId] = frozenset(),
) -> LeaverReport:
    """Return what a person holds. With `before_leave`, the verdicts are those of the day after.
    `break_glass` are fingerprints of credentials that nobody is to revoke. Of those `opened` no
    embargo is kept.
    """
    with store.transaction() as tx:
        met = circle(tx, now, opened)
        person = _find_person(tx, met, who)
        credentials = tied_credentials(tx, kinds, met, {person})
        heirs = accepted(met.successions())
    known = met.staff
    standing = known.standings[person]
    gone = standing.state is StandingState.LEFT
    if before_leave and not gone:
        known = _as_gone(known, person, now)
    held = [
        item
        for credential in credentials
        for item in _held(credential, person, known, heirs, break_glass)
    ]
    held.sort(key=_order)
    name = known.people.persons[person].name
    return LeaverReport(person, name, standing, before_leave and not gone, tuple(held))


def tied(
    store: Store, kinds: Mapping[KindId, Kind], persons: Collection[PersonId], now: datetime
) -> frozenset[Fingerprint]:
    """Return the credentials that any of the persons owns, put somewhere or could read."""
    with store.transaction() as tx:
        known = circle(tx, now)
        credentials = tied_credentials(tx, kinds, known, persons)
    return frozenset(
        item.fingerprint
        for item in credentials
        if item.kind.grade is Grade.ISSUER
        and any(claim.person in persons for claim in _knowing(claims_on(item, known.staff)))
    )


def tied_credentials(
    tx: Transaction, kinds: Mapping[KindId, Kind], known: Circle, persons: Collection[PersonId]
) -> list[Credential]:
    """Return what may have to do with any of the persons; all who have to do with it are met."""
    handles = known.handles_of(persons)
    near = tx.scans.mentioning(handles) | tx.scans.standing_in(tx.access.readable(handles))
    near |= {bearer.fingerprint for bearer in tx.scans.hints_of(near)}
    credentials = [item for item in some_credentials(tx, kinds, near) if not item.absorbed]
    known.meet(credentials)
    return credentials


def _as_gone(known: Staff, person: PersonId, now: datetime) -> Staff:
    announced = known.standings[person].departure
    departure = announced or Departure(person, "forecast", now, "forecast")
    gone = Standing(StandingState.LEFT, replace(departure, effective_at=now, latest_at=None))
    standings = {**known.standings, person: gone}
    could = {place: of_the_gone(readers, standings) for place, readers in known.access.items()}
    return Staff(known.people, standings, known.access, could)


def _held(
    credential: Credential,
    person: PersonId,
    known: Staff,
    heirs: Mapping[PersonId, PersonId],
    break_glass: Sequence[str],
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
            by_hand(credential, break_glass),
            not rotators(made, known.standings, heirs) - {person},
            paths_of(credential),
        ),
    )


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
