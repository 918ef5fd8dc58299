"""Matches Google service account keys with the certificates that Google publishes of each account.

No token is minted and no key leaves the process: the key's public half is compared. The canonical
secret is "private_key_id:key" and does not name its account, so the accounts are the configured ones.
https://cloud.google.com/iam/docs/service-account-creds
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from http import HTTPStatus
from pathlib import Path
from urllib.parse import quote, urlsplit

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from connectors.http import Call, Http, one_attempt
from connectors.json_shape import decoded
from connectors.once import Once, unasked
from connectors.public_half import Locked, spki
from correlate.errors import OffkeyError
from correlate.kind import Kind
from correlate.model import Identity, KindId, Liveness, LivenessState, Truth
from correlate.ports import Setup
from correlate.secret import Secret

_PATH = "/robot/v1/metadata/x509/"


@dataclass(frozen=True, slots=True)
class Settings:
    """`accounts` are the e-mail addresses of the service accounts whose published keys are read.

    `hosts` may name another base URL for the issuer "google".
    """

    accounts: tuple[str, ...] = ()
    hosts: Mapping[str, str] = field(default_factory=dict)
    internal_hosts: tuple[str, ...] = ()
    proxy: str = ""
    ca_file: Path | None = None
    timeout_s: float = 10.0
    spacing_s: float = 0.2


def connect(settings: Settings, setup: Setup) -> GcpIssuer:
    """Return the issuer for all kinds in force that are matched with Google's certificates."""
    return GcpIssuer(setup.name, setup.kinds, settings, Http(one_attempt(settings, 256 * 1024)))


class _Busy(Exception):
    """We were asked to wait."""


class GcpIssuer:
    """A match is LIVE; no match is UNKNOWN, never DEAD. Never raises."""

    def __init__(self, name: str, kinds: tuple[Kind, ...], settings: Settings, http: Http) -> None:
        self.name = name
        self._rules = {
            kind.id: (kind.issuer, kind.verification.host)
            for kind in kinds
            if kind.verification and kind.verification.via == "google_certificates"
        }
        self.kinds = frozenset(self._rules)
        self._settings, self._http = settings, http
        self._once = Once()

    def verify(self, kind: KindId, secret: Secret, now: datetime) -> Liveness:
        """Return LIVE where a configured account's list holds the key under its own id."""
        if kind not in self._rules:
            return unasked(now)
        issuer, host = self._rules[kind]
        base = self._settings.hosts.get(issuer, host).rstrip("/")
        return self._once.ask(
            f"{kind}\x00{base}", secret, now, lambda: self._verify(base, secret, now)
        )

    def _verify(self, base: str, secret: Secret, now: datetime) -> Liveness:
        asked = Liveness(LivenessState.UNKNOWN, now, "")
        key_id, _, pem = secret.reveal().partition(":")
        try:
            public = spki(pem)
        except Locked:
            why = "the key is encrypted"
            return replace(asked, state=LivenessState.NOT_VERIFIABLE, reason=why)
        except ValueError as error:
            return replace(asked, reason=str(error))
        if not self._settings.accounts:
            return replace(asked, reason="no service account is configured to be looked at")
        host = urlsplit(base).hostname or ""
        asked = replace(asked, host=host, method=f"GET {_PATH}")
        failed, state = "", LivenessState.UNKNOWN
        for account in self._settings.accounts:
            try:
                held = self._published(base, account).get(key_id)
            except OffkeyError as error:
                failed = f"{error.what}: {error.why}"
                continue
            except ValueError as error:
                failed = str(error)
                continue
            except _Busy:
                failed, state = "Google asks us to wait", LivenessState.RATE_LIMITED
                continue
            if held == public:
                return _live(asked, account)
        why = failed or "no service account that we look at publishes it"
        return replace(asked, state=state, reason=why)

    def _published(self, base: str, account: str) -> Mapping[str, bytes]:
        """Return the account's public keys by id; raises ValueError where no list came, or _Busy."""
        reply = self._http.send(Call("GET", base + _PATH + quote(account, safe="")))
        if reply.status == HTTPStatus.TOO_MANY_REQUESTS:
            raise _Busy
        if reply.status != HTTPStatus.OK:
            raise ValueError(f"an answer of status {reply.status} instead of a list of keys")
        value = decoded(reply)
        if not isinstance(value, dict):
            raise ValueError("the answer is no list of keys")  # noqa: TRY004 - bad data
        found = {}
        for key_id, pem in value.items():
            if isinstance(pem, str) and (public := _of_certificate(pem)):
                found[key_id] = public
        return found


def _live(asked: Liveness, account: str) -> Liveness:
    return replace(
        asked,
        state=LivenessState.LIVE,
        reason="Google publishes the key's certificate for its service account",
        status=HTTPStatus.OK,
        identities=(Identity("mail", account),),
        owner_is_person=Truth.NO,
    )


def _of_certificate(pem: str) -> bytes:
    try:
        key = x509.load_pem_x509_certificate(pem.encode()).public_key()
        return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    except (ValueError, UnsupportedAlgorithm):
        return b""
