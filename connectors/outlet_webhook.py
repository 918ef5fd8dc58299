"""Posts notices as events to a receiver of yours, signed as Standard Webhooks lays down.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
A notice that is sent again has the same webhook-id, by which a receiver knows it.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from connectors.http import Call, Http, policy_of
from connectors.posting import post_each
from correlate.announce import payload
from correlate.notice import Notice, Receipt
from correlate.ports import Setup
from correlate.secret import Secret
from correlate.webhook import signature, signing_key


@dataclass(frozen=True, slots=True)
class Settings:
    """`key` is the signing secret, base64 after "whsec_". While it is being changed, `old_key` signs
    too, so that a receiver who knows either believes the event. Without `show_person` nobody is named.
    """

    url: str
    key: Secret
    old_key: Secret | None = None
    show_person: bool = False
    internal_hosts: tuple[str, ...] = ()
    proxy: str = ""
    ca_file: Path | None = None
    timeout_s: float = 20.0


def connect(settings: Settings, setup: Setup) -> WebhookOutlet:
    """Return the outlet; raises ConfigError for a key that is none."""
    where = f"outlets.{setup.name}"
    keys = [signing_key(settings.key, f"{where}.key")]
    if settings.old_key is not None:
        keys.append(signing_key(settings.old_key, f"{where}.old_key"))
    http = Http(policy_of(settings))
    return WebhookOutlet(
        setup.name, settings.url, tuple(keys), http, show_person=settings.show_person
    )


@dataclass(frozen=True, slots=True)
class WebhookOutlet:
    """One receiver. `wall` tells the seconds since 1970, which go into what is signed."""

    name: str
    url: str
    keys: tuple[bytes, ...] = field(repr=False)
    http: Http
    show_person: bool = False
    wall: Callable[[], float] = time.time

    def send(self, notices: Sequence[Notice]) -> Sequence[Receipt]:
        """Post one event a notice."""
        shown = [one if self.show_person else one.told_to_all() for one in notices]
        return post_each(self.http, self.name, shown, self._call)

    def _call(self, notice: Notice) -> Call:
        event = {
            "type": f"case.{notice.transition}",
            "timestamp": notice.at.isoformat(),
            "data": payload(notice),
        }
        body, seconds = json.dumps(event).encode(), str(int(self.wall()))
        made = (f"v1,{signature(key, notice.id, seconds, body)}" for key in self.keys)
        headers = {
            "Content-Type": "application/json",
            "webhook-id": notice.id,
            "webhook-timestamp": seconds,
            "webhook-signature": " ".join(made),
        }
        return Call("POST", self.url, headers, body=body)
