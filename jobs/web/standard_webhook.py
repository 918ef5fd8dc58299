"""Webhooks signed as Standard Webhooks lays down.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus

from correlate.secret import Secret
from correlate.webhook import signature, signing_key
from jobs.web.delivery import Delivery, Rejected, Taken, kinds, payload

TOLERANCE_S = 300
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
        if not self._signed(delivery, number, sent):
            raise Rejected("unsigned", "no signature is by a key that is known here")
        if abs(delivery.at.timestamp() - int(sent)) > TOLERANCE_S:
            raise Rejected("stale", "the time is more than five minutes from ours")
        return Taken(number, kinds([payload(delivery.body).get("type")]))

    def challenge(self, headers: Mapping[str, str]) -> Mapping[str, str] | None:
        """Return None: such senders ask nothing."""

    def _signed(self, delivery: Delivery, number: str, sent: str) -> bool:
        given = delivery.headers.get("webhook-signature", "").split()[:_SIGNATURES_MAX]
        told = [one.removeprefix("v1,").encode() for one in given if one.startswith("v1,")]
        found = False
        for key in self.keys:
            want = signature(key, number, sent, delivery.body).encode()
            for one in told:
                found |= hmac.compare_digest(one, want)
        return found


def connect(name: str, settings: Settings, where: str) -> StandardWebhook:
    """Return the transmitter; raises ConfigError for a key that is none."""
    keys = [signing_key(settings.key, f"{where}.key")]
    if settings.old_key is not None:
        keys.append(signing_key(settings.old_key, f"{where}.old_key"))
    return StandardWebhook(name, tuple(keys))
