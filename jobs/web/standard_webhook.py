"""Webhooks signed as Standard Webhooks lays down.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus

from correlate.errors import ConfigError
from correlate.secret import Secret
from jobs.web.delivery import Delivery, Rejected, Taken, kinds, payload

TOLERANCE_S = 300
_KEY_MIN = 24  # bytes; the specification's least
_ID = re.compile(r"[!-\-/-~]{1,256}")  # no dot: it parts the id from the time in what is signed
_SECONDS = re.compile(r"\d{1,11}", re.ASCII)
_SIGNATURES_MAX = 10


@dataclass(frozen=True, slots=True)
class Settings:
    """`key` is the signing secret as the sender shows it, base64 after "whsec_". While it is
    being changed, `old_key` holds too.
    """

    key: Secret
    old_key: Secret | None = None


@dataclass(frozen=True, slots=True)
class StandardWebhook:
    """One sender, known by its keys."""

    name: str
    keys: tuple[bytes, ...] = field(repr=False)
    accepted: int = HTTPStatus.OK

    def check(self, delivery: Delivery) -> Taken:
        """Return the event. Raises Rejected unless one of its signatures is by one of the keys
        over id, time and body, and the time is within five minutes of ours.
        """
        number = delivery.headers.get("webhook-id", "")
        sent = delivery.headers.get("webhook-timestamp", "")
        if not _ID.fullmatch(number) or not _SECONDS.fullmatch(sent):
            raise Rejected("malformed", "webhook-id and webhook-timestamp are needed", 400)
        if not self._signed(delivery, f"{number}.{sent}.".encode()):
            raise Rejected("unsigned", "no signature is by a key that is known here")
        if abs(delivery.at.timestamp() - int(sent)) > TOLERANCE_S:
            raise Rejected("stale", "the time is more than five minutes from ours")
        return Taken(number, kinds([payload(delivery.body).get("type")]))

    def challenge(self, headers: Mapping[str, str]) -> Mapping[str, str] | None:
        """Return None: such senders ask nothing."""

    def _signed(self, delivery: Delivery, before: bytes) -> bool:
        given = delivery.headers.get("webhook-signature", "").split()[:_SIGNATURES_MAX]
        told = [one.removeprefix("v1,").encode() for one in given if one.startswith("v1,")]
        found = False
        for key in self.keys:
            made = hmac.new(key, before + delivery.body, hashlib.sha256).digest()
            want = base64.b64encode(made)
            for one in told:
                found |= hmac.compare_digest(one, want)
        return found


def connect(name: str, settings: Settings, where: str) -> StandardWebhook:
    """Return the transmitter; raises ConfigError for a key that is none."""
    keys = [_key(settings.key, f"{where}.key")]
    if settings.old_key is not None:
        keys.append(_key(settings.old_key, f"{where}.old_key"))
    return StandardWebhook(name, tuple(keys))


def _key(secret: Secret, where: str) -> bytes:
    try:
        key = base64.b64decode(secret.reveal().removeprefix("whsec_"), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) < _KEY_MIN:
        raise ConfigError(
            "A key cannot be used", where=where, why=f"it is not base64 of {_KEY_MIN} bytes or more",
            fix="copy the signing secret as the sender shows it",
        )  # fmt: skip
    return key
