from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from hypothesis import given
from hypothesis import strategies as st

from connectors.issuer_jwt import JwtIssuer, Settings, connect
from correlate.kind import Kind, Verification
from correlate.model import Identity, KindId, LivenessState
from correlate.ports import Setup
from correlate.secret import Secret
from tests.connectors import outbound as asks
from tests.connectors.outbound import Ask, At
from tests.connectors.states_contract import Scene, StatesContract, always
from tests.connectors.wire import Asked, Told, answering, raw

NOW = datetime(2026, 3, 1, 8, tzinfo=UTC)
ISSUER = "https://login.example"
RULE = Verification("jwt_jwks", "configured", "https://www.rfc-editor.org/rfc/rfc7517")
KIND = Kind(KindId("jwt"), "jwt", "JWT", "(eyJ)", ("eyJ",), "https://x.example", "", verification=RULE)  # fmt: skip
RSA = rsa.generate_private_key(65537, 2048)
OTHER = rsa.generate_private_key(65537, 2048)
EC = ec.generate_private_key(ec.SECP256R1())
ED = ed25519.Ed25519PrivateKey.generate()


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def number(value: int) -> str:
    return b64(value.to_bytes((value.bit_length() + 7) // 8))


def sign(alg: str, data: bytes, key: rsa.RSAPrivateKey = RSA) -> bytes:
    if alg == "RS256":
        return key.sign(data, padding.PKCS1v15(), hashes.SHA256())
    if alg == "PS256":
        scheme = padding.PSS(padding.MGF1(hashes.SHA256()), padding.PSS.DIGEST_LENGTH)
        return key.sign(data, scheme, hashes.SHA256())
    if alg == "ES256":
        r, s = decode_dss_signature(EC.sign(data, ec.ECDSA(hashes.SHA256())))
        return r.to_bytes(32) + s.to_bytes(32)
    return ED.sign(data)


def token(
    alg: str = "RS256", key: rsa.RSAPrivateKey = RSA, header: Mapping[str, Any] | None = None,
    **claims: Any,
) -> Secret:  # fmt: skip
    said = {"iss": ISSUER, "sub": "jane", "email": "jane@example.com"} | claims
    head = b64(json.dumps({"alg": alg} | dict(header or {})).encode())
    data = f"{head}.{b64(json.dumps(said).encode())}"
    return Secret(f"{data}.{b64(sign(alg, data.encode(), key))}")


def at(**delta: int) -> int:
    return int((NOW + timedelta(**delta)).timestamp())


EXPIRED = token(exp=at(hours=-1))


def key_set() -> bytes:
    public, point = RSA.public_key().public_numbers(), EC.public_key().public_numbers()
    keys = [
        {"kty": "RSA", "kid": "r", "n": number(public.n), "e": number(public.e)},
        {"kty": "EC", "crv": "P-256", "kid": "e", "x": b64(point.x.to_bytes(32)), "y": b64(point.y.to_bytes(32))},
        {"kty": "OKP", "crv": "Ed25519", "kid": "o", "x": b64(ED.public_key().public_bytes_raw())},
    ]  # fmt: skip
    return json.dumps({"keys": keys}).encode()


SET = key_set()


def issuer(url: str, **changes: Any) -> JwtIssuer:
    settings: dict[str, Any] = {"issuers": {ISSUER: url}, "internal_hosts": ("127.0.0.1",), "timeout_s": 5.0, "spacing_s": 0.0}  # fmt: skip
    return connect(Settings(**settings | changes), Setup("jwt", Path("/nonexistent"), (KIND,)))


@pytest.mark.parametrize("alg", ["RS256", "PS256", "ES256", "EdDSA"])
def test_a_signed_and_unexpired_token_is_live_and_names_its_subject(alg: str) -> None:
    seen: list[Asked] = []

    def answer(asked: Asked) -> Told:
        seen.append(asked)
        return Told(200, SET)

    secret = token(alg, exp=at(hours=1))
    with answering(answer) as base:
        found = issuer(base + "/keys").verify(KIND.id, secret, NOW)
    assert found.state is LivenessState.LIVE
    assert found.identities == (Identity("mail", "jane@example.com"), Identity("login", "jane"))
    assert found.expires_at == NOW + timedelta(hours=1)
    assert [(a.method, a.path, a.body) for a in seen] == [("GET", "/keys", b"")]
    assert secret.reveal() not in repr(seen) + repr(found)


def test_a_token_is_dead_once_the_expiry_that_its_issuer_signed_is_past() -> None:
    with answering(lambda _: Told(200, SET)) as base:
        found = issuer(base).verify(KIND.id, token(exp=at(seconds=0)), NOW)
    assert (found.state, found.identities) == (LivenessState.DEAD, ())


@pytest.mark.parametrize(
    "secret",
    [
        token(key=OTHER, exp=at(hours=-1)),
        token(exp=at(hours=-1), header={"kid": "e"}),
        token(exp=at(hours=-1), header={"crit": ["x"]}),
        token(exp=at(hours=-1), header={"alg": "none"}),
        token(exp=at(hours=-1), header={"alg": "HS256"}),
        token(exp=at(hours=-1), header={"alg": "ES256"}),
        token(exp="yesterday"),
        token(exp=1e400),
        token(nbf=at(hours=1)),
        token(iss="https://evil.example", exp=at(hours=-1)),
        token(iss=["x"], exp=at(hours=-1)),
    ],
)
def test_what_no_listed_issuer_signed_is_neither_live_nor_dead(secret: Secret) -> None:
    with answering(lambda _: Told(200, SET)) as base:
        assert issuer(base).verify(KIND.id, secret, NOW).state is LivenessState.UNKNOWN


def test_an_expired_token_of_a_foreign_issuer_is_unknown_with_that_word() -> None:
    found = issuer("http://127.0.0.1:1").verify(KIND.id, token(iss="x", exp=at(hours=-1)), NOW)
    assert found.state is LivenessState.UNKNOWN
    assert found.reason.startswith("expired by its own word")


@pytest.mark.parametrize(
    "told",
    [
        Told(500, SET), Told(403, SET), Told(302, b"", headers={"Location": "http://127.0.0.1:1"}),
        Told(200, b"<html>", "text/html"), Told(200, SET[:-9]), Told(200, b"[" * 90_000),
        Told(200, b'{"keys": 1}'), Told(200, b'{"keys": [1, {"kty": "RSA"}, {"kty": "RSA", "n": 5, "e": []}]}'),
        Told(200, b"x" * 400_000),
    ],
)  # fmt: skip
def test_no_answer_but_a_key_set_decides(told: Told) -> None:
    with answering(lambda _: told) as base:
        for secret in (token(exp=at(hours=1)), token(exp=at(hours=-1))):
            assert issuer(base).verify(KIND.id, secret, NOW).state is LivenessState.UNKNOWN


def test_a_server_that_drips_is_cut_off() -> None:
    with raw(lambda sock: [sock.sendall(b"H") or sock.recv(1)]) as base:  # type: ignore[arg-type, func-returns-value]
        found = issuer(base, timeout_s=0.2).verify(KIND.id, token(exp=at(hours=-1)), NOW)
    assert (found.state, "in time" in found.reason) == (LivenessState.UNKNOWN, True)


def test_an_address_inside_is_not_asked_unless_listed() -> None:
    seen: list[Asked] = []
    with answering(lambda asked: seen.append(asked) or Told(200, SET)) as base:  # type: ignore[func-returns-value]
        found = issuer(base, internal_hosts=()).verify(KIND.id, token(exp=at(hours=-1)), NOW)
    assert (found.state, seen) == (LivenessState.UNKNOWN, [])


@given(st.text(max_size=80) | st.binary(max_size=60).map(b64).map(lambda p: f"{p}.{p}.{p}"))
def test_nonsense_never_raises_and_is_never_decided(text: str) -> None:
    found = issuer("http://127.0.0.1:1").verify(KIND.id, Secret(text), NOW)
    assert found.state is LivenessState.UNKNOWN


def test_an_unknown_kind_is_not_verifiable() -> None:
    found = issuer("http://127.0.0.1:1").verify(KindId("?"), token(), NOW)
    assert found.state is LivenessState.NOT_VERIFIABLE


def outbound(at: At) -> Ask:
    one = issuer(at.base, internal_hosts=at.internal, timeout_s=at.timeout_s)
    return asks.issuer(one, KIND.id, EXPIRED)


class TestStates(StatesContract):
    kind = KIND.id
    typed = False  # a key set is known by the signature that one of its keys made
    never: ClassVar = {"limited": "a key set knows of no limits"}
    scenes: ClassVar = {
        "live": Scene(token(exp=at(hours=1)), always(Told(200, SET)), LivenessState.LIVE),
        "dead": Scene(EXPIRED, always(Told(200, SET)), LivenessState.DEAD),
        "rate limited": Scene(EXPIRED, always(Told(429, b"{}")), LivenessState.RATE_LIMITED),
    }

    def connect(self, base: str, timeout_s: float = 5.0) -> JwtIssuer:
        return issuer(base, timeout_s=timeout_s)

    def rejects(self, asked: Asked, told: Told) -> bool:  # noqa: ARG002  # a seam of the contract
        public = number(RSA.public_key().public_numbers().n).encode()
        return told.status == 200 and "html" not in told.content_type and public in told.body
