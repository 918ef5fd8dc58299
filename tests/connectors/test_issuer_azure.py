from __future__ import annotations

import base64
import hashlib
import hmac
import html
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.http import Http, Reply, policy_of
from connectors.issuer_azure import AzureIssuer, Settings, _judged, _refuses_key, connect
from correlate.kind import Kind, Verification
from correlate.model import Identity, KindId, Liveness, LivenessState
from correlate.ports import Setup
from correlate.secret import Secret
from tests.connectors import outbound as asks
from tests.connectors.issuer_contract import Bureau, IssuerContract
from tests.connectors.outbound import Ask, At
from tests.connectors.states_contract import Scene, StatesContract, always
from tests.connectors.wire import Asked, Told, answering, raw
from tests.services import azurite

NOW = datetime.now(UTC)  # Azurite has the machine's clock
RULE = Verification("azure_storage", "", "https://learn.microsoft.com")
KIND = Kind(KindId("azure_storage_connection_string"), "azure", "Key", "(k)", ("k",), "https://x.example", "", verification=RULE)  # fmt: skip
KEY = base64.b64encode(bytes(range(64))).decode()
OTHER = base64.b64encode(bytes(range(1, 65))).decode()
DOMAIN = "emulator.example"
LIVE = Secret(f"acme.{DOMAIN}:{KEY}")
LISTED = b'\xef\xbb\xbf<?xml version="1.0" encoding="utf-8"?><EnumerationResults ServiceEndpoint="x"><Containers /></EnumerationResults>'
INSIDE = [
    "127.0.0.1", "10.0.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "::1",
    "::ffff:127.0.0.1", "fe80::1", "fd00::1", "0.0.0.0", "64:ff9b::7f00:1",  # noqa: S104
]  # fmt: skip


def issuer(base: str, **changes: Any) -> AzureIssuer:
    settings: dict[str, Any] = {
        "accounts": (f"acme.{DOMAIN}",), "hosts": {DOMAIN: base}, "internal_hosts": ("127.0.0.1",),
        "timeout_s": 5.0, "spacing_s": 0.0,
    }  # fmt: skip
    return connect(Settings(**settings | changes), Setup("azure", Path("/nonexistent"), (KIND,)))


def failed(code: str, detail: str = "", status: int = 403, header: str = "") -> Told:
    more = (
        f"<AuthenticationErrorDetail>{html.escape(detail, quote=False)}</AuthenticationErrorDetail>"
    )
    body = f'\ufeff<?xml version="1.0" encoding="utf-8"?><Error><Code>{code}</Code><Message>m</Message>{more if detail else ""}</Error>'
    return Told(status, body.encode(), "application/xml", {"x-ms-error-code": header or code})


def text_of(asked: Asked) -> str:
    """What the documentation says is signed, from the request as it came."""
    account = asked.path.split("/")[1]
    names = ("x-ms-date", "x-ms-version")
    told = "".join(f"{name}:{asked.headers[name]}\n" for name in names)
    query = "".join(f"\n{name}:{asked.query[name]}" for name in sorted(asked.query))
    return "GET" + "\n" * 12 + told + f"/{account}{asked.path}" + query


def other_key(asked: Asked, text: str = "") -> Told:
    mark = asked.headers["authorization"].partition(":")[2]
    words = f"The MAC signature found in the HTTP request '{mark}' is not the same as any computed signature. Server used following string to sign: '{text or text_of(asked)}'."
    return failed("AuthenticationFailed", words)


def storage(key: Callable[[], str]) -> Callable[[Asked], Told]:
    """Azure Storage in a few lines: it says what users report of it."""

    def answer(asked: Asked) -> Told:
        made = hmac.new(base64.b64decode(key()), text_of(asked).encode(), hashlib.sha256).digest()
        if asked.headers["authorization"] == f"SharedKey acme:{base64.b64encode(made).decode()}":
            return Told(200, LISTED, "application/xml")
        return other_key(asked)

    return answer


class TestAzure(IssuerContract):
    @pytest.fixture
    def bureau(self) -> Iterator[Bureau]:
        state, seen = {"key": KEY, "busy": ""}, list[Asked]()

        def answer(asked: Asked) -> Told:
            seen.append(asked)
            return failed("ServerBusy", status=503) if state["busy"] else storage(lambda: state["key"])(asked)  # fmt: skip

        with answering(answer) as base:
            yield Bureau(
                issuer(base), KIND.id, LIVE, Secret(f"acme.{DOMAIN}:{OTHER}"),
                lambda: state.update(key=OTHER), lambda: state.update(busy="yes"), lambda: len(seen),
            )  # fmt: skip


@pytest.fixture(scope="module")
def emulator() -> Iterator[str]:
    with azurite({"acme": KEY, "bcme": OTHER}) as base:
        yield base


@pytest.mark.service
def test_a_real_azurite_takes_the_key(emulator: str) -> None:
    found = issuer(emulator).verify(KIND.id, LIVE, NOW)
    assert (found.state, found.identities) == (LivenessState.LIVE, (Identity("azure-storage", "acme"),))  # fmt: skip


@pytest.mark.service
@pytest.mark.parametrize("account", ["acme", "nobody"])
def test_azurites_own_words_for_a_refusal_are_not_azures(emulator: str, account: str) -> None:
    """It says AuthorizationFailure, which Azure says of a firewall, and 404 for an account."""
    one = issuer(emulator, accounts=("*",))
    found = one.verify(KIND.id, Secret(f"{account}.{DOMAIN}:{OTHER}"), NOW)
    assert found.state is LivenessState.UNKNOWN


def sas(key: str, account: str = "acme", days: int = 1, **changes: str) -> str:
    """An account's signature as the service knows it, unescaped.

    https://learn.microsoft.com/en-us/rest/api/storageservices/create-account-sas
    """
    ends = (NOW + timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ")
    given = {"sv": "2019-07-07", "ss": "b", "srt": "sco", "sp": "rl", "se": ends} | changes
    text = f"{account}\n{given['sp']}\n{given['ss']}\n{given['srt']}\n\n{given['se']}\n\n\n{given['sv']}\n"
    mark = hmac.new(base64.b64decode(key), text.encode(), hashlib.sha256).digest()
    parts = [*given.items(), ("sig", base64.b64encode(mark).decode())]
    return "&".join(f"{name}={value}" for name, value in parts)


@pytest.mark.service
@pytest.mark.parametrize(
    ("key", "days", "state"),
    [
        (KEY, 1, LivenessState.LIVE),
        (OTHER, 1, LivenessState.UNKNOWN),
        (KEY, -1, LivenessState.UNKNOWN),
    ],
)
def test_a_real_azurite_takes_a_signature(
    emulator: str, key: str, days: int, state: LivenessState
) -> None:
    both = (f"acme.{DOMAIN}", f"bcme.{DOMAIN}")
    found = issuer(emulator, accounts=both).verify(KIND.id, Secret(sas(key, days=days)), NOW)
    assert found.state is state
    assert ("expired by its own word" in found.reason) == (days < 0)


WINDOW = "Signature not valid in the specified time frame: Start [a] - Expiry [b] - Current [c]"


@pytest.mark.parametrize(
    ("days", "told", "state"),
    [
        (-1, failed("AuthenticationFailed", WINDOW), LivenessState.DEAD),
        (-1, failed("AuthenticationFailed", "Signature did not match."), LivenessState.UNKNOWN),
        (-1, failed("AuthenticationFailed"), LivenessState.UNKNOWN),
        (-1, failed("AuthorizationFailure", WINDOW), LivenessState.UNKNOWN),
        (-1, failed("AuthenticationFailed", WINDOW, 500), LivenessState.UNKNOWN),
        (-1, failed("AuthenticationFailed", WINDOW, header="Other"), LivenessState.UNKNOWN),
        # one that has not begun yet is refused in the same words
        (1, failed("AuthenticationFailed", WINDOW), LivenessState.UNKNOWN),
        (1, failed("AuthorizationPermissionMismatch"), LivenessState.UNKNOWN),
        (1, failed("AccountIsDisabled"), LivenessState.UNKNOWN),
        (1, failed("ServerBusy", status=503), LivenessState.RATE_LIMITED),
    ],
)  # fmt: skip
def test_a_signature_is_dead_when_the_service_and_its_own_text_say_so(
    days: int, told: Told, state: LivenessState
) -> None:
    secret = sas(KEY, days=days)
    with answering(lambda _: told) as base:
        found = issuer(base).verify(KIND.id, Secret(secret), NOW)
    assert found.state is state
    assert secret.rpartition("sig=")[2] not in repr(found)


def test_a_signature_goes_escaped_to_the_listed_accounts_only() -> None:
    seen: list[str] = []
    secret = sas(KEY)

    def answer(asked: Asked) -> Told:
        seen.append(asked.path)
        assert asked.query["sig"] == secret.rpartition("sig=")[2]
        return failed("AuthenticationFailed")

    with answering(answer) as base:
        listed = (f"acme.{DOMAIN}", f"bcme.{DOMAIN}", "other.unheard.example")
        assert issuer(base, accounts=listed).verify(KIND.id, Secret(secret), NOW).state is LivenessState.UNKNOWN  # fmt: skip
        for accounts in ((), ("*",)):
            found = issuer(base, accounts=accounts).verify(KIND.id, Secret(secret), NOW)
            assert found.state is LivenessState.SKIPPED
    assert seen == ["/acme/", "/bcme/"]


def test_a_signature_for_one_part_of_an_account_is_not_sent_while_it_lasts() -> None:
    secret = Secret(sas(KEY).replace("srt=sco", "sr=c"))
    seen: list[Asked] = []
    with answering(lambda asked: seen.append(asked) or Told()) as base:  # type: ignore[func-returns-value]
        found = issuer(base).verify(KIND.id, secret, NOW)
    assert (found.state, seen) == (LivenessState.NOT_VERIFIABLE, [])


@pytest.mark.parametrize("more", ["comp=lease", "restype=service", "timeout=1", "sig2"])
def test_a_text_that_would_ask_something_else_is_not_sent(more: str) -> None:
    seen: list[Asked] = []
    with answering(lambda asked: seen.append(asked) or Told()) as base:  # type: ignore[func-returns-value]
        found = issuer(base).verify(KIND.id, Secret(f"{sas(KEY)}&{more}"), NOW)
    assert (found.state, seen) == (LivenessState.UNKNOWN, [])


def test_a_refusal_of_another_text_than_ours_is_no_death() -> None:
    """Else a mistake in how we sign would be the death of every key."""
    with answering(lambda asked: other_key(asked, text_of(asked) + "\nx:y")) as base:
        assert issuer(base).verify(KIND.id, LIVE, NOW).state is LivenessState.UNKNOWN


@pytest.mark.parametrize(
    ("told", "state"),
    [
        (failed("AuthenticationFailed"), LivenessState.UNKNOWN),
        (failed("AuthenticationFailed", "Request date header too old: 'x'"), LivenessState.UNKNOWN),
        (failed("AuthorizationFailure"), LivenessState.UNKNOWN),
        (failed("InvalidAuthenticationInfo", status=400), LivenessState.UNKNOWN),
        (failed("NoAuthenticationInformation", status=401), LivenessState.UNKNOWN),
        (failed("KeyBasedAuthenticationNotPermitted"), LivenessState.SUSPENDED),
        (failed("AccountIsDisabled"), LivenessState.SUSPENDED),
        (failed("ServerBusy", status=503), LivenessState.RATE_LIMITED),
        (Told(429, b""), LivenessState.RATE_LIMITED),
        (Told(200, LISTED, "text/html"), LivenessState.UNKNOWN),
        (Told(200, LISTED[:-4], "application/xml"), LivenessState.UNKNOWN),
        (Told(200, b"{}"), LivenessState.UNKNOWN),
        (Told(302, b"", headers={"Location": "http://127.0.0.1:1/"}), LivenessState.UNKNOWN),
        (Told(404, b""), LivenessState.UNKNOWN),
    ],
)
def test_what_azure_answers_means_what_it_documents(told: Told, state: LivenessState) -> None:
    with answering(lambda _: told) as base:
        found = issuer(base).verify(KIND.id, LIVE, NOW)
    assert (found.state, found.identities) == (state, ())


@pytest.mark.parametrize(
    ("secret", "accounts", "state"),
    [
        (LIVE, (), LivenessState.SKIPPED),
        (LIVE, ("acme",), LivenessState.SKIPPED),  # of that name elsewhere
        (LIVE, ("bcme." + DOMAIN,), LivenessState.SKIPPED),
        (Secret(f"acme.evil.example:{KEY}"), ("*",), LivenessState.SKIPPED),
        (Secret(KEY), ("*",), LivenessState.NOT_VERIFIABLE),
        (Secret(f"acme.{DOMAIN}/x:{KEY}"), ("*",), LivenessState.UNKNOWN),
        (Secret(f"acme@evil.{DOMAIN}:{KEY}"), ("*",), LivenessState.UNKNOWN),
    ],
)
def test_who_is_not_listed_is_not_asked(
    secret: Secret, accounts: tuple[str, ...], state: LivenessState
) -> None:
    seen: list[Asked] = []
    with answering(lambda asked: seen.append(asked) or Told()) as base:  # type: ignore[func-returns-value]
        found = issuer(base, accounts=accounts).verify(KIND.id, secret, NOW)
    assert (found.state, seen) == (state, [])


def resolving(hosts: list[str], *addresses: str) -> AzureIssuer:
    """An issuer whose names resolve to `addresses`; it notes who was looked up."""

    def resolve(host: str, _: int) -> tuple[str, ...]:
        hosts.append(host)
        if not addresses:
            raise OSError
        return addresses

    settings = Settings(accounts=("*",), timeout_s=5.0, spacing_s=0.0)
    return AzureIssuer("azure", (KIND,), settings, Http(replace(policy_of(settings), retries=0), resolve=resolve))  # fmt: skip


@pytest.mark.parametrize("domain", ["core.windows.net", "core.usgovcloudapi.net", "core.chinacloudapi.cn"])  # fmt: skip
def test_an_accounts_host_is_built_from_azures_own_domains(domain: str) -> None:
    hosts: list[str] = []
    found = resolving(hosts).verify(KIND.id, Secret(f"acme.{domain}:{KEY}"), NOW)
    assert (found.state, hosts) == (LivenessState.UNKNOWN, [f"acme.blob.{domain}"])
    assert "the account may be gone" in found.reason


@pytest.mark.parametrize("address", INSIDE)
def test_an_address_inside_is_refused(address: str) -> None:
    found = resolving([], address).verify(KIND.id, Secret(f"acme.core.windows.net:{KEY}"), NOW)
    assert found.state is LivenessState.UNKNOWN
    assert "not public" in found.reason


def test_an_inside_host_is_asked_only_when_it_is_listed() -> None:
    seen: list[Asked] = []
    with answering(lambda asked: seen.append(asked) or Told()) as base:  # type: ignore[func-returns-value]
        found = issuer(base, internal_hosts=()).verify(KIND.id, LIVE, NOW)
    assert (found.state, seen) == (LivenessState.UNKNOWN, [])


def test_a_server_that_drips_is_cut_off() -> None:
    with raw(lambda sock: [sock.sendall(b"H") or sock.recv(1)]) as base:  # type: ignore[arg-type, func-returns-value]
        found = issuer(base, timeout_s=0.2).verify(KIND.id, LIVE, NOW)
    assert found.state is LivenessState.UNKNOWN


CODES = st.sampled_from(["AuthenticationFailed", "AuthorizationFailure", "AccountIsDisabled", "x"])
DETAILS = st.text(max_size=80) | st.just("is not the same as any computed signature")


@given(st.integers(200, 599), CODES, DETAILS)
def test_no_answer_but_the_refusal_of_our_very_text_is_a_death(
    status: int, code: str, detail: str
) -> None:
    told = failed(code, detail)
    reply = Reply(status, {"content-type": told.content_type}, told.body)
    assert not _refuses_key(reply, "the text that we signed")
    assert _judged(Liveness(LivenessState.UNKNOWN, NOW, ""), reply).state is not LivenessState.DEAD


@given(st.text(max_size=100) | st.text(max_size=60).map("sig=".__add__))
def test_nonsense_never_raises_and_is_never_decided(text: str) -> None:
    found = issuer("http://127.0.0.1:1").verify(KIND.id, Secret(text), NOW)
    assert found.state not in (LivenessState.DEAD, LivenessState.LIVE, LivenessState.SUSPENDED)


def outbound(at: At) -> Ask:
    one = issuer(at.base, internal_hosts=at.internal, timeout_s=at.timeout_s)
    return asks.issuer(one, KIND.id, LIVE)


class TestStates(StatesContract):
    now = NOW
    kind = KIND.id
    never: ClassVar = {"limited": "an account's key has all rights"}
    scenes: ClassVar = {
        "live": Scene(LIVE, storage(lambda: KEY), LivenessState.LIVE),
        "dead": Scene(Secret(f"acme.{DOMAIN}:{OTHER}"), storage(lambda: KEY), LivenessState.DEAD),
        "rate limited": Scene(LIVE, always(failed("ServerBusy", status=503)), LivenessState.RATE_LIMITED),
    }  # fmt: skip

    def connect(self, base: str, timeout_s: float = 5.0) -> AzureIssuer:
        return issuer(base, timeout_s=timeout_s)

    def rejects(self, asked: Asked, told: Told) -> bool:
        words = (b"<Code>AuthenticationFailed</Code>", b"is not the same as any computed signature",
                 html.escape(f"'{text_of(asked)}'", quote=False).encode())  # fmt: skip
        return (
            told.status == 403 and "xml" in told.content_type and all(w in told.body for w in words)
        )
