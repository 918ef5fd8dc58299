"""Who owns a credential, who put it there and who could read it: claims with their grounds."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from correlate.identity import Link, Match, People
from correlate.model import Exposure, Identity, Liveness, PersonId, Reader, Touch, Trace, Truth
from correlate.secret import Fingerprint
from correlate.verdict import Claim, Ground, Relation, Standing, StandingState

# How far each sort of evidence carries; the order is that of people-and-ownership practice:
# the issuer's word, then a person's own hand, then what an account's name suggests.
BY_ISSUER = 0.95
BY_COMPANY_LOGIN = 0.8  # a user name in a system that we run equals the directory's login
BY_PUBLIC_LOGIN = 0.3  # the same in a public name space proves little
AS_AUTHOR = 0.65
AS_COMMITTER = 0.45
AS_READER = 0.6
OUTSIDE_DATES = 0.15  # taken off where a sole holder did not hold the identity just then

NAMING = 0.8  # an owner is named from here on
KNOWING = 0.5  # knowledge of a secret counts from here on

_OUR_NAME_SPACES = frozenset({"aws-user", "gitlab", "jupyter"})
_ROLE_STRENGTH = {
    "creator": 0.9,
    "editor": 0.9,
    "owner": AS_AUTHOR,
    "runner": AS_AUTHOR,
    "author": AS_AUTHOR,
    "committer": AS_COMMITTER,
}


def claims(
    fingerprint: Fingerprint,
    exposures: Sequence[Exposure],
    liveness: Liveness | None,
    people: People,
    standings: Mapping[PersonId, Standing],
) -> tuple[Claim, ...]:
    """Return every claim on a credential, strongest first, one per person and relation.

    An author is never an owner: `owns` rests on the issuer's answer alone. `could_read`
    counts only where the person's time overlaps the secret's.
    """
    found: dict[tuple[PersonId, Relation], list[Ground]] = defaultdict(list)
    if liveness is not None and liveness.owner_is_person is not Truth.NO:
        for person, ground in _owners(liveness, _first_at(exposures), people):
            found[person, Relation.OWNS].append(ground)
    for exposure in exposures:
        if exposure.trace is None:
            continue
        for person, ground in _introducers(exposure.trace, people):
            found[person, Relation.INTRODUCED].append(ground)
        for person, ground in _readers(exposure.trace, people, standings):
            found[person, Relation.COULD_READ].append(ground)
    made = [
        _claim(fingerprint, person, relation, grounds)
        for (person, relation), grounds in found.items()
    ]
    return tuple(sorted(made, key=lambda claim: (-claim.strength, claim.relation, claim.person)))


def _claim(
    fingerprint: Fingerprint, person: PersonId, relation: Relation, grounds: Iterable[Ground]
) -> Claim:
    ordered = tuple(sorted(set(grounds), key=lambda ground: (-ground.strength, ground.text)))
    return Claim(fingerprint, person, relation, ordered[0].strength, ordered)


def introduced_at(trace: Trace) -> datetime | None:
    """Return when the text was first put there, as far as its source says."""
    return min((touch.at for touch in trace.introduced if touch.at is not None), default=None)


def unresolved(exposures: Iterable[Exposure], people: People) -> tuple[Identity, ...]:
    """Return the identities that put the credential somewhere and are nobody we know, sorted."""
    unknown = {
        touch.identity
        for exposure in exposures
        if exposure.trace is not None
        for touch in exposure.trace.introduced
        if _putter(touch, people).person is None
    }
    return tuple(sorted(unknown))


def _first_at(exposures: Iterable[Exposure]) -> datetime | None:
    times = [introduced_at(exposure.trace) for exposure in exposures if exposure.trace is not None]
    return min((at for at in times if at is not None), default=None)


def _owners(
    liveness: Liveness, first_at: datetime | None, people: People
) -> Iterable[tuple[PersonId, Ground]]:
    at = liveness.created_at or first_at
    for identity in liveness.identities:
        link, strength = people.who(identity, at), BY_ISSUER
        if link.person is None:
            link, strength = _by_login(identity, at, people)
        if link.person is None:
            continue
        text = f"{liveness.host or 'the issuer'} says it belongs to {identity.handle}"
        yield link.person, Ground(text, "issuer", _weakened(strength, link), liveness.at)


def _by_login(identity: Identity, at: datetime | None, people: People) -> tuple[Link, float]:
    handle = Identity("mail" if "@" in identity.handle else "login", identity.handle)
    ours = identity.system in _OUR_NAME_SPACES
    return people.who(handle, at), BY_COMPANY_LOGIN if ours else BY_PUBLIC_LOGIN


def _weakened(strength: float, link: Link) -> float:
    # The issuer's word stands: it names the account's holder now, whatever our dates say.
    if link.match is Match.OUTSIDE and strength < NAMING:
        return round(strength - OUTSIDE_DATES, 2)
    return strength


def _introducers(trace: Trace, people: People) -> Iterable[tuple[PersonId, Ground]]:
    for touch in trace.introduced:
        link = _putter(touch, people)
        if link.person is None:
            continue
        strength = _weakened(_ROLE_STRENGTH.get(touch.role, AS_COMMITTER), link)
        when = f" on {touch.at:%Y-%m-%d}" if touch.at else ""
        text = f"{touch.role} of {trace.path} in {trace.locator.container}{when}"
        yield link.person, Ground(text, trace.locator.source, strength, touch.at)


def _putter(touch: Touch, people: People) -> Link:
    link = people.who(touch.identity, touch.at)
    if link.person is None and touch.identity.system in _OUR_NAME_SPACES:
        return _by_login(touch.identity, touch.at, people)[0]
    return link


def _readers(
    trace: Trace, people: People, standings: Mapping[PersonId, Standing]
) -> Iterable[tuple[PersonId, Ground]]:
    since = introduced_at(trace)
    for reader in trace.readers:
        person = _reading_person(reader, people)
        if person is None or not _overlaps(reader, since, standings.get(person)):
            continue
        text = f"could read {trace.path} in {trace.locator.container}: {reader.why}"
        yield person, Ground(text, trace.locator.source, AS_READER, reader.since)


def _reading_person(reader: Reader, people: People) -> PersonId | None:
    link = people.who(reader.identity, reader.since)
    if link.person is None and reader.identity.system in _OUR_NAME_SPACES:
        link = _by_login(reader.identity, reader.since, people)[0]
    return link.person


def _overlaps(reader: Reader, since: datetime | None, standing: Standing | None) -> bool:
    """Whether the reader's time and the secret's overlap; an unknown start counts as long ago."""
    ends = [reader.until]
    if standing and standing.state is StandingState.LEFT and standing.departure:
        ends.append(standing.departure.effective_at)
    until = min((end for end in ends if end is not None), default=None)
    return since is None or until is None or since <= until
