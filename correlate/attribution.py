"""Who owns a credential, who put it there and who could read it: claims with their grounds."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import NamedTuple

from correlate.identity import Link, Match, People
from correlate.model import (
    Exposure,
    Identity,
    Liveness,
    PersonId,
    Place,
    Reader,
    Touch,
    Trace,
    Truth,
)
from correlate.secret import Fingerprint
from correlate.verdict import Access, Claim, Ground, Relation, Standing, StandingState

# How far each sort of evidence carries; the order is that of people-and-ownership practice:
# the issuer's word, then a person's own hand, then what an account's name suggests.
BY_ISSUER = 0.95
BY_COMPANY_LOGIN = 0.8  # a user name in a system that we run equals the directory's login
BY_PUBLIC_LOGIN = 0.3  # the same in a public name space proves little
AS_AUTHOR = 0.65
AS_COMMITTER = 0.45
AS_SIGNER = 0.8  # a verified signature by a key that a directory gives to a person
AS_MAILMAP = 0.55  # whom the repository itself takes an author for: anybody may write there
AS_READER = 0.6
AS_SHARER = 0.6  # one of several who used the account together
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
    "signer": AS_SIGNER,
}


def claims(
    fingerprint: Fingerprint,
    exposures: Sequence[Exposure],
    liveness: Liveness | None,
    people: People,
    standings: Mapping[PersonId, Standing],
    access: Mapping[Place, Sequence[Access]] = MappingProxyType({}),
) -> tuple[Claim, ...]:
    """Return every claim on a credential: what its `ties` amount to (`claims_of`)."""
    return claims_of(fingerprint, ties(exposures, liveness, people, standings, access))


def ties(
    exposures: Sequence[Exposure],
    liveness: Liveness | None,
    people: People,
    standings: Mapping[PersonId, Standing],
    access: Mapping[Place, Sequence[Access]] = MappingProxyType({}),
) -> Ties:
    """Return all that ties persons to a credential.

    An author is never an owner: `owns` rests on the issuer's answer alone. An account that
    several held at once is nobody's own: each of them could read what it opens. `access` says who
    could read the containers that the credential stands in; it counts only where the person's
    time overlaps the secret's.
    """
    found = Ties(defaultdict(list), defaultdict(list), defaultdict(list))
    put = [introduced_at(one.trace) if one.trace is not None else None for one in exposures]
    if liveness is not None and liveness.owner_is_person is not Truth.NO:
        first_at = min((at for at in put if at is not None), default=None)
        _add_owners(found, liveness, first_at, people)
    for exposure in exposures:
        if exposure.trace is not None:
            _add_introducers(found, exposure.trace, people)
    if access:
        _add_readers(found, _put_at(exposures, put), access, standings)
    return found


def claims_of(fingerprint: Fingerprint, found: Ties, *, told: bool = True) -> tuple[Claim, ...]:
    """Return the claims that ties amount to, strongest first, one per person and relation. If not
    `told`, without their grounds, of which there may be many (`grounds_of`).
    """
    made = [
        Claim(
            fingerprint,
            person,
            relation,
            max([tie.strength for tie in tied]),
            _grounds(tied) if told else (),
        )
        for relation, persons in zip(_RELATIONS, found, strict=True)
        for person, tied in persons.items()
    ]
    made.sort(key=_claims_first)
    return tuple(made)


def grounds_of(found: Ties, claim: Claim) -> tuple[Ground, ...]:
    """Return the grounds of a claim that was made of these ties, strongest first."""
    return _grounds(found[_RELATIONS.index(claim.relation)][claim.person])


class _Tie(NamedTuple):
    """One ground in the making: it is put into words, by `tell` `of` something, where somebody is to
    read it.
    """

    strength: float
    at: datetime | None
    tell: Callable[..., tuple[str, str]]  # the text and its source
    of: tuple[object, ...]

    def ground(self) -> Ground:
        text, source = self.tell(*self.of)
        return Ground(text, source, self.strength, self.at)


_Tied = dict[PersonId, list[_Tie]]


class Ties(NamedTuple):
    """What ties persons to a credential, by what they have to do with it."""

    owns: _Tied
    introduced: _Tied
    could_read: _Tied


_RELATIONS = (Relation.OWNS, Relation.INTRODUCED, Relation.COULD_READ)  # as `Ties` has them


def _grounds(tied: Sequence[_Tie]) -> tuple[Ground, ...]:
    return tuple(sorted({tie.ground() for tie in tied}, key=_strongest_first))


def _claims_first(claim: Claim) -> tuple[float, Relation, PersonId]:
    return -claim.strength, claim.relation, claim.person


def _strongest_first(ground: Ground) -> tuple[float, str]:
    return -ground.strength, ground.text


def introduced_at(trace: Trace) -> datetime | None:
    """Return when the text was first put there, as far as its source says."""
    if len(trace.introduced) == 1:  # as nearly all are
        return trace.introduced[0].at
    return min((touch.at for touch in trace.introduced if touch.at is not None), default=None)


def unresolved(exposures: Iterable[Exposure], people: People) -> tuple[Identity, ...]:
    """Return the identities that put the credential somewhere and are nobody we know, sorted.

    A key that signed a commit is none of them: whose hand it was, the commit says beside it.
    """
    unknown = {
        touch.identity
        for exposure in exposures
        if exposure.trace is not None
        for touch in exposure.trace.introduced
        if touch.role != "signer" and _putter(touch, people)[0].person is None
    }
    return tuple(sorted(unknown))


def _add_owners(found: Ties, liveness: Liveness, first_at: datetime | None, people: People) -> None:
    at = liveness.created_at or first_at
    for identity in liveness.identities:
        link, strength = people.who(identity, at), BY_ISSUER
        if link.match is Match.NONE:
            link, strength = _by_login(identity, at, people)

        of = (liveness, identity.handle)
        if link.person is not None:
            tie = _Tie(_weakened(strength, link), liveness.at, _by_answer, of)
            found.owns[link.person].append(tie)
        else:
            _add_sharers(found, link, liveness.at, _by_answer, of)


def _by_answer(liveness: Liveness, handle: str) -> tuple[str, str]:
    return f"{liveness.host or 'the issuer'} says it belongs to {handle}", "issuer"


def _add_sharers(
    found: Ties,
    link: Link,
    at: datetime | None,
    tell: Callable[..., tuple[str, str]],
    of: tuple[object, ...],
) -> None:
    for person in link.among:
        tie = _Tie(AS_SHARER, at, _by_sharing, (len(link.among), tell, of))
        found.could_read[person].append(tie)


def _by_sharing(
    many: int, tell: Callable[..., tuple[str, str]], of: tuple[object, ...]
) -> tuple[str, str]:
    text, source = tell(*of)
    return f"{text}, an account that {many} people shared", source


def _by_login(identity: Identity, at: datetime | None, people: People) -> tuple[Link, float]:
    handle = Identity("mail" if "@" in identity.handle else "login", identity.handle)
    ours = identity.system in _OUR_NAME_SPACES
    return people.who(handle, at), BY_COMPANY_LOGIN if ours else BY_PUBLIC_LOGIN


def _weakened(strength: float, link: Link) -> float:
    # The issuer's word stands: it names the account's holder now, whatever our dates say. A mere
    # login may since have been given to somebody of whom we do not know.
    if link.match is Match.OUTSIDE and strength < BY_ISSUER:
        return round(strength - OUTSIDE_DATES, 2)
    return strength


def _add_introducers(found: Ties, trace: Trace, people: People) -> None:
    for touch in trace.introduced:
        link, hinted = _putter(touch, people)
        if link.person is not None:
            strength = _ROLE_STRENGTH.get(touch.role, AS_COMMITTER)
            strength = _weakened(min(strength, AS_MAILMAP) if hinted else strength, link)
            tie = _Tie(strength, touch.at, _by_touch, (touch, trace, hinted))
            found.introduced[link.person].append(tie)
        elif link.among and not hinted:
            _add_sharers(found, link, touch.at, _by_touch, (touch, trace, hinted))


def _by_touch(touch: Touch, trace: Trace, hinted: bool) -> tuple[str, str]:  # noqa: FBT001
    when = f" on {touch.at:%Y-%m-%d}" if touch.at else ""
    whose = ", by the repository's own .mailmap" if hinted else ""
    text = f"{touch.role} of {trace.path} in {trace.locator.container}{when}{whose}"
    return text, trace.locator.source


def _putter(touch: Touch, people: People) -> tuple[Link, bool]:
    """Return who it was, and whether that is the hint's word, which counts where the account
    itself is nobody's: neither a machine's nor one that several had.
    """
    link = _holder(touch.identity, touch.at, people)
    if link.match is Match.NONE and touch.hint is not None:
        return people.who(touch.hint, touch.at), True
    return link, False


def _holder(identity: Identity, at: datetime | None, people: People) -> Link:
    """Return who held an account; in a system that we run, the login tells where nothing else does."""
    link = people.who(identity, at)
    if link.match is Match.NONE and identity.system in _OUR_NAME_SPACES:
        return _by_login(identity, at, people)[0]
    return link


def resolved(
    readers: Iterable[Reader], people: People, only: Container[PersonId] | None = None
) -> tuple[Access, ...]:
    """Return a container's readers as persons, or those of them who are `only` these; those who are
    nobody we know are left out.
    """
    found: dict[tuple[object, ...], Access] = {}
    for reader in readers:
        link = _holder(reader.identity, reader.since, people)
        for person in (link.person,) if link.person is not None else link.among:
            if only is None or person in only:
                facts = (person, reader.why, reader.since, reader.until, reader.right)
                if facts not in found:
                    found[facts] = Access(*facts)
    return tuple(found.values())


def asked_about(exposures: Iterable[Exposure], liveness: Liveness | None) -> set[Identity]:
    """Return the identities that `claims` asks about of these."""
    identities = set(liveness.identities) if liveness is not None else set()
    for exposure in exposures:
        if exposure.trace is not None:
            touches = exposure.trace.introduced
            identities.update(who for touch in touches for who in touch.identities())
    return identities


def _add_readers(
    found: Ties,
    put_at: Mapping[Place, datetime | None],
    access: Mapping[Place, Sequence[Access]],
    standings: Mapping[PersonId, Standing],
) -> None:
    for place, since in put_at.items():
        for one in access.get(place, ()):
            if since is None or _overlaps(one, since, standings.get(one.person)):
                tie = _Tie(AS_READER, one.since, _by_access, (place, one))
                found.could_read[one.person].append(tie)


def _by_access(place: Place, one: Access) -> tuple[str, str]:
    return f"could read {place[1]}: {one.why}", place[0]


def _put_at(
    exposures: Iterable[Exposure], put: Iterable[datetime | None]
) -> dict[Place, datetime | None]:
    """Return since when the credential has stood in each container; None: nobody can tell. `put` is
    when it was put where each exposure is.
    """
    since: dict[Place, datetime | None] = {}
    for exposure, at in zip(exposures, put, strict=True):
        place = exposure.locator.source, exposure.locator.container
        known = since.setdefault(place, at)
        since[place] = None if at is None or known is None else min(known, at)
    return since


def _overlaps(one: Access, since: datetime, standing: Standing | None) -> bool:
    """Whether the reader's time and the secret's overlap; an unknown start counts as long ago."""
    if one.until is not None and one.until < since:
        return False
    if standing is None or standing.state is not StandingState.LEFT or not standing.departure:
        return True
    return since <= standing.departure.effective_at
