"""Step: whom to ask tonight about which credentials, and in what time."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from itertools import islice

from correlate import decoys
from correlate.freshness import IN_FLIGHT, in_flight
from correlate.kind import Kind
from correlate.model import KindId, LivenessState, PersonId
from correlate.policy import Credential
from correlate.ports import Issuer
from correlate.ports_store import Store, Transaction
from correlate.rehire import came_back
from correlate.secret import Fingerprint
from correlate.verdict import Case, Person
from jobs.circle import Circle
from jobs.clock import running_from
from jobs.config_sections import PolicySettings
from jobs.credentials import AT_ONCE, found_credentials
from jobs.judgement import claims_on
from jobs.lanes import Budget
from jobs.people import circle
from jobs.plaintext import Places
from jobs.progress import Progress
from jobs.scan import detector_for
from jobs.verify import Verifier, VerifyReport, due, joined, verify_all
from jobs.wiring import Wiring

_EVER = datetime.min.replace(tzinfo=UTC)


def verify_step(
    wiring: Wiring,
    store: Store,
    kinds: Mapping[KindId, Kind],
    now: datetime,
    progress: Progress,
    only: frozenset[Fingerprint] | None = None,
    *,
    since: datetime | None = None,
    clock: Callable[[], datetime] | None = None,
    rest: Callable[[float], None] = time.sleep,
) -> VerifyReport:
    """Ask issuers about every credential that is due, or about those named, due or not.

    `since` is when the run began that this one takes up, `clock` tells when questions go out.
    """
    clock = clock or running_from(now)
    policy = wiring.config.policy
    flying: list[Credential] = []
    with store.transaction() as tx:
        if only is not None:
            targets = list(found_credentials(tx, kinds, only))
        else:
            targets, flying = _due_tonight(tx, kinds, policy, now, since)
    progress.stage("asking issuers", len(targets) + len(flying))
    sources = {source.name: source for source in wiring.sources()}
    places = Places(sources, detector_for(wiring), wiring.config.pepper())
    verifier = Verifier(places, _by_kind(wiring.issuers()), policy.decoys)
    budget = Budget(
        policy.question_minutes * 60.0, policy.questions_per_second, policy.patience_seconds
    )
    report = verify_all(verifier, store, targets, now, progress.advance, budget, clock)
    if not flying:
        return report
    # a killed run had asked about them: nobody is asked again before that can have ended
    rest(still_flying(flying, clock()))
    late = verify_all(verifier, store, flying, now, progress.advance, budget, clock)
    return joined(report, late)


def _due_tonight(
    tx: Transaction,
    kinds: Mapping[KindId, Kind],
    policy: PolicySettings,
    now: datetime,
    since: datetime | None,
) -> tuple[list[Credential], list[Credential]]:
    """Return whom to ask about, and of whom a question may still be on its way."""
    cases = tx.cases.cases()
    contested = frozenset(held.fingerprint for held in cases if not held.state.ended)
    known, back = circle(tx, now), returned(tx.people.every_person(), now)
    gap = policy.proof_gap_seconds
    targets: list[Credential] = []
    flying: list[Credential] = []
    credentials = found_credentials(tx, kinds)
    while chunk := list(islice(credentials, AT_ONCE)):
        again = revived(chunk, cases, known, back, now)
        asked = due(chunk, contested, now, since=since, proof_gap_seconds=gap, revived=again)
        targets += asked
        targets += (item for item in chunk if _newly_decoy(item, policy.decoys, asked))
        flying += (item for item in chunk if in_flight(item.latest, now))
    return targets, flying


def _newly_decoy(item: Credential, listed: Sequence[str], targets: Collection[Credential]) -> bool:
    """Whether a credential was listed as a decoy since its last answer, which holds still."""
    return (
        decoys.listed(listed, item.fingerprint)
        and not decoys.is_decoy(item.latest)
        and item not in targets
    )


def still_flying(asked: Iterable[Credential], now: datetime) -> float:
    """Return the seconds until no question on these can be on its way any more."""
    went = (item.latest.asked_at or item.latest.at for item in asked if item.latest is not None)
    return max(0.0, (max(went) + IN_FLIGHT - now).total_seconds())


def returned(persons: Iterable[Person], now: datetime) -> frozenset[PersonId]:
    """Return who ever came back for a further spell."""
    return frozenset(one.id for one in persons if came_back(one, _EVER, now))


def revived(
    credentials: Iterable[Credential],
    cases: Iterable[Case],
    known: Circle,
    back: frozenset[PersonId],
    now: datetime,
) -> frozenset[Fingerprint]:
    """Return those rejected before somebody came `back` who had to do with them.

    Enabling the account of one who is hired again revives tokens at many issuers.
    """
    rejected = [
        (item, item.latest.at)
        for item in credentials
        if item.latest is not None and item.latest.state is LivenessState.DEAD
    ]
    if not back or not rejected:
        return frozenset()
    known.know(back)
    staff = known.meet([item for item, _ in rejected])
    wanted = {item.fingerprint for item, _ in rejected}
    held: dict[Fingerprint, set[PersonId]] = defaultdict(set)
    for case in cases:
        if case.person is not None and case.fingerprint in wanted:
            held[case.fingerprint].add(case.person)
    found = set()
    for item, at in rejected:
        tied = held[item.fingerprint] | {claim.person for claim in claims_on(item, staff)}
        if any(came_back(staff.people.persons[one], at, now) for one in tied & back):
            found.add(item.fingerprint)
    return frozenset(found)


def _by_kind(issuers: Iterable[Issuer]) -> dict[KindId, Issuer]:
    found: dict[KindId, Issuer] = {}
    for issuer in issuers:
        for kind in issuer.kinds:
            found.setdefault(kind, issuer)
    return found
