"""The issuer contract on the twin, and on every vendor simulated here with its real kind file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import detectors
from connectors import issuer_aws, issuer_http
from correlate.kind import Kind
from correlate.model import KindId, LivenessState
from correlate.ports import Issuer, Setup
from correlate.secret import Secret
from detectors.catalogue import parse_kinds
from detectors.mint import mint
from sample_data.simulators.plan import Account, Forge, IssuedToken, Plan, Status
from sample_data.simulators.run import running
from sample_data.simulators.world import World
from tests.connectors.conftest import LOGINS
from tests.connectors.issuer_contract import NOW, Bureau, IssuerContract
from tests.twins.issuer import IssuerTwin

VENDOR = {"aws": "aws_sts"}
KINDS = [
    ("github", "github_pat_classic"),
    ("github", "github_pat_fine_grained"),
    ("gitlab", "gitlab_pat"),
    ("gitlab", "gitlab_pat_routable"),
    ("slack", "slack_bot_token"),
    ("npm", "npm_token"),
    ("openai", "openai_project_key"),
    ("anthropic", "anthropic_api_key"),
    ("huggingface", "huggingface_token"),
    ("aws", "aws_access_key"),
]


def _kind(issuer: str, kind: str) -> Kind:
    path = Path(detectors.__file__).parent / "kinds" / f"{issuer}.toml"
    return next(k for k in parse_kinds(path.read_text(), path.name) if k.id == kind)


def _issuer(kind: Kind, base: str) -> Issuer:
    setup = Setup("issuers", Path("/nonexistent"), (kind,))
    shared = {"hosts": {kind.issuer: base}, "internal_hosts": ("127.0.0.1",), "spacing_s": 0.0}
    if kind.issuer == "aws":
        return issuer_aws.connect(issuer_aws.Settings(**shared), setup)  # type: ignore[arg-type]
    return issuer_http.connect(issuer_http.Settings(**shared), setup)  # type: ignore[arg-type]


class TestVendors(IssuerContract):
    @pytest.fixture(params=KINDS, ids=lambda pair: pair[1])
    def bureau(self, request: pytest.FixtureRequest) -> Iterator[Bureau]:
        issuer, name = request.param
        kind, vendor = _kind(issuer, name), VENDOR.get(issuer, issuer)
        live, dead = mint(kind, "live"), mint(kind, "dead")
        who = Account("4711", "jane", "Jane Doe", "jane@example.com")
        tokens = (
            IssuedToken("live", vendor, live, who, scopes=("repo",)),
            IssuedToken("dead", vendor, dead, who, Status.REVOKED),
        )
        world = World(Plan(LOGINS, Forge("acme"), Forge("gl.example"), tokens=tokens))
        with running(world) as at:
            yield Bureau(
                _issuer(kind, at[vendor]),
                kind.id,
                Secret(live),
                Secret(dead),
                lambda: world.revoke("live"),
                lambda: world.set_status("live", Status.THROTTLED),
                lambda: world.asked["live"],
            )


class TestTwin(IssuerContract):
    @pytest.fixture
    def bureau(self) -> Bureau:
        kind = KindId("github_pat_classic")
        twin = IssuerTwin(frozenset({kind}))
        live, dead = Secret("twin-live"), Secret("twin-dead")
        twin.say(live, LivenessState.LIVE)
        return Bureau(
            twin,
            kind,
            live,
            dead,
            lambda: twin.say(live, LivenessState.DEAD),
            lambda: setattr(twin, "outage", LivenessState.RATE_LIMITED),
            lambda: twin.asked["twin-live"],
        )


def test_the_account_behind_a_live_token_is_named() -> None:
    kind = _kind("github", "github_pat_classic")
    token = mint(kind, "named")
    who = Account("4711", "jane", "Jane Doe")
    tokens = (IssuedToken("live", "github", token, who, scopes=("repo", "read:org")),)
    world = World(Plan(LOGINS, Forge("acme"), Forge("gl.example"), tokens=tokens))
    with running(world) as at:
        answer = _issuer(kind, at["github"]).verify(kind.id, Secret(token), NOW)
    assert {(i.system, i.handle) for i in answer.identities} == {
        ("github", "jane"),
        ("github-id", "4711"),
    }
    assert answer.scopes == ("repo", "read:org")
    assert (answer.owner_name, answer.method) == ("Jane Doe", "GET /user")


@pytest.mark.parametrize(
    ("issuer", "name", "fault"),
    [
        *((*pair, fault) for pair in KINDS for fault in ("html", "truncate")),
        *((*KINDS[0], fault) for fault in ("drop", "short_body", "lost_answer")),
    ],
)
def test_a_fault_on_the_wire_is_never_a_death(issuer: str, name: str, fault: str) -> None:
    kind, vendor = _kind(issuer, name), VENDOR.get(issuer, issuer)
    token = mint(kind, "dead")
    who = Account("4711", "jane")
    tokens = (IssuedToken("dead", vendor, token, who, Status.REVOKED),)
    world = World(Plan(LOGINS, Forge("acme"), Forge("gl.example"), tokens=tokens))
    with running(world) as at:
        world.fault(vendor, fault, times=0)
        answer = _issuer(kind, at[vendor]).verify(kind.id, Secret(token), NOW)
    assert answer.state is LivenessState.UNKNOWN
