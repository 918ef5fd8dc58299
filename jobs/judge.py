"""Step: from what was found and answered to cases, in one transaction."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from correlate import case as moves
from correlate.attribution import claims
from correlate.inventory import with_rows
from correlate.kind import Kind
from correlate.model import CaseKey, Exposure, KindId, Liveness, PersonId
from correlate.own_use import last_use_by_others
from correlate.policy import NOBODY_AWAY, Credential, Judgement, judge
from correlate.ports_store import Answers, Store, Transaction, Uses
from correlate.secret import Fingerprint
from correlate.succession import successions
from correlate.verdict import Case, CaseState, Claim, Decision, LedgerEntry
from jobs.people import Staff, everybody
from jobs.standings import record_standings

NO_ANSWERS = Answers(None, None)
NEVER_ASKED = Uses()


@dataclass(frozen=True, slots=True)
class JudgeReport:
    """How the cases moved."""

    opened: int
    closed: int
    reopened: int
    void: int
    watched: int


def judge_all(
    store: Store, kinds: Mapping[KindId, Kind], now: datetime, proof_gap_seconds: int
) -> JudgeReport:
    """Judge every credential by what is in the store, and save what changed of the cases.

    Departures, as stated and as taken back, and leaves of absence are recorded first.
    `proof_gap_seconds` 0 takes each kind's own.
    Running it twice on the same facts changes nothing.
    """
    with store.transaction() as tx:
        known = everybody(tx, now)
        away_since = record_standings(tx, known.standings.items(), now)
        credentials = load_everything(tx, kinds)
        judged = {item.fingerprint: judgement(item, known, away_since) for item in credentials}
        before = {held.key: held for held in tx.cases.cases()}
        after = _advanced(before, credentials, judged, known, now, proof_gap_seconds)
        asked = successions(tx.successions.steps(), known.standings)
        after = {key: moves.await_successor(held, asked, now) for key, held in after.items()}
        for held in after.values():
            _save(tx, before.get(held.key), held, now)
        watches = [watch for made in judged.values() for watch in made.watches]
        tx.cases.replace_watches(watches)
    return _report(before, after, len(watches))


def judgement(
    credential: Credential, known: Staff, away_since: Mapping[PersonId, datetime] = NOBODY_AWAY
) -> Judgement:
    """Return what the policy makes of one credential, given everybody known."""
    return judge(credential, claims_on(credential, known), known.standings, away_since)


def claims_on(credential: Credential, known: Staff) -> tuple[Claim, ...]:
    """Return what everybody known has to do with one credential, by its places and its issuer."""
    return claims(
        credential.fingerprint,
        credential.exposures,
        credential.liveness or credential.latest,
        known.people,
        known.standings,
    )


def load_credentials(tx: Transaction, kinds: Mapping[KindId, Kind]) -> list[Credential]:
    """Return every credential in the store whose kind is known, with its unsuppressed places,
    and those that only an issuer's own list shows.
    """
    return [item for item in load_everything(tx, kinds) if not item.absorbed]


def load_everything(tx: Transaction, kinds: Mapping[KindId, Kind]) -> list[Credential]:
    """Return the same with the rows that found credentials absorbed: they may have had a case."""
    held = with_rows(load_found(tx, kinds), tx.inventory.listed(), kinds)
    used = [item.fingerprint for item in held if item.liveness and item.liveness.last_used_at]
    uses = tx.scans.uses(used)
    return [without_own_use(item, uses.get(item.fingerprint, NEVER_ASKED)) for item in held]


def without_own_use(credential: Credential, uses: Uses) -> Credential:
    """Return the credential with the last use that others made of it, as far as it is known."""
    said, row = credential.liveness, credential.listed.row if credential.listed else None
    if said is None or said.last_used_at is None:
        return credential
    grain = timedelta(seconds=row.last_used_grain_s if row else 0)
    used = last_use_by_others({*uses.used, said.last_used_at}, uses.asked, grain)
    latest = credential.latest
    return replace(
        credential,
        liveness=replace(said, last_used_at=used),
        latest=replace(latest, last_used_at=used) if latest and latest.last_used_at else latest,
    )


def load_found(tx: Transaction, kinds: Mapping[KindId, Kind]) -> list[Credential]:
    """Return what was found in texts, with answers to our own questions and nothing of lists."""
    places: dict[Fingerprint, list[Exposure]] = defaultdict(list)
    for exposure in tx.scans.exposures():
        if not exposure.suppressed and exposure.kind in kinds:
            places[exposure.fingerprint].append(exposure)
    answers = tx.scans.answers()
    return [
        _credential(fingerprint, found, answers.get(fingerprint, NO_ANSWERS), kinds)
        for fingerprint, found in places.items()
    ]


def _credential(
    fingerprint: Fingerprint,
    found: Sequence[Exposure],
    said: Answers,
    kinds: Mapping[KindId, Kind],
) -> Credential:
    return Credential(fingerprint, kinds[found[0].kind], tuple(found), said.definite, said.latest)


def _advanced(
    before: Mapping[CaseKey, Case],
    credentials: Sequence[Credential],
    judged: Mapping[Fingerprint, Judgement],
    known: Staff,
    now: datetime,
    proof_gap_seconds: int,
) -> dict[CaseKey, Case]:
    by_fingerprint = {item.fingerprint: item for item in credentials}
    after = dict(before)
    for key, held in before.items():
        credential = by_fingerprint.get(held.fingerprint)
        if credential and credential.latest:
            gap = timedelta(seconds=proof_gap_seconds or _gap(credential.kind))
            after[key] = moves.advance(held, credential.latest, gap, now)
    decided: dict[CaseKey, Decision] = {}
    for fingerprint, made in judged.items():
        answer = by_fingerprint[fingerprint].liveness
        for decision in made.decisions:
            key = moves.key(decision.fingerprint, decision.person)
            decided[key] = decision
            after[key] = _decided(after.get(key), decision, answer, now)
    settled = [item.fingerprint for item in credentials if _usable(item.liveness)]
    for gone in moves.overtaken(after.values(), decided, settled, known.standings, now):
        after[gone.key] = gone
    return after


def _decided(held: Case | None, decision: Decision, answer: Liveness | None, now: datetime) -> Case:
    if answer is None:
        raise AssertionError("a decision rests on a usable answer")
    if held is None:
        return moves.open_case(decision, answer, now)
    return moves.renew(held, decision, answer, now)


def _usable(answer: Liveness | None) -> bool:
    return answer is not None and answer.state.usable


def _gap(kind: Kind) -> int:
    return kind.verification.proof_gap_seconds if kind.verification else 0


def _save(tx: Transaction, before: Case | None, after: Case, now: datetime) -> None:
    if before == after:
        return
    tx.cases.save_case(after)
    if before is None or before.state is not after.state:
        facts = {
            "kind": after.kind.value,
            "state": after.state.value,
            "person": after.person,
            "credential": after.fingerprint.short,
            "rejections": [proof.at.isoformat() for proof in after.rejections],
        }
        tx.runs.append(LedgerEntry(now, "case", after.key, facts))


def _report(
    before: Mapping[CaseKey, Case], after: Mapping[CaseKey, Case], watched: int
) -> JudgeReport:
    def moved(state: CaseState) -> Iterable[Case]:
        for key, held in after.items():
            if held.state is state and (key not in before or before[key].state is not state):
                yield held

    reopened = sum(
        1
        for key, held in after.items()
        if key in before and held.generation > before[key].generation
    )
    return JudgeReport(
        opened=sum(1 for key in after if key not in before),
        closed=sum(1 for _ in moved(CaseState.CLOSED)),
        reopened=reopened,
        void=sum(1 for _ in moved(CaseState.VOID)),
        watched=watched,
    )
