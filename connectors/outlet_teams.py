"""Posts notices to Microsoft Teams through a Workflow that takes Adaptive Cards.

https://learn.microsoft.com/en-us/microsoftteams/platform/webhooks-and-connectors/how-to/add-incoming-webhook
A Workflow answers 2xx when it took the call, before it posts: that is no proof of a card in the channel.
A card is made of RichTextBlock and TextRun, which know no Markdown:
https://adaptivecards.io/explorer/RichTextBlock.html
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from connectors.http import Call, Http, policy_of
from connectors.posting import Poster
from correlate.announce import lines
from correlate.notice import Notice
from correlate.ports import Setup
from correlate.secret import Secret

CARD_MAX = 28 * 1024  # bytes
_LINE_MAX = 2000
_SPACING_S = 0.25  # four calls a second


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
    """Return the outlet: one Workflow, hence one channel or chat."""
    http = Http(replace(policy_of(settings), spacing_s=_SPACING_S))
    called = partial(_call, settings.url)
    return Poster(setup.name, http, called, show_person=settings.show_person)


def _call(url: Secret, notice: Notice) -> Call:
    headers = {"Content-Type": "application/json"}
    return Call("POST", url.reveal(), headers, body=card(lines(notice)))


def card(texts: Sequence[str]) -> bytes:
    """Return the message, the first line in bold; lines are left out from the end, and cut, until it
    is no larger than Teams takes.
    """
    kept = [text[:_LINE_MAX] for text in texts]
    while len(made := _message(kept)) > CARD_MAX:
        kept = kept[:-1] if len(kept) > 1 else [kept[0][: len(kept[0]) // 2]]
    return made


def _message(texts: Sequence[str]) -> bytes:
    body = [
        {
            "type": "RichTextBlock",
            "inlines": [
                {"type": "TextRun", "text": text, "weight": "Bolder" if not number else "Default"}
            ],
        }
        for number, text in enumerate(texts)
    ]
    content = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": body,
    }
    kind = "application/vnd.microsoft.card.adaptive"
    message = {"type": "message", "attachments": [{"contentType": kind, "content": content}]}
    return json.dumps(message).encode()
