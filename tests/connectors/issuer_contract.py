"""What every issuer connector must do, the in-memory twin included."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from correlate.model import KindId, LivenessState
from correlate.ports import Issuer
from correlate.secret import Secret

NOW = datetime(2026, 3, 1, 8, tzinfo=UTC)


@dataclass
class Bureau:
    """An issuer with one live and one dead credential of a kind, and levers on the vendor."""

    issuer: Issuer
    kind: KindId
    live: Secret
    dead: Secret
    revoke: Callable[[], None]
    throttle: Callable[[], None]
    asked: Callable[[], int]  # how often the vendor was asked about the live one


class IssuerContract:
    """Subclasses give the fixture `bureau`."""

    def test_a_live_and_a_dead_credential_are_told_apart(self, bureau: Bureau) -> None:
        assert bureau.kind in bureau.issuer.kinds
        live = bureau.issuer.verify(bureau.kind, bureau.live, NOW)
        assert (live.state, live.at) == (LivenessState.LIVE, NOW)
        dead = bureau.issuer.verify(bureau.kind, bureau.dead, NOW)
        assert (dead.state, bool(dead.reason)) == (LivenessState.DEAD, True)
        assert dead.identities == ()

    def test_no_answer_holds_the_secret(self, bureau: Bureau) -> None:
        for secret in (bureau.live, bureau.dead):
            answer = bureau.issuer.verify(bureau.kind, secret, NOW)
            assert secret.reveal() not in repr(answer)
            assert (
                secret.reveal().partition(":")[2] not in repr(answer) or ":" not in secret.reveal()
            )

    def test_a_revoked_credential_is_dead_at_the_next_question(self, bureau: Bureau) -> None:
        assert bureau.issuer.verify(bureau.kind, bureau.live, NOW).state is LivenessState.LIVE
        bureau.revoke()
        later = NOW + timedelta(hours=1)
        assert bureau.issuer.verify(bureau.kind, bureau.live, later).state is LivenessState.DEAD

    def test_throttling_is_never_death(self, bureau: Bureau) -> None:
        bureau.throttle()
        answer = bureau.issuer.verify(bureau.kind, bureau.live, NOW)
        assert answer.state is LivenessState.RATE_LIMITED

    def test_an_unknown_kind_is_not_verifiable(self, bureau: Bureau) -> None:
        answer = bureau.issuer.verify(KindId("no_such_kind"), bureau.live, NOW)
        assert answer.state is LivenessState.NOT_VERIFIABLE
        assert bureau.asked() == 0

    @pytest.mark.parametrize("text", ["", "x", "line\r\nbreak", "\u00fc", "a" * 100_000])
    def test_nonsense_never_raises_and_is_never_live(self, bureau: Bureau, text: str) -> None:
        answer = bureau.issuer.verify(bureau.kind, Secret(text), NOW)
        assert not answer.state.usable
