"""Step: read each credential's place again and ask its issuer whether it is still live."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from threading import Lock

from correlate.errors import OffkeyError
from correlate.kind import Grade
from correlate.model import (
    Exposure,
    KindId,
    Liveness,
    LivenessState,
    Skip,
    Truth,
)
from correlate.policy import Credential
from correlate.ports import Detector, Issuer, Source
from correlate.ports_store import Store
from correlate.secret import Pepper, Secret
from correlate.verdict import LedgerEntry

WORKERS = 8
BATCH = 64
PROVED_DEAD_AGAIN = timedelta(days=7)  # a dead credential without an open case is asked weekly


@dataclass(frozen=True, slots=True)
class VerifyReport:
    """How many credentials were asked about, and what came back by state."""

    asked: int
    states: Mapping[LivenessState, int]


@dataclass(frozen=True, slots=True)
class Verifier:
    """Finds the plaintext again and asks. It holds no secret between two calls.

    `ask` may be called from several threads; the detector works for one at a time.
    """

    sources: Mapping[str, Source]
    detector: Detector
    issuers: Mapping[KindId, Issuer]
    pepper: Pepper
    detecting: Lock = field(default_factory=Lock)

    def ask(self, credential: Credential, now: datetime) -> Liveness:
        """Return the issuer's answer, or why nobody could be asked. Never raises for an answer."""
        issuer = self.issuers.get(credential.kind.id)
        if credential.kind.verification is None:
            reason = "no read-only check is known for this kind"
            return Liveness(LivenessState.NOT_VERIFIABLE, now, reason)
        if issuer is None:
            reason = f"no issuer connector is configured for {credential.kind.issuer}"
            return Liveness(LivenessState.UNKNOWN, now, reason)
        secret, why = self._plaintext(credential)
        if secret is None:
            return Liveness(LivenessState.UNKNOWN, now, why)
        return issuer.verify(credential.kind.id, secret, now)

    def _plaintext(self, credential: Credential) -> tuple[Secret | None, str]:
        why = "it stands nowhere any more"
        for exposure in _surest_first(credential.exposures):
            source = self.sources.get(exposure.locator.source)
            if source is None:
                why = f"source {exposure.locator.source!r} is not configured any more"
                continue
            try:
                text = source.reread(exposure.locator)
            except OffkeyError as error:
                why = f"its place could not be read again: {error.why}"
                continue
            if isinstance(text, Skip):
                why = f"its place is gone: {text.reason}"
                continue
            with self.detecting:
                found = self.detector.find(text)
                findings = [item for item in found if not isinstance(item, Skip)]
            for finding in findings:
                made = self.pepper.fingerprint(finding.kind, finding.secret)
                if made == credential.fingerprint:
                    return finding.secret, ""
            why = "its place holds something else now"
        return None, why


def verify_all(
    verifier: Verifier,
    store: Store,
    credentials: Iterable[Credential],
    now: datetime,
    progress: Callable[[int], None],
) -> VerifyReport:
    """Ask about each credential and save each answer as it comes.

    The ledger entry of every question is committed before the question is sent.
    `progress` is called with the number of answers that came in.
    """
    states: dict[LivenessState, int] = {}
    asked = 0
    with ThreadPoolExecutor(WORKERS, thread_name_prefix="verify") as pool:
        for batch in _batches(credentials):
            _announce(store, batch, now)
            answers = pool.map(lambda item: verifier.ask(item, now), batch)
            for credential, answer in zip(batch, answers, strict=True):
                _save(store, credential, answer, now)
                states[answer.state] = states.get(answer.state, 0) + 1
            asked += len(batch)
            progress(len(batch))
    return VerifyReport(asked, states)


def due(
    credentials: Iterable[Credential], contested: frozenset[object], now: datetime
) -> list[Credential]:
    """Return the credentials worth asking about now.

    Generic ones have no issuer. A dead one is asked again while a case on it is open
    (`contested` holds those fingerprints), else weekly.
    """
    return [
        item
        for item in credentials
        if item.kind.grade is Grade.ISSUER
        and (item.fingerprint in contested or not _settled(item, now))
    ]


def _settled(item: Credential, now: datetime) -> bool:
    answer = item.latest
    return (
        answer is not None
        and answer.state is LivenessState.DEAD
        and now - answer.at < PROVED_DEAD_AGAIN
    )


def _batches(credentials: Iterable[Credential]) -> Iterator[list[Credential]]:
    walk = iter(credentials)
    while batch := list(islice(walk, BATCH)):
        yield batch


def _surest_first(exposures: Sequence[Exposure]) -> list[Exposure]:
    """Places that still stand come first: a later look there is the likeliest to succeed."""

    def doubt(exposure: Exposure) -> tuple[bool, bool]:
        trace = exposure.trace
        gone = trace is not None and trace.at_tip is Truth.NO
        return gone, trace is not None and trace.reachable is Truth.NO

    return sorted(exposures, key=doubt)


def _announce(store: Store, batch: Sequence[Credential], now: datetime) -> None:
    with store.transaction() as tx:
        for item in batch:
            facts = {"kind": item.kind.id, "issuer": item.kind.issuer}
            tx.runs.append(LedgerEntry(now, "probe", item.fingerprint.digest[:16], facts))


def _save(store: Store, credential: Credential, answer: Liveness, now: datetime) -> None:
    facts = {
        "state": answer.state.value,
        "reason": answer.reason,
        "host": answer.host,
        "method": answer.method,
        "status": answer.status,
    }
    with store.transaction() as tx:
        tx.scans.save_answer(credential.fingerprint, credential.kind.id, answer)
        tx.runs.append(LedgerEntry(now, "answer", credential.fingerprint.digest[:16], facts))
