"""Leavers' credentials, and how long each lived on: what the figures are made from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from correlate.attribution import KNOWING, NAMING
from correlate.inventory import joined
from correlate.kind import Grade, Kind
from correlate.metrics import Outlived
from correlate.model import KindId, PersonId
from correlate.policy import Credential
from correlate.ports_store import Transaction
from correlate.secret import Fingerprint
from correlate.stored import Lifespan
from correlate.verdict import Case, CaseKind, CaseState, Claim, Relation, Standing, StandingState
from jobs.circle import Circle
from jobs.credentials import some_credentials
from jobs.judgement import ties_on

_NEVER_ASKED = Lifespan()


def own(made: Sequence[Claim]) -> list[PersonId]:
    """Return whose a credential is: who is tied by ownership, or where nobody is, by their own hand."""
    owner = next((c for c in made if c.relation is Relation.OWNS and _own_hand(c)), None)
    return [owner.person] if owner else sorted({c.person for c in made if _own_hand(c)})


def outlived(
    tx: Transaction,
    kinds: Mapping[KindId, Kind],
    known: Circle,
    cases: Iterable[Case],
    left: Mapping[PersonId, Standing],
) -> list[Outlived]:
    """Return each credential of each of those who have `left`, once for each of them.

    A case against its owner (F1) tells all of it; only of the rest, what may have to do with one of
    them is drawn from the store and attributed, for that takes its time.
    """
    told = {held.fingerprint: held for held in cases if _tells(held, left)}
    found = [_of_case(held, left) for held in told.values()]
    handles = known.handles_of(left.keys())
    near = tx.scans.mentioning(handles) - told.keys()
    near |= {bearer.fingerprint for bearer in tx.scans.hints_of(near)} - told.keys()
    rest = [item for item in some_credentials(tx, kinds, near) if _counts(item)]
    again = _listed_again(tx, rest)
    rest = [item for item in rest if item.fingerprint not in again]
    known.meet(rest)
    spans = tx.scans.lifespans([item.fingerprint for item in rest])
    return [*found, *_attributed(rest, spans, known, left)]


def leavers(known: Circle) -> dict[PersonId, Standing]:
    """Return everybody who has left, and where they stand."""
    return {name: held for name, held in known.standings() if held.state is StandingState.LEFT}


def _tells(held: Case, left: Mapping[PersonId, Standing]) -> bool:
    return held.kind is CaseKind.F1 and held.state is not CaseState.VOID and held.person in left


def _of_case(held: Case, left: Mapping[PersonId, Standing]) -> Outlived:
    rejected = held.rejections[0].at if held.rejections else None
    departure = left[held.person].departure if held.person else None
    if departure is None:
        raise AssertionError("whoever has left has a departure")
    return Outlived(departure.effective_at, Lifespan(held.last_live_at, rejected))


def _counts(item: Credential) -> bool:
    return item.kind.grade is Grade.ISSUER and not item.absorbed


def ended_row(item: Credential) -> bool:
    """Whether a credential is nothing but a row of an issuer's list that gives it as live no more."""
    said = item.liveness
    return not item.exposures and said is not None and not said.state.usable


def _listed_again(tx: Transaction, items: Iterable[Credential]) -> set[Fingerprint]:
    """Return the rows that are no more than the entries of credentials found in texts, which count."""
    ended = {item.fingerprint for item in items if ended_row(item)}
    bearers = tx.scans.hints_of(ended)
    rows = tx.inventory.listed(only={one.fingerprint for one in bearers if one.listed})
    return ended & {one.fingerprint for one in joined(bearers, rows).values()}


def _attributed(
    items: Iterable[Credential],
    spans: Mapping[Fingerprint, Lifespan],
    known: Circle,
    left: Mapping[PersonId, Standing],
) -> Iterator[Outlived]:
    for item in items:
        span = _span(item, spans.get(item.fingerprint, _NEVER_ASKED))
        for person in own(ties_on(item, known.staff)):
            held = left.get(person)
            if held is not None and held.departure is not None:
                yield Outlived(held.departure.effective_at, span)


def _span(item: Credential, span: Lifespan) -> Lifespan:
    """Return the lifespan with what the issuer's list says where nobody asked about the credential."""
    said = item.liveness
    if said is None:
        return span
    if said.state.usable:
        return Lifespan(max(said.at, span.live_at or said.at))
    return Lifespan(span.live_at, span.dead_at or said.at)


def _own_hand(claim: Claim) -> bool:
    floor = {Relation.OWNS: NAMING, Relation.INTRODUCED: KNOWING}.get(claim.relation)
    return floor is not None and claim.strength >= floor
