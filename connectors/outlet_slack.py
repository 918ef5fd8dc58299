"""Posts notices to one Slack channel through an incoming webhook.

https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks
A text is escaped as https://docs.slack.dev/messaging/formatting-message-text lays down and shown
without markup, so that it mentions nobody and links nowhere.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from connectors.http import Call, Http, policy_of
from connectors.posting import Poster
from correlate.announce import lines
from correlate.notice import Notice
from correlate.ports import Setup
from correlate.secret import Secret

_SPACING_S = 1.0  # about one message a second and webhook is allowed


@dataclass(frozen=True, slots=True)
class Settings:
    """`url` carries the right to post, so it is a secret. Without `show_person` nobody is named."""

    url: Secret
    show_person: bool = False
    internal_hosts: tuple[str, ...] = ()
    proxy: str = ""
    ca_file: Path | None = None
    timeout_s: float = 20.0


def connect(settings: Settings, setup: Setup) -> Poster:
    """Return the outlet: one webhook, hence one channel."""
    http = Http(replace(policy_of(settings), spacing_s=_SPACING_S))
    called = partial(_call, settings.url)
    return Poster(setup.name, http, called, show_person=settings.show_person)


def _call(url: Secret, notice: Notice) -> Call:
    text = escaped("\n".join(lines(notice)))
    body = {"text": text, "mrkdwn": False, "unfurl_links": False, "unfurl_media": False}
    headers = {"Content-Type": "application/json"}
    return Call("POST", url.reveal(), headers, body=json.dumps(body).encode())


def escaped(text: str) -> str:
    """Return a text in which Slack finds no control sequence."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
