"""Judges JSON web tokens offline, by the published keys (JWKS) of issuers that the operator listed.

A token's own words are never believed before its signature: a forged "exp" would else close a
case. Nothing that stands in a token (iss, jku, x5u) is ever an address to ask.
https://www.rfc-editor.org/rfc/rfc7519, https://www.rfc-editor.org/rfc/rfc7517
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from connectors.http import Call, Http, Reply, one_attempt
from connectors.once import Once, unasked
from correlate.errors import OffkeyError
from correlate.kind import Kind
from correlate.model import Identity, KindId, Liveness, LivenessState
from correlate.ports import Setup
from correlate.secret import Secret

_TOKEN_MAX = 32 * 1024
_KEYS_MAX = 64
_HANDLE_MAX = 256
_HASHES: Mapping[str, hashes.HashAlgorithm] = {
    "256": hashes.SHA256(),
    "384": hashes.SHA384(),
    "512": hashes.SHA512(),
}
_CURVES: Mapping[str, tuple[str, ec.EllipticCurve, int]] = {
    "ES256": ("P-256", ec.SECP256R1(), 32),
    "ES384": ("P-384", ec.SECP384R1(), 48),
    "ES512": ("P-521", ec.SECP521R1(), 66),
}
_FAULTS = (ValueError, TypeError, KeyError, AttributeError, InvalidSignature, UnsupportedAlgorithm)


@dataclass(frozen=True, slots=True)
class Settings:
    """`issuers` maps an "iss" claim, exactly as tokens spell it, to the URL of its JWKS."""

    issuers: Mapping[str, str] = field(default_factory=dict)
    internal_hosts: tuple[str, ...] = ()
    proxy: str = ""
    ca_file: Path | None = None
    timeout_s: float = 10.0
    spacing_s: float = 0.2


def connect(settings: Settings, setup: Setup) -> JwtIssuer:
    """Return the issuer for all kinds in force that are judged by a JWKS."""
    return JwtIssuer(setup.name, setup.kinds, settings, Http(one_attempt(settings, 256 * 1024)))


class JwtIssuer:
    """Checks signature and expiry. Never sends the token anywhere, and never raises."""

    def __init__(self, name: str, kinds: tuple[Kind, ...], settings: Settings, http: Http) -> None:
        self.name = name
        self.kinds = frozenset(
            kind.id for kind in kinds if kind.verification and kind.verification.via == "jwt_jwks"
        )
        self._settings, self._http = settings, http
        self._once = Once()

    def verify(self, kind: KindId, secret: Secret, now: datetime) -> Liveness:
        """Return LIVE or DEAD for a token whose signature a listed issuer's key made, by its
        validity period; UNKNOWN for all others, an expired one included.
        """
        if kind not in self.kinds:
            return unasked(now)
        return self._once.ask(kind, secret, now, lambda: self._verify(secret.reveal(), now))

    def _verify(self, token: str, now: datetime) -> Liveness:
        unknown = Liveness(LivenessState.UNKNOWN, now, "")
        try:
            header, claims, signed, signature = _taken_apart(token)
        except ValueError:
            return replace(unknown, reason="the text is not a signed JSON web token")
        url = self._settings.issuers.get(_text(claims, "iss"))
        if url is None:
            word = "expired by its own word, and " if _past(claims.get("exp"), now) else ""
            return replace(unknown, reason=f"{word}its issuer is not one of those configured")
        asked = replace(unknown, host=urlsplit(url).hostname or "", method="GET JWKS")
        try:
            reply = self._http.send(Call("GET", url))
        except OffkeyError as error:
            return replace(asked, reason=f"{error.what}: {error.why}")
        asked = replace(asked, status=reply.status)
        if reply.status == HTTPStatus.TOO_MANY_REQUESTS:
            why = "its issuer asks us to wait"
            return replace(asked, state=LivenessState.RATE_LIMITED, reason=why)
        try:
            keys = _keys(reply)
        except ValueError:
            return replace(asked, reason="no key set came")
        if not any(_signed_by(key, header, signed, signature) for key in keys):
            # also so after the issuer rotated its keys: the set says nothing of the old ones
            return replace(asked, reason="no published key of the issuer made its signature")
        return _judged(asked, claims, now)


def _judged(asked: Liveness, claims: Mapping[str, Any], now: datetime) -> Liveness:
    """What the signed words mean; the issuer itself wrote them."""
    expiry, start = _instant(claims.get("exp")), _instant(claims.get("nbf"))
    if "exp" in claims and expiry is None:
        return replace(asked, reason="signed, but its expiry is no instant")
    if expiry is not None and expiry <= now:
        why = "signed by its issuer, who let it end at its expiry"
        return replace(asked, state=LivenessState.DEAD, reason=why)
    told = replace(asked, expires_at=expiry, identities=tuple(_identities(claims)))
    if start is not None and start > now:
        return replace(told, reason="signed by its issuer, and not valid yet")
    why = "signed by its issuer and not expired; whether it was withdrawn, no key set tells"
    return replace(told, state=LivenessState.LIVE, reason=why)


def _identities(claims: Mapping[str, Any]) -> list[Identity]:
    places = (("mail", "email"), ("login", "sub"))
    found = [(system, _text(claims, claim)) for system, claim in places]
    return [Identity(system, handle) for system, handle in found if handle]


def _taken_apart(token: str) -> tuple[Mapping[str, Any], Mapping[str, Any], bytes, bytes]:
    parts = token.split(".")
    if len(token) > _TOKEN_MAX or len(parts) != 3 or not all(parts):  # noqa: PLR2004
        raise ValueError("no compact JWS")
    if not token.isascii():
        raise ValueError("not base64url")
    head, body, signature = (_bytes(part) for part in parts)
    return _object(head), _object(body), ".".join(parts[:2]).encode(), signature


def _bytes(text: str) -> bytes:
    try:
        padded = text + "=" * (-len(text) % 4)
        return base64.b64decode(padded.translate(str.maketrans("-_", "+/")), validate=True)
    except binascii.Error:
        raise ValueError("not base64url") from None


def _object(data: bytes) -> Mapping[str, Any]:
    try:
        value = json.loads(data.decode("utf-8"))
    except RecursionError:
        raise ValueError("nested too deep") from None
    if not isinstance(value, dict):
        raise ValueError("not a JSON object")  # noqa: TRY004 - bad data, not a bad call
    return value


def _keys(reply: Reply) -> list[Mapping[str, Any]]:
    """Return a key set's keys, sent as anything but a page; raises ValueError for none."""
    if reply.status != HTTPStatus.OK or reply.content_type == "text/html":
        raise ValueError("no answer with a key set")
    keys = _object(reply.body).get("keys")
    if not isinstance(keys, list):
        raise ValueError("no key set")  # noqa: TRY004 - bad data, not a bad call
    return [key for key in keys[:_KEYS_MAX] if isinstance(key, dict)]


def _signed_by(
    key: Mapping[str, Any], header: Mapping[str, Any], signed: bytes, signature: bytes
) -> bool:
    """Say whether `key` made the signature. Only asymmetric algorithms: a shared key is in no set."""
    alg = _text(header, "alg")
    if "kid" in header and key.get("kid", header["kid"]) != header["kid"]:
        return False
    if key.get("use", "sig") != "sig" or key.get("alg", alg) != alg or "crit" in header:
        return False
    try:
        _check(key, alg, signed, signature)
    except _FAULTS:
        return False
    return True


def _check(key: Mapping[str, Any], alg: str, signed: bytes, signature: bytes) -> None:
    """Raise unless the signature is good."""
    if alg == "EdDSA" and (key["kty"], key["crv"]) == ("OKP", "Ed25519"):
        ed25519.Ed25519PublicKey.from_public_bytes(_bytes(key["x"])).verify(signature, signed)
    elif alg in _CURVES and key["kty"] == "EC":
        name, curve, size = _CURVES[alg]
        if key["crv"] != name or len(signature) != 2 * size:
            raise ValueError("of another curve")
        point = ec.EllipticCurvePublicNumbers(_number(key["x"]), _number(key["y"]), curve)
        r, s = (int.from_bytes(half) for half in (signature[:size], signature[size:]))
        point.public_key().verify(encode_dss_signature(r, s), signed, ec.ECDSA(_HASHES[alg[2:]]))
    elif alg[:2] in ("RS", "PS") and key["kty"] == "RSA":
        digest = _HASHES[alg[2:]]
        public = rsa.RSAPublicNumbers(_number(key["e"]), _number(key["n"])).public_key()
        scheme: padding.AsymmetricPadding = padding.PKCS1v15()
        if alg[0] == "P":
            scheme = padding.PSS(padding.MGF1(digest), padding.PSS.DIGEST_LENGTH)
        public.verify(signature, signed, scheme, digest)
    else:
        raise ValueError("of another algorithm")


def _number(text: str) -> int:
    return int.from_bytes(_bytes(text))


def _text(values: Mapping[str, Any], name: str) -> str:
    value = values.get(name)
    return value[:_HANDLE_MAX] if isinstance(value, str) else ""


def _instant(seconds: object) -> datetime | None:
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        return None
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, OSError, ValueError):
        return None


def _past(seconds: object, now: datetime) -> bool:
    found = _instant(seconds)
    return found is not None and found <= now
