from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import ClassVar

import pytest

from connectors.http import Call, Reply
from connectors.issuer_aws import AwsIssuer, Settings, account_of, connect, flat
from connectors.sigv4 import signed
from correlate.errors import ConfigError
from correlate.kind import Answer, IdentityRule, Kind, Verification
from correlate.model import Identity, KindId, LivenessState
from correlate.ports import Setup
from correlate.secret import Secret
from jobs.kind_files import packaged_kinds
from tests.aws import moto
from tests.connectors import outbound as asks
from tests.connectors.outbound import Ask, At
from tests.connectors.states_contract import Scene, StatesContract, always
from tests.connectors.wire import Asked, Told, answering

NOW = datetime(2026, 3, 1, 8, tzinfo=UTC)
RULE = Verification(
    via="aws_sts",
    host="https://sts.amazonaws.com",
    source="https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html",
    method="POST",
    answers=(
        Answer(LivenessState.LIVE, "answered", (200,), {"/Arn": "*"}),
        Answer(LivenessState.DEAD, "no such key", (403,), contains="InvalidClientTokenId"),
        Answer(LivenessState.DEAD, "wrong pair", (403,), contains="SignatureDoesNotMatch"),
        Answer(LivenessState.RATE_LIMITED, "wait", (400,), contains="Throttl"),
    ),
    identities=(IdentityRule("aws-user", "/Arn", r":user/(?:.*/)?([^/]+)$"),),
)
KIND = Kind(KindId("aws"), "aws", "AWS key", "(AKIA)", ("AKIA",), "https://x.example", "",
            partner="x", verification=RULE)  # fmt: skip


def key_id(account: int, style: str = "") -> str:
    head = base64.b32encode(((account << 7) | (1 << 47)).to_bytes(6, "big") + bytes(4)).decode()
    return "AKIA" + (style + head[1:] if style else head)


def pair(account: int = 123456789012) -> Secret:
    return Secret(key_id(account) + ":" + "aB3/" * 10)


def issuer(base: str, **changes: object) -> AwsIssuer:
    settings: dict[str, object] = {
        "hosts": {"aws": base}, "internal_hosts": ("127.0.0.1",), "timeout_s": 5.0, "spacing_s": 0.0,
    }  # fmt: skip
    return connect(
        Settings(**settings | changes),  # type: ignore[arg-type]
        Setup("aws", Path("/nonexistent"), (KIND,)),
    )


def xml(root: str, inner: str, status: int = 200) -> Told:
    return Told(status, f'<{root} xmlns="x">{inner}</{root}>'.encode(), "text/xml")


def answered(arn: str) -> Told:
    return xml("GetCallerIdentityResponse", f"<Arn>{arn}</Arn>")


def refused(code: str, status: int = 403) -> Told:
    return xml("ErrorResponse", f"<Error><Code>{code}</Code></Error>", status)


def test_the_signature_is_the_one_of_the_vendors_example() -> None:
    """The published test suite's "post-x-www-form-urlencoded" request."""
    call = Call(
        "POST",
        "https://example.amazonaws.com/",
        {"Content-Type": "application/x-www-form-urlencoded"},
        body=b"Param1=value1",
    )
    key = Secret("wJalrXUtnFEMI/K7MDENG+" + "bPxRfiCYEXAMPLEKEY")
    at = datetime(2015, 8, 30, 12, 36, tzinfo=UTC)
    made = signed(call, "AKID" + "EXAMPLE", key, "us-east-1", "service", at)
    assert made.secrets["Authorization"].reveal().endswith(
        "Signature=ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a"
    )  # fmt: skip


def test_the_account_stands_in_the_key_id() -> None:
    assert account_of(key_id(123456789012)) == "123456789012"
    assert account_of(key_id(52310077262)) == "052310077262"
    assert account_of(key_id(123456789012, style="I")) == ""
    assert account_of("AKIA" + "1" * 16) == ""
    assert account_of("AKIA") == ""


def test_a_live_pair_names_its_user() -> None:
    with answering(lambda _: answered("arn:aws:iam::1:user/ops/jane")) as base:
        found = issuer(base).verify(KIND.id, pair(), NOW)
    assert (found.state, found.identities) == (LivenessState.LIVE, (Identity("aws-user", "jane"),))


def test_a_refusal_is_believed_only_when_it_comes_twice() -> None:
    seen: list[Asked] = []
    answers = [refused("SignatureDoesNotMatch"), answered("arn:aws:iam::1:user/jane")]

    def answer(asked: Asked) -> Told:
        seen.append(asked)
        return answers.pop(0) if answers else refused("InvalidClientTokenId")

    with answering(answer) as base:
        one = issuer(base)
        assert one.verify(KIND.id, pair(), NOW).state is LivenessState.LIVE
        later = NOW + timedelta(hours=1)
        assert one.verify(KIND.id, pair(), later).state is LivenessState.DEAD
    assert len(seen) == 4


@pytest.mark.parametrize(
    ("told", "state"),
    [
        (refused("Throttling", 400), LivenessState.RATE_LIMITED),
        (refused("AccessDenied"), LivenessState.UNKNOWN),
        (refused("RequestExpired", 400), LivenessState.UNKNOWN),
        (refused("InternalFailure", 500), LivenessState.UNKNOWN),
        (refused("InvalidClientTokenId", 503), LivenessState.UNKNOWN),
        (Told(200, b"<html>proxy</html>", "text/html"), LivenessState.UNKNOWN),
        (Told(200, b"<ErrorResponse><Arn>arn:aws:iam::1:user/j</Arn>", "text/xml"), LivenessState.UNKNOWN),
        (Told(200, b"<!DOCTYPE x [<!ENTITY a 'b'>]><ErrorResponse><Arn>&a;</Arn></ErrorResponse>", "text/xml"), LivenessState.UNKNOWN),
        (Told(200, b"x" * 100_000, "text/xml"), LivenessState.UNKNOWN),
        (Told(302, b"", headers={"Location": "https://evil.example"}), LivenessState.UNKNOWN),
    ],
)  # fmt: skip
def test_only_what_the_kind_declares_is_believed(told: Told, state: LivenessState) -> None:
    with answering(lambda _: told) as base:
        assert issuer(base).verify(KIND.id, pair(), NOW).state is state


LIVES, UNSURE, GONE = answered("arn:aws:iam::1:user/j"), refused("AccessDenied"), refused("InvalidClientTokenId")  # fmt: skip


@pytest.mark.parametrize(
    ("home", "gov", "state"),
    [
        (GONE, LIVES, LivenessState.LIVE),
        (LIVES, GONE, LivenessState.LIVE),
        (GONE, GONE, LivenessState.DEAD),
        (GONE, UNSURE, LivenessState.UNKNOWN),
        (UNSURE, GONE, LivenessState.UNKNOWN),
        (GONE, refused("Throttling", 400), LivenessState.RATE_LIMITED),
    ],
)
def test_a_key_is_dead_where_every_partition_says_so(
    home: Told, gov: Told, state: LivenessState
) -> None:
    regions: list[str] = []

    def answer(told: Told) -> Callable[[Asked], Told]:
        def given(asked: Asked) -> Told:
            regions.append(asked.headers["authorization"].split("/")[2])
            return told

        return given

    with answering(answer(home)) as first, answering(answer(gov)) as second:
        hosts = {"aws": first, "aws-us-gov": second}
        one = issuer(first, hosts=hosts, partitions=("aws", "aws-us-gov"))
        assert one.verify(KIND.id, pair(), NOW).state is state
    asked = ["us-east-1"] if home is LIVES else ["us-east-1", "us-gov-west-1"]
    assert list(dict.fromkeys(regions)) == asked


@pytest.mark.parametrize("partitions", [("aws", "moon"), ()])
def test_a_partition_that_is_none_is_refused(partitions: tuple[str, ...]) -> None:
    with pytest.raises(ConfigError, match="partition"):
        issuer("http://127.0.0.1:1", partitions=partitions)


def test_decoys_and_foreign_accounts_are_not_touched() -> None:
    quiet = issuer(
        "http://127.0.0.1:1", accounts=("123456789012",), own_canary_accounts=("000000000007",)
    )
    for account, word in [(52310077262, "canary"), (7, "canary"), (999, "policy")]:
        found = quiet.verify(KIND.id, pair(account), NOW)
        assert found.state is LivenessState.SKIPPED
        assert found.reason.startswith(word)
    old_style = Secret(key_id(123456789012, "I") + ":" + "aB3/" * 10)
    assert quiet.verify(KIND.id, old_style, NOW).state is LivenessState.SKIPPED


def test_a_dead_network_and_a_wrong_shape_are_unknown() -> None:
    quiet = issuer("http://127.0.0.1:1")
    assert quiet.verify(KIND.id, pair(), NOW).state is LivenessState.UNKNOWN
    assert quiet.verify(KIND.id, Secret("AKIA:x\r\ny"), NOW).state is LivenessState.UNKNOWN
    assert quiet.verify(KindId("?"), pair(), NOW).state is LivenessState.NOT_VERIFIABLE


def test_only_named_elements_are_taken_from_xml() -> None:
    inner = b"<Arn>a&amp;b</Arn><Code>c</Code><Evil>x</Evil>"
    for root, found in (
        ("GetCallerIdentityResponse", {"Arn": "a&b"}),
        ("ErrorResponse", {"Code": "c"}),
    ):
        body = f"<{root}>{inner.decode()}</{root}>".encode()
        reply = flat(Reply(200, {"content-type": "text/xml"}, body))
        assert json.loads(reply.body) == found


@pytest.mark.service
def test_a_real_signature_check_agrees() -> None:
    with moto() as running:
        key, secret = running.key_of("jane")
        running.check_signatures(yes=True)
        one = issuer(running.base)
        live = one.verify(KIND.id, Secret(f"{key}:{secret}"), NOW)
        assert (live.state, live.identities) == (
            LivenessState.LIVE,
            (Identity("aws-user", "jane"),),
        )
        wrong = Secret(f"{key}:{'aB3/' * 10}")
        assert one.verify(KIND.id, wrong, NOW).state is LivenessState.DEAD
        assert one.verify(KIND.id, pair(), NOW).state is LivenessState.DEAD


def outbound(at: At) -> Ask:
    one = issuer(at.base, internal_hosts=at.internal, timeout_s=at.timeout_s)
    return asks.issuer(one, KIND.id, pair())


PACKAGED = {str(kind.id): kind for kind in packaged_kinds() if kind.issuer == "aws"}
SESSION = PACKAGED["aws_session_credentials"]
TOKEN = "FwoGZXIv" + "aB3+/x9" * 40 + "=="


def session(secret: str = "aB3/" * 10, token: str = TOKEN) -> Secret:
    return Secret(f"{'A' + 'SIA' + key_id(123456789012)[4:]}:{secret}:{token}")


def sessions(base: str) -> AwsIssuer:
    settings = Settings(hosts={"aws": base}, internal_hosts=("127.0.0.1",), spacing_s=0.0)
    return connect(settings, Setup("aws", Path("/nonexistent"), (SESSION,)))


def test_a_session_is_asked_about_with_its_token_and_no_answer_shows_it() -> None:
    seen: list[Asked] = []

    def answer(asked: Asked) -> Told:
        seen.append(asked)
        return answered(f"arn:aws:sts::1:assumed-role/r/{TOKEN}")

    with answering(answer) as base:
        found = sessions(base).verify(SESSION.id, session(), NOW)
    assert found.state is LivenessState.LIVE
    assert TOKEN not in repr(found)
    headers = seen[0].headers
    assert headers["x-amz-security-token"] == TOKEN
    assert "x-amz-security-token" in headers["authorization"].partition("SignedHeaders=")[2]


@pytest.mark.parametrize(
    ("told", "state"),
    [
        (refused("ExpiredToken"), LivenessState.DEAD),
        (refused("ExpiredToken", 400), LivenessState.UNKNOWN),
        (refused("ExpiredTokenException"), LivenessState.UNKNOWN),
        # the token may be another session's
        (refused("InvalidClientTokenId"), LivenessState.UNKNOWN),
        (refused("SignatureDoesNotMatch"), LivenessState.UNKNOWN),
        (refused("Throttling", 400), LivenessState.RATE_LIMITED),
    ],
)
def test_a_session_is_dead_when_aws_calls_it_expired(told: Told, state: LivenessState) -> None:
    with answering(lambda _: told) as base:
        assert sessions(base).verify(SESSION.id, session(), NOW).state is state


def test_a_decoys_session_is_not_touched() -> None:
    secret = Secret(f"{'A' + 'SIA' + key_id(52310077262)[4:]}:{'aB3/' * 10}:{TOKEN}")
    found = sessions("http://127.0.0.1:1").verify(SESSION.id, secret, NOW)
    assert (found.state, found.reason.partition(":")[0]) == (LivenessState.SKIPPED, "canary")


@pytest.mark.service
def test_a_real_session_is_live_with_its_own_token_only() -> None:
    with moto() as running:
        key, secret, token = running.session_of("ops")
        running.check_signatures(yes=True)
        one = sessions(running.base)
        states = [
            one.verify(SESSION.id, Secret(":".join(made)), NOW).state
            for made in [(key, secret, token), (key, secret, token + "A"), (key, "x" * 40, token)]
        ]
    assert states == [LivenessState.LIVE, LivenessState.UNKNOWN, LivenessState.UNKNOWN]


class AwsStates(StatesContract):
    packaged: ClassVar[Kind]

    def connect(self, base: str, timeout_s: float = 5.0) -> AwsIssuer:
        settings = Settings(hosts={"aws": base}, internal_hosts=("127.0.0.1",), timeout_s=timeout_s, spacing_s=0.0)  # fmt: skip
        return connect(settings, Setup("aws", Path("/nonexistent"), (self.packaged,)))

    def rejects(self, asked: Asked, told: Told) -> bool:  # a seam of the contract
        codes = set(re.findall(rb"<Code>(.*?)</Code>", told.body))
        return (
            told.status == 403
            and told.content_type.endswith("/xml")
            and bool(codes & ({b"ExpiredToken"} if b"security-token" in self._signed(asked) else {b"InvalidClientTokenId"}))
        )  # fmt: skip

    def _signed(self, asked: Asked) -> bytes:
        return asked.headers["authorization"].encode()


UNLIMITED = {"limited": "no permission is needed for the question, so none can be lacking"}


class TestKeyStates(AwsStates):
    packaged = PACKAGED["aws_access_key"]
    kind = packaged.id
    never: ClassVar = UNLIMITED
    scenes: ClassVar = {
        "live": Scene(pair(), always(answered("arn:aws:iam::1:user/jane")), LivenessState.LIVE),
        "dead": Scene(pair(), always(refused("InvalidClientTokenId")), LivenessState.DEAD),
        "rate limited": Scene(pair(), always(refused("Throttling", 400)), LivenessState.RATE_LIMITED),
    }  # fmt: skip


class TestSessionStates(AwsStates):
    packaged = SESSION
    kind = SESSION.id
    never: ClassVar = UNLIMITED
    scenes: ClassVar = {
        "live": Scene(session(), always(answered("arn:aws:sts::1:assumed-role/r/s")), LivenessState.LIVE),
        "dead": Scene(session(), always(refused("ExpiredToken")), LivenessState.DEAD),
        "rate limited": Scene(session(), always(refused("Throttling", 400)), LivenessState.RATE_LIMITED),
    }  # fmt: skip
