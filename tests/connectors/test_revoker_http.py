"""The revoker's contract, on the twin and over loopback, and what each vendor is sent."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from connectors.issuer_http import Settings, connect_revoker
from correlate.errors import Refused
from correlate.kind import Effect, Kind
from correlate.model import KindId, LivenessState
from correlate.ports import RevocationCall, Revoker, Setup
from correlate.secret import Secret
from detectors.mint import mint
from jobs.kind_files import packaged_kinds
from tests.connectors import outbound as asks
from tests.connectors.outbound import Ask, At
from tests.connectors.wire import Asked, Told, answering
from tests.twins.issuer import IssuerTwin
from tests.twins.revoker import RevokerTwin

KINDS = {str(kind.id): kind for kind in packaged_kinds() if kind.revocation}
GITLAB = KINDS["gitlab_pat"]
LIVE = Secret(mint(GITLAB, "live"))
SENT = {
    "gitlab_pat": ("DELETE", "/api/v4/personal_access_tokens/self", "private-token", ""),
    "buildkite_token": ("DELETE", "/v2/access-token", "authorization", "Bearer "),
    "slack_user_token": ("POST", "/api/auth.revoke", "authorization", "Bearer "),
    "fastly_api_token": ("DELETE", "/tokens/self", "fastly-key", ""),
    "okta_api_token": ("DELETE", "/api/v1/api-tokens/current", "authorization", "SSWS "),
    "vercel_token": ("DELETE", "/v3/user/tokens/current", "authorization", "Bearer "),
}


@dataclass
class Wire:
    told: Told = field(default_factory=lambda: Told(204, b""))
    asked: list[Asked] = field(default_factory=list)

    def __call__(self, asked: Asked) -> Told:
        self.asked.append(asked)
        return self.told


def over(base: str, kind: Kind) -> Revoker:
    settings = Settings({kind.issuer: base}, ("127.0.0.1",), timeout_s=2.0, spacing_s=0.0)
    return connect_revoker(settings, Setup("issuers", Path("/nonexistent"), (kind,)))


@dataclass
class Bench:
    revoker: Revoker
    host: str
    sent: Callable[[], int]


@pytest.fixture(params=["twin", "http"])
def bench(request: pytest.FixtureRequest) -> Iterator[Bench]:
    if request.param == "twin":
        issuer = IssuerTwin(frozenset({GITLAB.id}))
        issuer.say(LIVE, LivenessState.LIVE)
        twin = RevokerTwin(issuer)
        yield Bench(twin, twin.host, twin.sent.total)
        return
    wire = Wire()
    with answering(wire) as base:
        yield Bench(over(base, GITLAB), "127.0.0.1", lambda: len(wire.asked))


def planned(revoker: Revoker, kind: KindId, host: str) -> RevocationCall:
    call = revoker.plan(kind, host)
    assert not isinstance(call, str), call
    return call


def test_a_plan_sends_nothing_and_is_the_same_each_time(bench: Bench) -> None:
    call = planned(bench.revoker, GITLAB.id, bench.host)
    assert (call, bench.sent()) == (bench.revoker.plan(GITLAB.id, bench.host), 0)


def test_what_was_planned_is_sent_once(bench: Bench) -> None:
    call = planned(bench.revoker, GITLAB.id, bench.host)
    reply = bench.revoker.revoke(GITLAB.id, LIVE, call)
    assert (reply.effect, bench.sent()) == (Effect.DONE, 1)
    assert LIVE.reveal() not in repr((call, reply))


def test_another_call_host_or_kind_is_refused_and_nothing_is_sent(bench: Bench) -> None:
    call = planned(bench.revoker, GITLAB.id, bench.host)
    other = RevocationCall(call.method, call.host, call.url, call.source, "0" * 64)
    with pytest.raises(Refused):
        bench.revoker.revoke(GITLAB.id, LIVE, other)
    assert isinstance(bench.revoker.plan(GITLAB.id, "evil.example"), str)
    assert isinstance(bench.revoker.plan(KindId("no_such_kind"), bench.host), str)
    assert bench.sent() == 0


@pytest.mark.parametrize("name", [*SENT, "github_pat_classic"])
def test_each_vendor_is_sent_the_declared_call_and_one_credential(name: str) -> None:
    kind, wire = KINDS[name], Wire()
    secret = Secret(mint(kind, "live").partition('="')[2].rstrip('"') or mint(kind, "live"))
    with answering(wire) as base:
        revoker = over(base, kind)
        revoker.revoke(kind.id, secret, planned(revoker, kind.id, "127.0.0.1"))
    (asked,) = wire.asked
    if name == "github_pat_classic":
        assert (asked.method, asked.path) == ("POST", "/credentials/revoke")
        assert json.loads(asked.body) == {"credentials": [secret.reveal()]}
        assert "authorization" not in asked.headers
        return
    method, path, header, prefix = SENT[name]
    assert (asked.method, asked.path, asked.body) == (method, path, b"")
    assert asked.headers[header] == prefix + secret.reveal()


@pytest.mark.parametrize(
    ("told", "effect"),
    [
        (Told(204, b""), Effect.DONE),
        (Told(204, b"", "text/html"), Effect.DONE),
        (Told(400), Effect.REFUSED),
        (Told(200, b"<html>Sign in</html>", "text/html"), Effect.UNCLEAR),
        (Told(401), Effect.UNCLEAR),
        (Told(429), Effect.UNCLEAR),
        (Told(503), Effect.UNCLEAR),
        (Told(302, b"", headers={"Location": "https://evil.example/"}), Effect.UNCLEAR),
    ],
)
def test_only_a_declared_reply_says_anything_and_none_is_sent_again(
    told: Told, effect: Effect
) -> None:
    wire = Wire(told)
    with answering(wire) as base:
        revoker = over(base, GITLAB)
        reply = revoker.revoke(GITLAB.id, LIVE, planned(revoker, GITLAB.id, "127.0.0.1"))
    assert (reply.effect, len(wire.asked)) == (effect, 1)


@pytest.mark.parametrize("text", ["", "line\r\nbreak", "\u00fc"])
def test_what_cannot_be_a_credential_is_not_sent(text: str) -> None:
    wire = Wire()
    with answering(wire) as base:
        revoker = over(base, GITLAB)
        reply = revoker.revoke(GITLAB.id, Secret(text), planned(revoker, GITLAB.id, "127.0.0.1"))
    assert (reply.effect, wire.asked) == (Effect.REFUSED, [])


def outbound(at: At) -> Ask:
    settings = Settings(
        {GITLAB.issuer: at.base}, at.internal, timeout_s=at.timeout_s, spacing_s=0.0
    )
    revoker = connect_revoker(settings, Setup("issuers", Path("/nonexistent"), (GITLAB,)))
    return asks.revoker(revoker, GITLAB.id, LIVE, at.host)
