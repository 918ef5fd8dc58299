"""Security event tokens (SETs) that are pushed, as OpenID's Shared Signals, CAEP and RISC do.

https://www.rfc-editor.org/rfc/rfc8935 (delivery), https://www.rfc-editor.org/rfc/rfc8417 (the token),
https://openid.net/specs/openid-sharedsignals-framework-1_0.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus
from pathlib import Path

import jwt

from correlate.errors import ConfigError
from correlate.secret import Secret
from jobs.web.delivery import Delivery, Rejected, Taken, kinds
from jobs.web.seen import KEPT_FOR

_TYPE = "application/secevent+jwt"
_TYPES = ("secevent+jwt", _TYPE)
# signatures that a holder of the public key cannot make
_ALGORITHMS = frozenset({"RS256", "RS384", "RS512", "PS256", "PS384", "PS512",
                         "ES256", "ES384", "ES512", "EdDSA"})  # fmt: skip
# of files that are no sets of keys; "alg": "none" is not implemented
_FAULTS = (
    *(OSError, ValueError, LookupError, TypeError, AttributeError),
    *(NotImplementedError, RecursionError, jwt.PyJWTError),
)
_SECRET_PARTS = frozenset({"d", "k", "p", "q"})
_KEYS_MAX = 64
_AHEAD_S = 300
_ID_MAX = 256


@dataclass(frozen=True, slots=True)
class Settings:
    """`jwks_file` holds the sender's public keys (RFC 7517), fetched and looked at by you; each key
    is good for its own `alg` only. `issuer` and `audience` are the token's `iss` and `aud`,
    letter by letter. A token issued more than `max_age_seconds` ago is refused. `bearer` is what
    the sender puts into its Authorization header, if anything.
    """

    jwks_file: Path
    issuer: str
    audience: str
    max_age_seconds: int = 3600
    bearer: Secret | None = None


@dataclass(frozen=True, slots=True)
class SecurityEvents:
    """One sender, known by its public keys."""

    name: str
    settings: Settings
    keys: Mapping[str, jwt.PyJWK] = field(repr=False)
    accepted: int = HTTPStatus.ACCEPTED

    def check(self, delivery: Delivery) -> Taken:
        """Return the event. Raises Rejected, with a code of RFC 8935, section 2.4, unless the
        token is signed by one of the keys, with that key's algorithm, and meant for us, now.
        """
        self._authenticate(delivery)
        if delivery.headers.get("content-type", "").partition(";")[0].strip().lower() != _TYPE:
            raise _rejected("invalid_request", f"the content type is not {_TYPE}")
        claims = self._claims(delivery.body)
        self._check_time(claims, delivery.at)
        number, events = claims["jti"], claims.get("events")
        if not isinstance(events, dict) or not events:
            raise _rejected("invalid_request", "it tells of no event")
        if not isinstance(number, str) or not 0 < len(number) <= _ID_MAX:
            raise _rejected("invalid_request", "its jti is no short text")
        return Taken(number, kinds(str(uri).rpartition("/")[2] for uri in events))

    def challenge(self, headers: Mapping[str, str]) -> Mapping[str, str] | None:
        """Return None: such senders ask by a verification event."""

    def _authenticate(self, delivery: Delivery) -> None:
        bearer = self.settings.bearer
        if bearer is None:
            return
        scheme, _, given = delivery.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or Secret(given.strip()) != bearer:
            raise _rejected(
                "authentication_failed", "the Authorization header is not the agreed one"
            )

    def _claims(self, body: bytes) -> Mapping[str, object]:
        try:
            token = body.decode("ascii").strip()
            header = jwt.get_unverified_header(token)
        except (ValueError, jwt.InvalidTokenError, RecursionError):
            raise _rejected("invalid_request", "the body is no token") from None
        if str(header.get("typ", "")).lower() not in _TYPES:
            raise _rejected("invalid_request", "the token is not of type secevent+jwt")
        key = self._key(header)
        try:
            return jwt.decode(
                token,
                key,
                [key.algorithm_name],
                audience=self.settings.audience,
                issuer=self.settings.issuer,
                options={
                    "require": ["iss", "iat", "jti", "aud"],
                    # the clock is the delivery's, and of whom it speaks is not read
                    "verify_exp": False, "verify_iat": False, "verify_nbf": False,
                    "verify_sub": False,
                },
            )  # fmt: skip
        except jwt.InvalidIssuerError:
            raise _rejected("invalid_issuer", "the issuer is not the agreed one") from None
        except jwt.InvalidAudienceError:
            raise _rejected("invalid_audience", "it is not meant for us") from None
        except jwt.InvalidSignatureError:
            raise _rejected("invalid_key", "it is not signed by a key known here") from None
        except (jwt.PyJWTError, ValueError, RecursionError):
            raise _rejected(
                "invalid_request", "the token lacks a claim or cannot be read"
            ) from None

    def _key(self, header: Mapping[str, object]) -> jwt.PyJWK:
        named = header.get("kid", "")
        key = self.keys.get(named) if isinstance(named, str) else None
        if key is None or header.get("alg") != key.algorithm_name:
            raise _rejected("invalid_key", "it is not signed by a key known here")
        return key

    def _check_time(self, claims: Mapping[str, object], at: datetime) -> None:
        issued, expires, now = claims.get("iat"), claims.get("exp"), at.timestamp()
        if not _seconds(issued) or not (expires is None or _seconds(expires)):
            raise _rejected("invalid_request", "a time is not in seconds")
        age = now - float(str(issued))
        late = expires is not None and float(str(expires)) <= now
        if late or not -_AHEAD_S <= age <= self.settings.max_age_seconds:
            raise _rejected("invalid_request", "it was issued too long ago, or is not yet valid")


def connect(name: str, settings: Settings, where: str) -> SecurityEvents:
    """Return the transmitter; raises ConfigError unless the file holds public keys only, each with
    a name of its own (or a single one without).
    """
    if not settings.issuer or not settings.audience:
        raise _config(where, "issuer or audience is empty")
    if not 0 < settings.max_age_seconds <= KEPT_FOR.total_seconds():
        raise _config(f"{where}.max_age_seconds", "it is not within a day")
    try:
        held = json.loads(settings.jwks_file.read_bytes())["keys"]
        keys = {str(one.get("kid", "")): _public(one) for one in held}
    except _FAULTS as error:
        why = f"it holds no usable set of public keys ({type(error).__name__})"
        raise _config(f"{where}.jwks_file", why) from None
    if not 0 < len(keys) == len(held) <= _KEYS_MAX:
        raise _config(f"{where}.jwks_file", "it holds no keys, too many, or two of one name")
    return SecurityEvents(name, settings, keys)


def _public(held: Mapping[str, object]) -> jwt.PyJWK:
    if _SECRET_PARTS & set(held) or held.get("kty") not in ("RSA", "EC", "OKP"):
        raise ValueError("a key that is not public")
    key = jwt.PyJWK.from_dict(dict(held))
    if key.algorithm_name not in _ALGORITHMS:
        raise ValueError("an algorithm that is not taken")
    return key


def _config(where: str, why: str) -> ConfigError:
    return ConfigError(
        "A sender's keys cannot be used", where=where, why=why,
        fix="save the sender's jwks_uri to a file, and copy issuer and audience from its stream",
    )  # fmt: skip


def _rejected(code: str, words: str) -> Rejected:
    return Rejected(code, words, HTTPStatus.BAD_REQUEST)


def _seconds(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e12  # noqa: PLR2004
