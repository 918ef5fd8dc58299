"""Senders of events, as they sign: keys are made when they are needed."""

from __future__ import annotations

import base64
import functools
import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from correlate.secret import Secret
from jobs.web.delivery import Delivery

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
ISSUER, AUDIENCE = "https://idp.example", "https://offkey.x.example/push/idp"
TYPE = "application/secevent+jwt"
DISABLED = "https://schemas.openid.net/secevent/risc/event-type/account-disabled"


def new_key() -> Secret:
    return Secret("whsec_" + base64.b64encode(secrets.token_bytes(32)).decode())


def webhook(key: Secret, body: bytes, number: str = "msg_1", at: datetime = NOW) -> dict[str, str]:
    """Return the headers of a webhook as Standard Webhooks lays down."""
    sent = str(int(at.timestamp()))
    raw = base64.b64decode(key.reveal().removeprefix("whsec_"))
    made = hmac.new(raw, f"{number}.{sent}.".encode() + body, hashlib.sha256).digest()
    signature = f"v1,{base64.b64encode(made).decode()}"
    return {"webhook-id": number, "webhook-timestamp": sent, "webhook-signature": signature}


@functools.cache
def private(name: str) -> rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey:
    """Return the key of a name, "rsa..." or "ec..."; the same for the whole test run."""
    if name.startswith("rsa"):
        return rsa.generate_private_key(65537, 2048)
    return ec.generate_private_key(ec.SECP256R1())


def public_jwk(name: str) -> dict[str, object]:
    """Return the public half of a key as a JWK (RFC 7517)."""
    public = private(name).public_key()
    if isinstance(public, rsa.RSAPublicKey):
        return jwt.algorithms.RSAAlgorithm.to_jwk(public, as_dict=True)
    return jwt.algorithms.ECAlgorithm.to_jwk(public, as_dict=True)


def jwks(path: Path, *names: str, **more: object) -> Path:
    """Write the public halves of keys to a file."""
    found = [{**public_jwk(name), "kid": name, "use": "sig", **more} for name in names]
    path.write_text(json.dumps({"keys": found}), encoding="utf-8")
    return path


def claims(**changes: object) -> dict[str, object]:
    """Return the claims of a security event token; a change to None leaves one out."""
    told: dict[str, object] = {
        "iss": ISSUER,
        "aud": [AUDIENCE],
        "iat": int(NOW.timestamp()),
        "jti": "j-1",
        "sub_id": {"format": "email", "email": "jane@x.example"},
        "events": {DISABLED: {"reason": "hijacking"}},
    } | changes
    return {name: value for name, value in told.items() if value is not None}


def token(
    told: Mapping[str, object], key: str = "ec-1", alg: str = "ES256", **header: object
) -> bytes:
    """Return a signed token; `header` may spell its head otherwise."""
    spelled: dict[str, object] = {"typ": "secevent+jwt", "kid": key, **header}
    head = {name: value for name, value in spelled.items() if value is not None or name == "typ"}
    return jwt.encode(dict(told), private(key), alg, head).encode()


def handed(headers: Mapping[str, str], body: bytes, at: datetime = NOW) -> Delivery:
    return Delivery({name.lower(): value for name, value in headers.items()}, body, at)
