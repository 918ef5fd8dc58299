"""Okta's event hooks. They are not signed: a header carries a secret that both sides know.

https://developer.okta.com/docs/concepts/event-hooks/
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus

from correlate.errors import ConfigError
from correlate.secret import Secret
from jobs.web.delivery import Delivery, Rejected, Taken, kinds, payload

_CHALLENGE = "x-okta-verification-challenge"
_CHALLENGE_MAX = 256
_ID_MAX = 256
_KEY_MIN = 16


@dataclass(frozen=True, slots=True)
class Settings:
    """`key` is the hook's authentication secret, `header` its authentication field. While the
    secret is being changed, `old_key` holds too.
    """

    key: Secret
    old_key: Secret | None = None
    header: str = "authorization"


@dataclass(frozen=True, slots=True)
class OktaHook:
    """One hook, known by its secret."""

    name: str
    settings: Settings
    accepted: int = HTTPStatus.OK

    def check(self, delivery: Delivery) -> Taken:
        """Return the event. Raises Rejected unless the header carries the secret."""
        given = Secret(delivery.headers.get(self.settings.header.lower(), ""))
        keys = [key for key in (self.settings.key, self.settings.old_key) if key is not None]
        if not any([given == key for key in keys]):  # noqa: C419  # as long for either
            raise Rejected("unsigned", "the header does not carry the agreed secret")
        told = payload(delivery.body)
        number, data = told.get("eventId"), told.get("data")
        found = data.get("events") if isinstance(data, dict) else None
        events = found if isinstance(found, list) else []
        return Taken(
            number[:_ID_MAX] if isinstance(number, str) else "",
            kinds(one.get("eventType") for one in events if isinstance(one, dict)),
        )

    def challenge(self, headers: Mapping[str, str]) -> Mapping[str, str] | None:
        """Return the challenge that Okta sends once, as it wants it back."""
        told = headers.get(_CHALLENGE, "")
        if not told or len(told) > _CHALLENGE_MAX or not (told.isascii() and told.isprintable()):
            return None
        return {"verification": told}


def connect(name: str, settings: Settings, where: str) -> OktaHook:
    """Return the transmitter; raises ConfigError for a secret that could be guessed."""
    for key in (settings.key, settings.old_key):
        if key is not None and len(key) < _KEY_MIN:
            raise ConfigError(
                "A key is too short", where=f"{where}.key",
                why=f"it has fewer than {_KEY_MIN} characters", fix="make a longer one",
            )  # fmt: skip
    return OktaHook(name, settings)
