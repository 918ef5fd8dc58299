"""HiBob's webhooks: HMAC-SHA512 of the body, in base64. No time is signed, so a copy stays good
for ever; it is known by its signature as long as that is remembered, and only wakes a poll.

https://apidocs.hibob.com/docs/working-with-webhooks
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus

from correlate.errors import ConfigError
from correlate.secret import Secret
from jobs.web.delivery import Delivery, Rejected, Taken, kinds, payload


@dataclass(frozen=True, slots=True)
class Settings:
    """`key` is the secret that HiBob shows for the webhook."""

    key: Secret


@dataclass(frozen=True, slots=True)
class HibobHook:
    """One webhook, known by its secret."""

    name: str
    settings: Settings
    accepted: int = HTTPStatus.OK

    def check(self, delivery: Delivery) -> Taken:
        """Return the event. Raises Rejected unless its signature is by the key, over the body."""
        key = self.settings.key.reveal().encode()
        want = base64.b64encode(hmac.new(key, delivery.body, hashlib.sha512).digest())
        given = delivery.headers.get("bob-signature", "").encode()
        if not hmac.compare_digest(given, want):
            raise Rejected("unsigned", "the signature is not by the key that is known here")
        return Taken(want.decode(), kinds([payload(delivery.body).get("type")]))

    def challenge(self, headers: Mapping[str, str]) -> Mapping[str, str] | None:
        """Return None: HiBob tests a webhook by a signed POST."""


def connect(name: str, settings: Settings, where: str) -> HibobHook:
    """Return the transmitter; raises ConfigError for no secret."""
    if not len(settings.key):
        raise ConfigError(
            "A key is empty", where=f"{where}.key", why="anybody could sign", fix="give HiBob's"
        )
    return HibobHook(name, settings)
