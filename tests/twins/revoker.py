"""A revoker in memory: it ends what an issuer's twin honours, and counts what it was sent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from correlate.errors import Refused
from correlate.kind import Effect
from correlate.model import KindId, LivenessState
from correlate.ports import RevocationCall, RevocationReply
from correlate.secret import Secret
from tests.twins.issuer import IssuerTwin


@dataclass(slots=True)
class RevokerTwin:
    """`reply` is what it says of a revocation; `works` tells whether it also happens. `before` runs
    when the call arrives.
    """

    issuer: IssuerTwin
    host: str = "issuer.example"
    name: str = "revoker"
    digest: str = "d1"
    reply: RevocationReply = field(
        default_factory=lambda: RevocationReply(Effect.DONE, "the twin says: done", 204)
    )
    works: bool = True
    before: Callable[[], None] = lambda: None
    sent: Counter[str] = field(default_factory=Counter)

    kinds: frozenset[KindId] = field(init=False)

    def __post_init__(self) -> None:
        self.kinds = self.issuer.kinds

    def plan(self, kind: KindId, host: str) -> RevocationCall | str:
        if kind not in self.kinds:
            return "its kind declares no call that ends this credential alone"
        if host != self.host:
            return f"{host} is none of the hosts that may have issued it"
        return RevocationCall(
            "DELETE", host, f"https://{host}/self", "https://issuer.example/docs", self.digest
        )

    def revoke(self, kind: KindId, secret: Secret, call: RevocationCall) -> RevocationReply:
        if self.plan(kind, call.host) != call:
            raise Refused(
                "The call is not the one that was approved",
                where=call.host,
                why="changed",
                fix="ask",
            )
        self.sent[secret.reveal()] += 1
        self.before()
        known = self.issuer.answers.get(secret.reveal())
        if known is None or not known.state.usable:
            return RevocationReply(Effect.UNCLEAR, "it was never issued", 401)
        if self.works:
            self.issuer.say(secret, LivenessState.DEAD)
        return self.reply
