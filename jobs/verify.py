"""Step: read each credential's place again and ask its issuer whether it is still live."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from correlate import decoys
from correlate.freshness import asked as asked_only
from correlate.freshness import fresh
from correlate.kind import Grade
from correlate.model import KindId, Liveness, LivenessState
from correlate.policy import Credential
from correlate.ports import Issuer
from correlate.ports_store import Store
from correlate.secret import Fingerprint
from correlate.verdict import LedgerEntry
from jobs.clock import running_from
from jobs.lanes import Budget, Kept, Lanes
from jobs.plaintext import Places


@dataclass(frozen=True, slots=True)
class VerifyReport:
    """How many credentials were asked about, what came back by state, and of how many issuers'
    credentials the budget left some unasked.
    """

    asked: int
    states: Mapping[LivenessState, int]
    left: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Verifier:
    """Finds the plaintext again and asks. It holds no secret between two calls.

    `ask` may be called from several threads. About one of the policy's `decoys` nobody is asked.
    """

    places: Places
    issuers: Mapping[KindId, Issuer]
    decoys: tuple[str, ...] = ()

    def ask(self, credential: Credential, now: datetime) -> Liveness:
        """Return the issuer's answer, or why nobody could be asked. Never raises for an answer."""
        mute = self.mute(credential, now)
        if mute is not None:
            return mute
        secret, why = self.places.secret(credential)
        if secret is None:
            return Liveness(LivenessState.UNKNOWN, now, why)
        return self.issuers[credential.kind.id].verify(credential.kind.id, secret, now)

    def mute(self, credential: Credential, now: datetime) -> Liveness | None:
        """Return why nobody is asked about it, None where somebody is."""
        if decoys.listed(self.decoys, credential.fingerprint):
            return decoys.skipped(now)
        if credential.kind.verification is None:
            reason = "no read-only check is known for this kind"
            return Liveness(LivenessState.NOT_VERIFIABLE, now, reason)
        if credential.kind.id not in self.issuers:
            reason = f"no issuer connector is configured for {credential.kind.issuer}"
            return Liveness(LivenessState.UNKNOWN, now, reason)
        return None


def verify_all(
    verifier: Verifier,
    store: Store,
    credentials: Iterable[Credential],
    now: datetime,
    progress: Callable[[int], None],
    budget: Budget = Budget(),  # noqa: B008  # frozen
    clock: Callable[[], datetime] | None = None,
) -> VerifyReport:
    """Ask about each credential, issuers side by side, and save each answer as it comes.

    The ledger entry of every question is committed before the question is sent, with an answer
    that stands in for the one to come: if the run is killed in between, the question is not
    sent again at once. `progress` is called with the number of answers that came in. `clock`
    tells when a question goes out; without it, time goes on from `now`.
    """
    clock = clock or running_from(now)
    book = _Book(store, now, clock, progress)
    lanes: dict[str, list[Credential]] = defaultdict(list)
    mute: list[tuple[Credential, Liveness]] = []
    for item in credentials:
        why = verifier.mute(item, now)
        if why is None:
            lanes[item.kind.issuer].append(item)
        else:
            mute.append((item, why))
    if mute:
        book.keep(Kept((), mute))
    asking = Lanes(lambda item: _asked(verifier, item, now, clock), book.keep, budget)
    asking.run(lanes)
    states = book.states
    return VerifyReport(
        states.total(), dict(states), {name: len(rest) for name, rest in asking.left.items()}
    )


@dataclass(slots=True)
class _Book:
    """Writes down the questions that go out in one run, and the answers that come."""

    store: Store
    now: datetime
    clock: Callable[[], datetime]
    progress: Callable[[int], None]
    states: Counter[LivenessState] = field(default_factory=Counter)
    _announced: dict[Fingerprint, Liveness] = field(default_factory=dict)

    def keep(self, came: Kept[Credential]) -> None:
        stand_in = asked_only(self.now, self.clock())
        named = [item.fingerprint for item, _ in came.answered]
        over = [(one, self._announced.pop(one)) for one in named if one in self._announced]
        kept = [*came.answered, *((item, stand_in) for item in came.asked)]
        entries = [
            *(_entry(self.now, "answer", item, _facts(answer)) for item, answer in came.answered),
            *(_entry(self.now, "probe", item, _question(item)) for item in came.asked),
        ]
        with self.store.transaction() as tx:  # one statement of each sort: they cost more than rows
            tx.scans.drop_answers(over)
            tx.scans.save_answers([(item.fingerprint, item.kind.id, said) for item, said in kept])
            tx.runs.append(*entries)
        self._announced.update((item.fingerprint, stand_in) for item in came.asked)
        self.states.update(answer.state for _, answer in came.answered)
        self.progress(len(came.answered))


def joined(one: VerifyReport, other: VerifyReport) -> VerifyReport:
    """Return two reports of one run as one."""
    states = Counter(one.states) + Counter(other.states)
    return VerifyReport(one.asked + other.asked, dict(states), {**one.left, **other.left})


def due(
    credentials: Iterable[Credential],
    contested: frozenset[object],
    now: datetime,
    *,
    since: datetime | None = None,
    proof_gap_seconds: int = 0,
    revived: frozenset[Fingerprint] = frozenset(),
) -> list[Credential]:
    """Return the credentials worth asking about now: no answer of theirs is fresh.

    Generic ones have no issuer. `contested` holds the fingerprints of open cases. `since` is when
    the run began that is taken up; `proof_gap_seconds` 0 takes each kind's own. Of those
    `revived` no rejection holds.
    """
    return [
        item
        for item in credentials
        if item.kind.grade is Grade.ISSUER
        and (
            item.fingerprint in revived
            or not fresh(
                item.latest,
                now,
                contested=item.fingerprint in contested,
                gap=timedelta(seconds=proof_gap_seconds or _gap(item)),
                since=since,
            )
        )
    ]


def _gap(item: Credential) -> int:
    return item.kind.verification.proof_gap_seconds if item.kind.verification else 0


def _asked(
    verifier: Verifier, credential: Credential, now: datetime, clock: Callable[[], datetime]
) -> Liveness:
    at = clock()
    try:
        answer = verifier.ask(credential, now)
        return replace(answer, asked_at=at) if answer.host else answer
    except Exception as error:  # noqa: BLE001  # one bad answer must not end the run; its text may hold a secret
        return Liveness(LivenessState.UNKNOWN, now, f"an unforeseen {type(error).__name__}")


def _question(item: Credential) -> Mapping[str, object]:
    return {"issuer": item.kind.issuer, "kind": item.kind.id}


def _facts(answer: Liveness) -> Mapping[str, object]:
    return {
        "state": answer.state.value,
        "reason": answer.reason,
        "host": answer.host,
        "method": answer.method,
        "status": answer.status,
        "asked_at": answer.asked_at.isoformat() if answer.asked_at else None,
    }


def _entry(now: datetime, what: str, item: Credential, facts: Mapping[str, object]) -> LedgerEntry:
    return LedgerEntry(now, what, asked_as(item.fingerprint), facts)


def asked_as(fingerprint: Fingerprint) -> str:
    """Return by what the ledger calls a credential whose issuer was asked about it."""
    return fingerprint.digest[:16]
