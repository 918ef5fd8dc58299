"""Every kind that declares a call over HTTP, asked through the whole issuer: the replies of its
vendor stand in `answers/ISSUER.toml`, what any server may say instead is made up here.
"""

from __future__ import annotations

import base64
import json
import re
import socket
import threading
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

import detectors
from connectors.answers import judge
from connectors.http import USER_AGENT, Http, Policy, Reply
from connectors.issuer_http import HttpIssuer
from correlate.kind import Answer, Kind, Verification
from correlate.model import Liveness, LivenessState
from correlate.secret import Secret
from detectors.catalogue import parse_kinds
from detectors.mint import mint
from jobs.kind_files import load_kind_file
from tests.connectors.wire import ANY_SERVER, Asked, Told, answering, raw

KINDS = Path(detectors.__file__).parent / "kinds"
FIXTURES = Path(__file__).parent / "answers"
NOW = datetime(2026, 3, 1, 8, tzinfo=UTC)
OURS = {"user-agent", "accept", "accept-encoding", "connection", "host", "content-length"}


@dataclass(frozen=True, slots=True)
class Case:
    """One verification, the kinds that use it, and what its fixture says."""

    name: str
    kinds: tuple[Kind, ...]
    fixture: Mapping[str, Any] = field(repr=False)

    @property
    def rule(self) -> Verification:
        rule = self.kinds[0].verification
        assert rule is not None
        return rule


def _cases() -> Iterator[Case]:
    for path in sorted(KINDS.glob("*.toml")):
        table = tomllib.loads(path.read_text())
        kinds = {kind.id: kind for kind in load_kind_file(path, proven=True)}
        fixture = FIXTURES / path.name
        fixtures = tomllib.loads(fixture.read_text()) if fixture.is_file() else {}
        for name, declared in table.get("verifications", {}).items():
            if declared.get("via", "http") == "http":
                used = [item["id"] for item in table["kinds"] if item.get("verification") == name]
                yield Case(
                    f"{path.stem}.{name}", tuple(kinds[i] for i in used), fixtures.get(name, {})
                )


CASES = tuple(_cases())
BY_NAME = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
REPLIES = [
    pytest.param(case, reply, id=f"{case.name}-{reply['state']}-{number}")
    for case in CASES
    for number, reply in enumerate(case.fixture.get("replies", ()))
]


def told_by(reply: Mapping[str, Any]) -> Told:
    return Told(
        reply.get("status", 200),
        reply["body"].encode(),
        reply.get("content_type", "application/json"),
        reply.get("headers", {}),
    )


def live(case: Case) -> Told:
    return next(told_by(r) for r in case.fixture["replies"] if r["state"] == "live")


def minted(kind: Kind, seed: str = "one") -> Secret:
    """The secret of a made-up token, without the text that tells what it is."""
    text = mint(kind, seed)
    found = None if kind.partner else re.search(kind.pattern.encode(), text.encode())
    return Secret(found[1].decode() if found else text)


def issuer_at(base: str, kind: Kind, timeout_s: float = 5.0) -> HttpIssuer:
    """The issuer with the kind's pinned host in place of all its regions, as if it were `base`."""
    assert kind.verification is not None
    rule = replace(kind.verification, host=base, regions=(), region_at="", self_hosted=False)
    policy = Policy(("127.0.0.1",), timeout_s=timeout_s, retries=0)
    return HttpIssuer("issuers", (replace(kind, verification=rule),), {}, Http(policy))


@contextmanager
def asked_of(case: Case, told: Told) -> Iterator[tuple[Liveness, list[Asked], Secret]]:
    seen: list[Asked] = []

    def answer(asked: Asked) -> Told:
        seen.append(asked)
        return told

    kind = case.kinds[0]
    secret = minted(kind)
    with answering(answer) as base:
        yield issuer_at(base, kind).verify(kind.id, secret, NOW), seen, secret


@BY_NAME
def test_every_declared_call_has_replies_of_its_vendor(case: Case) -> None:
    assert case.kinds, "a verification that no kind uses"
    states = [reply["state"] for reply in case.fixture.get("replies", ())]
    proves = any(answer.state is LivenessState.DEAD for answer in case.rule.answers)
    needed = {"live", "dead" if proves else "unknown"}
    assert needed <= set(states), f"write tests/connectors/answers for {case.name}"
    declared = {a.state.value for a in case.rule.answers if a.state is not LivenessState.UNKNOWN}
    assert declared - set(states) <= {"rate_limited", "live_limited", "suspended"}


def test_no_fixture_is_left_over() -> None:
    names = {case.name for case in CASES}
    for path in FIXTURES.glob("*.toml"):
        assert {f"{path.stem}.{name}" for name in tomllib.loads(path.read_text())} <= names


@pytest.mark.parametrize(("case", "reply"), REPLIES)
def test_a_vendors_reply_means_what_it_means(case: Case, reply: Mapping[str, Any]) -> None:
    with asked_of(case, told_by(reply)) as (found, _, _):
        assert (found.state.value, bool(found.reason)) == (reply["state"], True)
    assert [f"{i.system} {i.handle}" for i in found.identities] == reply.get("identities", [])
    assert list(found.scopes) == reply.get("scopes", [])
    assert found.owner_name == reply.get("owner_name", "")
    for name in ("created_at", "expires_at", "last_used_at"):
        expected = reply.get(name)
        assert getattr(found, name) == (datetime.fromisoformat(expected) if expected else None)


@pytest.mark.parametrize(
    ("case", "kind"),
    [pytest.param(case, kind, id=str(kind.id)) for case in CASES for kind in case.kinds],
)
def test_the_request_is_the_one_declared_and_nothing_more(case: Case, kind: Kind) -> None:
    with asked_of(replace(case, kinds=(kind,)), live(case)) as (found, (asked,), secret):
        one, _, other = secret.reveal().partition(":")
        halves = {"id": one, "secret": other} if kind.partner else {"secret": secret.reveal()}
        method, _, target = case.fixture["request"].partition(" ")
        expected = {name.lower(): value for name, value in case.rule.headers.items()}
        if case.fixture.get("auth"):
            name, _, value = case.fixture["auth"].partition(": ")
            expected[name.lower()] = _as_sent(_filled(value, halves))
        shown = _filled(target, {n: quote(v, safe=":") for n, v in halves.items()})
        url = urlsplit(shown.replace("{rest}", _rest(case.rule, secret)))
        assert (asked.method, quote(asked.path, safe="/:%@~")) == (method, url.path)
        assert "&".join(f"{n}={quote(v, safe=',')}" for n, v in asked.query.items()) == url.query
        assert asked.body.decode() == case.rule.body
        # no cookie, no header of anybody else's
        assert {
            n: v for n, v in asked.headers.items() if n not in OURS or n in expected
        } == expected
        assert asked.headers["user-agent"] == USER_AGENT
        # `{id}` and `{secret}` stay what they are where people can read them
        assert found.method == f"{case.rule.method} {case.rule.path.partition('?')[0]}"
        assert halves["secret"] not in repr(found)


def _filled(text: str, halves: Mapping[str, str]) -> str:
    for name, half in halves.items():
        text = text.replace("{" + name + "}", half)
    return text


def _as_sent(value: str) -> str:
    way, _, rest = value.partition(" ")
    return f"Basic {base64.b64encode(rest.encode()).decode()}" if way == "Basic" else value


def _rest(rule: Verification, secret: Secret) -> str:
    path = urlsplit(secret.reveal()).path
    return path.removeprefix(rule.path) if rule.auth == "url" else ""


@BY_NAME
def test_what_any_server_may_say_proves_nothing(case: Case) -> None:
    told = [next(iter(ANY_SERVER.values()))]
    kind = case.kinds[0]
    with answering(lambda _: told[0]) as base:
        for name, reply in ANY_SERVER.items():
            told[0] = reply
            found = issuer_at(base, kind).verify(kind.id, minted(kind), NOW)
            limited = LivenessState.RATE_LIMITED if name == "rate limited" else None
            assert found.state is (limited or LivenessState.UNKNOWN), name


@BY_NAME
def test_an_acceptance_cut_short_proves_nothing(case: Case) -> None:
    whole = live(case)
    for size in (1, len(whole.body) // 2, len(whole.body) - 1):
        with asked_of(case, replace(whole, body=whole.body[:size])) as (found, _, _):
            assert found.state is LivenessState.UNKNOWN


@BY_NAME
def test_silence_and_a_broken_line_prove_nothing(case: Case) -> None:
    kind = case.kinds[0]
    with raw(lambda _: None) as base:  # reads the question and hangs up
        found = issuer_at(base, kind).verify(kind.id, minted(kind), NOW)
        assert found.state is LivenessState.UNKNOWN
    given_up = threading.Event()

    def wait(_: socket.socket) -> None:
        given_up.wait(60)

    with raw(wait) as base:
        found = issuer_at(base, kind, timeout_s=0.1).verify(kind.id, minted(kind), NOW)
        given_up.set()
    assert (found.state, "in time" in found.reason) == (LivenessState.UNKNOWN, True)


def _is_told(answer: Answer, status: int, body: bytes, value: object) -> bool:
    """What `Answer` says of itself, written down a second time."""
    places = [(place.split("/")[1:], want) for place, want in answer.body.items()]
    return (
        status in answer.statuses
        and answer.contains.encode() in body
        and all(_stands(value, steps, want) for steps, want in places)
    )


def _stands(value: object, steps: list[str], want: str) -> bool:
    for step in steps:
        if isinstance(value, dict) and step in value:
            value = value[step]
        elif isinstance(value, list) and step.isdigit() and int(step) < len(value):
            value = value[int(step)]
        else:
            return False
    if value is None or want == "null":
        return value is None and want == "null"
    text = json.dumps(value).strip('"') if isinstance(value, bool | int | float) else value
    return want in ("*", text)


DEATHS = [(case, answer) for case in CASES for answer in case.rule.answers
          if answer.state is LivenessState.DEAD]  # fmt: skip
WORDS = sorted({word for _, a in DEATHS for word in (*a.body.values(), a.contains) if word})
STEPS = sorted({step for _, a in DEATHS for place in a.body for step in place.split("/")[1:]})
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(0, 11_000) | st.sampled_from(WORDS),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(STEPS), inner, max_size=3)
    ),
    max_leaves=6,
)


@given(
    st.sampled_from(CASES),
    st.sampled_from([200, 201, 204, 301, 400, 401, 403, 404, 407, 408, 418, 422, 429, 500, 503]),
    VALUES,
    st.sampled_from(["application/json", "application/problem+json", "text/plain", "text/html"]),
)
def test_only_a_declared_rejection_is_death(
    case: Case, status: int, value: object, content_type: str
) -> None:
    body = json.dumps(value).encode()
    reply = Reply(status, {"content-type": content_type}, body)
    found = judge(case.rule, reply, minted(case.kinds[0]), NOW)
    if found.state is LivenessState.DEAD:
        assert content_type != "text/html"
        assert any(
            _is_told(a, status, body, value)
            for a in case.rule.answers
            if a.state is LivenessState.DEAD
        )


@pytest.mark.parametrize(("case", "reply"), REPLIES)
def test_of_a_vendors_reply_only_its_own_status_counts(
    case: Case, reply: Mapping[str, Any]
) -> None:
    """The words of a rejection under another status are none, and neither are they as a page."""
    told = told_by(reply)
    secret = minted(case.kinds[0])
    for status in (200, 301, 400, 401, 403, 404, 407, 408, 429, 500, 502, 503):
        headers = {"content-type": told.content_type, **told.headers}
        found = judge(case.rule, Reply(status, headers, told.body), secret, NOW)
        may = {s for a in case.rule.answers if a.state is LivenessState.DEAD for s in a.statuses}
        assert found.state is not LivenessState.DEAD or status in may
        page = judge(
            case.rule, Reply(status, {"content-type": "text/html"}, told.body), secret, NOW
        )
        assert page.state is LivenessState.UNKNOWN


def test_the_readme_shows_a_kind_and_replies_that_hold() -> None:
    readme = (Path(detectors.__file__).parent.parent / "README.md").read_text()
    shown = re.findall(r"^```toml\n(.*?)^```$", readme, re.MULTILINE | re.DOTALL)
    (kind_file,) = (text for text in shown if "[[kinds]]" in text)
    (replies,) = (text for text in shown if "[[me.replies]]" in text)
    case = Case("acme.me", parse_kinds(kind_file, "acme.toml"), tomllib.loads(replies)["me"])
    test_every_declared_call_has_replies_of_its_vendor(case)
    for reply in case.fixture["replies"]:
        test_a_vendors_reply_means_what_it_means(case, reply)
    test_the_request_is_the_one_declared_and_nothing_more(case, case.kinds[0])
