from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from connectors.issuer_http import HttpIssuer, Settings, connect, lookalike
from correlate.kind import Answer, IdentityRule, Kind, Verification
from correlate.model import Identity, KindId, Liveness, LivenessState, Truth
from correlate.ports import Setup
from correlate.secret import Secret
from tests.connectors import outbound as asks
from tests.connectors.outbound import Ask, At
from tests.connectors.wire import Asked, Told, answering, raw

NOW = datetime(2026, 3, 1, 8, tzinfo=UTC)
GOOD, OLD = "tok_" + "Aa1" * 8, "tok_" + "Zz9" * 8
RULE = Verification(
    via="http",
    host="http://127.0.0.1:1",
    source="https://vendor.example/docs",
    path="/me?x=1",
    answers=(
        Answer(LivenessState.LIVE, "says hello", (200,), {"/login": "*"}),
        Answer(LivenessState.DEAD, "bad credentials", (401,), {"/message": "Bad credentials"}),
        Answer(LivenessState.LIVE_LIMITED, "sso", (403,), contains="SAML"),
        Answer(LivenessState.DEAD, "ok false", (200,), {"/ok": "false", "/error": "revoked"}),
    ),
    identities=(
        IdentityRule("github", "/login"),
        IdentityRule("github-id", "/id"),
        IdentityRule("aws-user", "/arn", "user/(.+)"),
    ),
    owner_name="/name",
    owner_is_person=Truth.YES,
    scopes="header:X-Scopes",
    created_at="/made",
    expires_at="header:X-Expires",
    last_used_at="/used",
)
KIND = Kind(
    KindId("tok"), "vendor", "Token", "(tok_[A-Za-z0-9]{24})", ("tok_",), "https://x.example", "",
    verification=RULE,
)  # fmt: skip
HELLO = Told(
    body=b'{"login": "jane", "id": 7, "name": "Jane", "arn": "arn:user/jane", '
    b'"made": "2026-01-02", "used": 1767312000}',
    headers={"X-Scopes": "repo, user", "X-Expires": "2026-05-01 12:00:00 UTC"},
)
NO = Told(401, b'{"message": "Bad credentials"}')


def checking(asked: Asked) -> Told:
    return HELLO if asked.headers["authorization"] == "Bearer " + GOOD else NO


def issuer(base: str, kind: Kind = KIND, **changes: object) -> HttpIssuer:
    settings: dict[str, object] = {
        "hosts": {"vendor": base}, "internal_hosts": ("127.0.0.1",), "timeout_s": 2.0, "spacing_s": 0.0,
    }  # fmt: skip
    return connect(
        Settings(**settings | changes),  # type: ignore[arg-type]
        Setup("issuers", Path("/nonexistent"), (kind,)),
    )


def ask(answer: Callable[[Asked], Told], token: str = GOOD) -> Liveness:
    with answering(answer) as base:
        return issuer(base).verify(KIND.id, Secret(token), NOW)


def after_control(told: Told) -> Callable[[Asked], Told]:
    """Refuse the made-up token, then say `told` of the real one."""
    return lambda asked: told if asked.headers["authorization"].endswith(GOOD) else NO


def test_a_live_credential_tells_whose_it_is() -> None:
    found = ask(checking)
    assert (found.state, found.reason, found.status) == (LivenessState.LIVE, "says hello", 200)
    assert found.identities == (
        Identity("github", "jane"),
        Identity("github-id", "7"),
        Identity("aws-user", "jane"),
    )
    assert (found.owner_name, found.owner_is_person) == ("Jane", Truth.YES)
    assert found.scopes == ("repo", "user")
    assert found.created_at == datetime(2026, 1, 2, tzinfo=UTC)
    assert found.expires_at == datetime(2026, 5, 1, 12, tzinfo=UTC)
    assert found.last_used_at == datetime(2026, 1, 2, tzinfo=UTC)
    assert (found.host, found.method, found.at) == ("127.0.0.1", "GET /me", NOW)


def test_a_refused_credential_is_dead() -> None:
    assert ask(checking, OLD).state is LivenessState.DEAD


@pytest.mark.parametrize(
    ("told", "state", "reason"),
    [
        (Told(429, headers={"Retry-After": "9000"}), LivenessState.RATE_LIMITED, "wait"),
        (Told(429), LivenessState.RATE_LIMITED, "wait"),
        (Told(500), LivenessState.UNKNOWN, "500"),
        (Told(404, b'{"message": "Bad credentials"}'), LivenessState.UNKNOWN, "404"),
        (Told(401, b'{"message": "Requires login"}'), LivenessState.UNKNOWN, "401"),
        (Told(403, b'{"message": "SAML"}'), LivenessState.LIVE_LIMITED, "sso"),
        (Told(200, b"<html>Sign in</html>", "text/html"), LivenessState.UNKNOWN, "web page"),
        (Told(401, b"<html>Captcha</html>", "text/html"), LivenessState.UNKNOWN, "web page"),
        (Told(200, b'{"login": "jane"}', "text/plain"), LivenessState.UNKNOWN, "not whole JSON"),
        (Told(200, b'{"login": "ja'), LivenessState.UNKNOWN, "not whole JSON"),
        (Told(200, b'{"login": null}'), LivenessState.UNKNOWN, "declare"),
        (Told(200, b'["login"]'), LivenessState.UNKNOWN, "declare"),
        (Told(200, b"[" * 100_000), LivenessState.UNKNOWN, "not whole JSON"),
        (Told(302, b"", headers={"Location": "https://evil.example/"}), LivenessState.UNKNOWN, "redirect"),
        (Told(200, b'{"ok": false, "error": "revoked"}'), LivenessState.DEAD, "ok false"),
        (Told(200, b'{"ok": false, "error": "fatal"}'), LivenessState.UNKNOWN, "declare"),
        (Told(200, b'{"login": "j"}' + b" " * 2_000_000), LivenessState.UNKNOWN, "larger"),
    ],
)  # fmt: skip
def test_only_what_the_kind_declares_is_believed(
    told: Told, state: LivenessState, reason: str
) -> None:
    found = ask(after_control(told))
    assert found.state is state
    assert reason in found.reason


def test_a_broken_network_is_never_a_death() -> None:
    found = issuer("http://127.0.0.1:1").verify(KIND.id, Secret(GOOD), NOW)
    assert found.state is LivenessState.UNKNOWN
    with raw(lambda _: time.sleep(1)) as base:
        found = issuer(base, timeout_s=0.2).verify(KIND.id, Secret(GOOD), NOW)
    assert (found.state, "in time" in found.reason) == (LivenessState.UNKNOWN, True)


def test_a_host_that_takes_anything_is_not_believed_and_gets_no_found_secret() -> None:
    seen: list[str] = []

    def anything(asked: Asked) -> Told:
        seen.append(asked.headers["authorization"])
        return HELLO

    found = ask(anything)
    assert (found.state, "does not check" in found.reason) == (LivenessState.UNKNOWN, True)
    assert found.identities == ()
    assert [GOOD in text for text in seen] == [False]


def test_a_refusal_that_proves_no_death_still_shows_that_the_host_checks_tokens() -> None:
    answers = (
        RULE.answers[0],
        Answer(LivenessState.UNKNOWN, "refused", (401,), {"/message": "Bad credentials"}),
    )
    doubting = replace(KIND, verification=replace(RULE, answers=answers))
    with answering(checking) as base:
        hosts = issuer(base, doubting)
        assert hosts.verify(KIND.id, Secret(GOOD), NOW).state is LivenessState.LIVE
        refused = hosts.verify(KIND.id, Secret(OLD), NOW)
    assert (refused.state, refused.reason) == (LivenessState.UNKNOWN, "refused")


def test_the_made_up_token_is_sent_once_per_host_and_kind() -> None:
    seen: list[Asked] = []

    def counting(asked: Asked) -> Told:
        seen.append(asked)
        return checking(asked)

    with answering(counting) as base:
        hosts = issuer(base)
        hosts.verify(KIND.id, Secret(GOOD), NOW)
        hosts.verify(KIND.id, Secret(OLD), NOW)
    assert len(seen) == 3


def test_the_made_up_token_has_the_shape_of_the_real_one() -> None:
    made = lookalike(KIND, Secret(GOOD)).reveal()
    assert made != GOOD
    assert made.startswith("tok_")
    assert [c.isdigit() for c in made] == [c.isdigit() for c in GOOD]


def test_a_pinned_host_needs_no_control_and_a_leak_names_no_host() -> None:
    with answering(checking) as base:
        kind = replace(KIND, verification=replace(RULE, host=base))
        pinned = connect(
            Settings(internal_hosts=("127.0.0.1",)), Setup("i", Path("/nonexistent"), (kind,))
        )
        assert pinned.verify(KIND.id, Secret(GOOD), NOW).state is LivenessState.LIVE


def test_a_kind_that_cannot_be_asked_is_not_verifiable() -> None:
    bare = replace(KIND, verification=None)
    quiet = issuer("http://127.0.0.1:1", bare)
    assert quiet.kinds == frozenset()
    assert quiet.verify(bare.id, Secret(GOOD), NOW).state is LivenessState.NOT_VERIFIABLE
    assert quiet.verify(KindId("?"), Secret(GOOD), NOW).state is LivenessState.NOT_VERIFIABLE


def test_the_same_question_is_asked_once_until_its_answer_is_old() -> None:
    seen: list[Asked] = []

    def slow(asked: Asked) -> Told:
        time.sleep(0.05)
        seen.append(asked)
        return checking(asked)

    with answering(slow) as base:
        one = issuer(base)
        found: list[Liveness] = []
        threads = [
            threading.Thread(target=lambda: found.append(one.verify(KIND.id, Secret(OLD), NOW)))
            for _ in range(8)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(seen) == 2  # the made-up token and the real one
        assert {f.state for f in found} == {LivenessState.DEAD}
        assert (one.verify(KIND.id, Secret(OLD), NOW).at, len(seen)) == (NOW, 2)
        later = NOW + timedelta(seconds=1)  # a rejection is proof only if it is asked for anew
        assert (one.verify(KIND.id, Secret(OLD), later).at, len(seen)) == (later, 3)
        one.verify(KIND.id, Secret(GOOD), NOW)
        assert one.verify(KIND.id, Secret(GOOD), later).at == NOW
        assert len(seen) == 4


def test_a_throttling_issuer_is_left_alone_for_all_its_credentials() -> None:
    seen: list[Asked] = []

    def busy(asked: Asked) -> Told:
        seen.append(asked)
        return Told(429, headers={"Retry-After": "600"})

    with answering(busy) as base:
        one = issuer(base)
        states = {one.verify(KIND.id, Secret(t), NOW).state for t in (GOOD, OLD)}
    assert states == {LivenessState.RATE_LIMITED}
    assert len(seen) == 1


@pytest.mark.parametrize("token", ["tok_\r\nX-Evil: 1", "tok_é", " tok_a", ""])
def test_what_cannot_stand_in_a_header_is_not_sent(token: str) -> None:
    found = issuer("http://127.0.0.1:1").verify(KIND.id, Secret(token), NOW)
    assert found.state is LivenessState.UNKNOWN


def test_an_issuer_that_repeats_the_secret_does_not_spread_it() -> None:
    told = Told(body=b'{"login": "' + GOOD.encode() + b'", "name": "x' + GOOD.encode() + b'"}')
    found = ask(after_control(told))
    assert found.state is LivenessState.LIVE
    assert GOOD not in repr(found)


@pytest.mark.parametrize(
    ("auth", "header", "value"),
    [
        ("bearer", "authorization", "Bearer " + GOOD),
        ("header:X-Api-Key", "x-api-key", GOOD),
        ("header:Authorization:token ", "authorization", "token " + GOOD),
        ("basic-password", "authorization", "Basic "),
    ],
)
def test_the_secret_goes_where_the_kind_says(auth: str, header: str, value: str) -> None:
    seen: list[Asked] = []

    def note(asked: Asked) -> Told:
        seen.append(asked)
        return NO

    with answering(note) as base:
        kind = replace(KIND, verification=replace(RULE, auth=auth))
        issuer(base, kind).verify(KIND.id, Secret(GOOD), NOW)
    assert seen[-1].headers[header].startswith(value)


def test_without_a_configured_host_of_ones_own_nobody_is_asked() -> None:
    kind = replace(KIND, verification=replace(RULE, host="", self_hosted=True))
    one = connect(Settings(), Setup("i", Path("/nonexistent"), (kind,)))
    found = one.verify(KIND.id, Secret(GOOD), NOW)
    assert (found.state, "hosts.vendor" in found.reason) == (LivenessState.UNKNOWN, True)
    assert (found.host, found.method) == ("", "")
    with answering(checking) as base:
        assert issuer(base, kind).verify(KIND.id, Secret(GOOD), NOW).state is LivenessState.LIVE


def test_a_vendors_rejection_proves_nothing_where_others_issue_alike_unless_it_is_configured() -> (
    None
):
    with answering(checking) as base:
        kind = replace(KIND, verification=replace(RULE, host=base, self_hosted=True))
        pinned = connect(
            Settings(internal_hosts=("127.0.0.1",)), Setup("i", Path("/nonexistent"), (kind,))
        )
        assert pinned.verify(KIND.id, Secret(GOOD), NOW).state is LivenessState.LIVE
        found = pinned.verify(KIND.id, Secret(OLD), NOW)
        assert (found.state, "hosts.vendor" in found.reason) == (LivenessState.UNKNOWN, True)
        assert issuer(base, kind).verify(KIND.id, Secret(OLD), NOW).state is LivenessState.DEAD


ELSEWHERE = Told(401, b'{"message": "Requires login"}')


@pytest.mark.parametrize(
    ("one", "other", "state", "reason"),
    [
        (HELLO, NO, LivenessState.LIVE, "says hello"),
        (NO, HELLO, LivenessState.LIVE, "says hello"),
        (NO, NO, LivenessState.DEAD, "bad credentials, at each of 2 hosts"),
        (NO, Told(500), LivenessState.UNKNOWN, "500"),
        (Told(500), NO, LivenessState.UNKNOWN, "500"),
        (ELSEWHERE, Told(429), LivenessState.UNKNOWN, "401"),
        (NO, Told(429), LivenessState.RATE_LIMITED, "wait"),
    ],
)
def test_of_several_hosts_one_acceptance_is_life_and_death_needs_the_rejection_of_all(
    one: Told, other: Told, state: LivenessState, reason: str
) -> None:
    with answering(after_control(one)) as first, answering(after_control(other)) as second:
        found = issuer(f"{first} {second}").verify(KIND.id, Secret(GOOD), NOW)
    assert (found.state, reason in found.reason) == (state, True)


def test_a_credential_of_an_unknown_region_goes_nowhere() -> None:
    rule = replace(RULE, host="https://{region}.example", regions=("us1",), region_at="-(eu1)$")
    one = connect(Settings(), Setup("i", Path("/nonexistent"), (replace(KIND, verification=rule),)))
    found = one.verify(KIND.id, Secret(GOOD), NOW)
    assert (found.state, "region" in found.reason) == (LivenessState.UNKNOWN, True)


def outbound(at: At) -> Ask:
    one = issuer(at.base, internal_hosts=at.internal, timeout_s=at.timeout_s)
    return asks.issuer(one, KIND.id, Secret(GOOD))
