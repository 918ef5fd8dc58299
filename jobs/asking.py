"""Step: whom to ask tonight about which credentials, and in what time."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime

from correlate import decoys
from correlate.freshness import IN_FLIGHT, in_flight
from correlate.kind import Kind
from correlate.model import KindId, LivenessState, PersonId
from correlate.policy import Credential
from correlate.ports import Issuer
from correlate.ports_store import Store, Transaction
from correlate.rehire import came_back
from correlate.secret import Fingerprint
from correlate.verdict import Case
from jobs.clock import running_from
from jobs.config import PolicySettings
from jobs.judge import claims_on, load_found
from jobs.lanes import Budget
from jobs.people import Staff, everybody
from jobs.plaintext import Places
from jobs.progress import Progress
from jobs.scan import detector_for
from jobs.verify import Verifier, VerifyReport, due, joined, verify_all
from jobs.wiring import Wiring


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
        credentials = load_found(tx, kinds)
        if only is not None:
            targets = [item for item in credentials if item.fingerprint in only]
        else:
            targets = _due_tonight(tx, credentials, policy, now, since)
            flying = [item for item in credentials if in_flight(item.latest, now)]
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
    credentials: Sequence[Credential],
    policy: PolicySettings,
    now: datetime,
    since: datetime | None,
) -> list[Credential]:
    cases = tx.cases.cases()
    again = revived(credentials, cases, everybody(tx, now), now)
    contested = frozenset(held.fingerprint for held in cases if not held.state.ended)
    gap = policy.proof_gap_seconds
    targets = due(credentials, contested, now, since=since, proof_gap_seconds=gap, revived=again)
    new = (item for item in credentials if _newly_decoy(item, policy.decoys, targets))
    return [*targets, *new]


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


def revived(
    credentials: Iterable[Credential], cases: Iterable[Case], known: Staff, now: datetime
) -> frozenset[Fingerprint]:
    """Return those rejected before somebody came back who had to do with them.

    Enabling the account of one who is hired again revives tokens at many issuers.
    """
    persons = known.people.persons
    rejected = [
        (item, item.latest.at)
        for item in credentials
        if item.latest is not None and item.latest.state is LivenessState.DEAD
    ]
    first = min((at for _, at in rejected), default=now)
    back = {key for key, person in persons.items() if came_back(person, first, now)}
    if not back:
        return frozenset()
    held: dict[Fingerprint, set[PersonId]] = defaultdict(set)
    for case in cases:
        if case.person is not None:
            held[case.fingerprint].add(case.person)
    found = set()
    for item, at in rejected:
        tied = held[item.fingerprint] | {claim.person for claim in claims_on(item, known)}
        if any(came_back(persons[one], at, now) for one in tied & back):
            found.add(item.fingerprint)
    return frozenset(found)


def _by_kind(issuers: Iterable[Issuer]) -> dict[KindId, Issuer]:
    found: dict[KindId, Issuer] = {}
    for issuer in issuers:
        for kind in issuer.kinds:
            found.setdefault(kind, issuer)
    return found
