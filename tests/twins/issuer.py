"""Issuers in memory: they answer from a table of plaintexts, and count the questions."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import datetime

from correlate.model import KindId, Liveness, LivenessState
from correlate.secret import Secret


@dataclass(slots=True)
class IssuerTwin:
    """`answers` maps a plaintext to what is said of it; a text that was never issued is DEAD.

    `outage`, when set, is the state of every answer.
    """

    kinds: frozenset[KindId]
    name: str = "issuer"
    answers: dict[str, Liveness] = field(default_factory=dict)
    outage: LivenessState | None = None
    asked: Counter[str] = field(default_factory=Counter)

    def verify(self, kind: KindId, secret: Secret, now: datetime) -> Liveness:
        if kind not in self.kinds:
            return Liveness(LivenessState.NOT_VERIFIABLE, now, "no way is known to ask")
        self.asked[secret.reveal()] += 1
        if self.outage is not None:
            return Liveness(self.outage, now, "the twin was told so")
        known = self.answers.get(secret.reveal())
        if known is None:
            return Liveness(LivenessState.DEAD, now, "it was never issued")
        return replace(known, at=now)

    def say(self, secret: Secret, state: LivenessState, **rest: object) -> None:
        """Let this be the answer from now on."""
        at = datetime.fromisoformat("2000-01-01T00:00:00+00:00")
        self.answers[secret.reveal()] = Liveness(state, at, "the twin says so", **rest)  # type: ignore[arg-type]
