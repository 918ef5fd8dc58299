from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st

from connectors.issuer_gcp import GcpIssuer, Settings, connect
from correlate.kind import Kind, Verification
from correlate.model import Identity, KindId, LivenessState, Truth
from correlate.ports import Setup
from correlate.secret import Secret
from tests.connectors import outbound as asks
from tests.connectors.outbound import Ask, At
from tests.connectors.states_contract import Scene, StatesContract, always
from tests.connectors.wire import Asked, Told, answering, raw

NOW = datetime(2026, 3, 1, 8, tzinfo=UTC)
RULE = Verification("google_certificates", "https://www.googleapis.com", "https://cloud.google.com")
KIND = Kind(KindId("sa"), "google", "Key", "({)", ("{",), "https://x.example", "", verification=RULE)  # fmt: skip
MINE, OTHER = rsa.generate_private_key(65537, 2048), rsa.generate_private_key(65537, 2048)
ACCOUNT = "svc@acme.iam.gserviceaccount.com"
KEY_ID = "0f" * 20


def secret(key: rsa.RSAPrivateKey = MINE, key_id: str = KEY_ID, password: bytes = b"") -> Secret:
    lock = BestAvailableEncryption(password) if password else NoEncryption()
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, lock).decode()
    return Secret(f"{key_id}:{pem}")


def certificate(key: rsa.RSAPrivateKey = MINE) -> str:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "svc")])
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(1).not_valid_before(NOW).not_valid_after(NOW + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    return made.public_bytes(Encoding.PEM).decode()


LIST = json.dumps({KEY_ID: certificate(), "a" * 40: certificate(OTHER)}).encode()


def issuer(base: str, **changes: Any) -> GcpIssuer:
    settings: dict[str, Any] = {"accounts": (ACCOUNT,), "hosts": {"google": base}, "internal_hosts": ("127.0.0.1",), "timeout_s": 5.0, "spacing_s": 0.0}  # fmt: skip
    return connect(Settings(**settings | changes), Setup("gcp", Path("/nonexistent"), (KIND,)))


def test_a_published_key_is_live_and_no_token_is_minted() -> None:
    seen: list[Asked] = []

    def answer(asked: Asked) -> Told:
        seen.append(asked)
        return Told(200, LIST if "svc" in asked.path else b"{}")

    with answering(answer) as base:
        found = issuer(base, accounts=("first@x", ACCOUNT)).verify(KIND.id, secret(), NOW)
    assert (found.state, found.owner_is_person) == (LivenessState.LIVE, Truth.NO)
    assert found.identities == (Identity("mail", ACCOUNT),)
    assert {(a.method, a.body) for a in seen} == {("GET", b"")}
    assert seen[-1].path == "/robot/v1/metadata/x509/svc%40acme.iam.gserviceaccount.com"
    assert "PRIVATE" not in repr(found) + repr(seen)


@pytest.mark.parametrize("held", [secret(OTHER), secret(key_id="a" * 40), secret(key_id="")])
def test_another_key_or_another_id_is_unknown(held: Secret) -> None:
    with answering(lambda _: Told(200, LIST)) as base:
        assert issuer(base).verify(KIND.id, held, NOW).state is LivenessState.UNKNOWN


@pytest.mark.parametrize(
    "told",
    [
        Told(200, b"{}"), Told(404, LIST), Told(403, LIST), Told(500, LIST),
        Told(200, LIST, "text/html"), Told(200, LIST[:-5]), Told(200, b"[]"), Told(200, b"x" * 400_000),
        Told(200, json.dumps({KEY_ID: "-----BEGIN CERTIFICATE-----"}).encode()),
        Told(200, json.dumps({KEY_ID: 5}).encode()),
        Told(302, b"", headers={"Location": "http://127.0.0.1:1/"}),
    ],
)  # fmt: skip
def test_no_answer_is_ever_a_death(told: Told) -> None:
    with answering(lambda _: told) as base:
        assert issuer(base).verify(KIND.id, secret(), NOW).state is LivenessState.UNKNOWN


def test_an_encrypted_key_is_not_verifiable() -> None:
    found = issuer("http://127.0.0.1:1").verify(KIND.id, secret(password=b"pass"), NOW)
    assert found.state is LivenessState.NOT_VERIFIABLE


def test_an_address_inside_is_not_asked_unless_listed() -> None:
    seen: list[Asked] = []
    with answering(lambda asked: seen.append(asked) or Told(200, LIST)) as base:  # type: ignore[func-returns-value]
        found = issuer(base, internal_hosts=()).verify(KIND.id, secret(), NOW)
    assert (found.state, seen) == (LivenessState.UNKNOWN, [])


def test_a_server_that_drips_is_cut_off() -> None:
    with raw(lambda sock: [sock.sendall(b"H") or sock.recv(1)]) as base:  # type: ignore[arg-type, func-returns-value]
        found = issuer(base, timeout_s=0.2).verify(KIND.id, secret(), NOW)
    assert found.state is LivenessState.UNKNOWN


@given(st.text(max_size=100))
def test_nonsense_never_raises_and_is_never_decided(text: str) -> None:
    found = issuer("http://127.0.0.1:1").verify(KIND.id, Secret(text), NOW)
    assert found.state is LivenessState.UNKNOWN


def test_an_unknown_kind_is_not_verifiable() -> None:
    found = issuer("http://127.0.0.1:1").verify(KindId("?"), secret(), NOW)
    assert found.state is LivenessState.NOT_VERIFIABLE


def outbound(at: At) -> Ask:
    one = issuer(at.base, internal_hosts=at.internal, timeout_s=at.timeout_s)
    return asks.issuer(one, KIND.id, secret())


class TestStates(StatesContract):
    kind = KIND.id
    never: ClassVar = {
        "dead": "absence from a list is no death",
        "limited": "a list of keys knows of no limits",
    }
    scenes: ClassVar = {
        "live": Scene(secret(), always(Told(200, LIST)), LivenessState.LIVE),
        "rate limited": Scene(secret(), always(Told(429, b"{}")), LivenessState.RATE_LIMITED),
    }

    def connect(self, base: str, timeout_s: float = 5.0) -> GcpIssuer:
        return issuer(base, timeout_s=timeout_s)
