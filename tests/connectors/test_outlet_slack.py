"""Slack: one message a notice, in which nothing is markup."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from connectors.http import Http
from connectors.outlet_slack import Settings, connect, escaped
from connectors.posting import Poster
from correlate.notice import Outcome
from correlate.ports import Setup
from correlate.secret import Secret
from tests.connectors.outlets import HOSTILE, Receiver, made
from tests.connectors.wire import Told, answering


def outlet(base: str, **more: Any) -> Poster:
    settings = Settings(Secret(f"{base}/services/T/B/x"), internal_hosts=("127.0.0.1",), **more)
    made_ = connect(settings, Setup("sec", Path("unused")))
    return replace(made_, http=Http(replace(made_.http.policy, spacing_s=0.0)))


def test_a_text_mentions_nobody_and_has_no_markup() -> None:
    receiver = Receiver()
    with answering(receiver) as base:
        (receipt,) = outlet(base, show_person=True).send([made(title=HOSTILE)])
    assert receipt.outcome is Outcome.TAKEN
    (asked,) = receiver.asked
    assert (asked.method, asked.path) == ("POST", "/services/T/B/x")
    body = json.loads(asked.body)
    assert not {"<", ">"} & set(body["text"])
    assert "&lt;!channel&gt;" in body["text"]
    assert (body["mrkdwn"], body["unfurl_links"], set(body)) == (
        False, False, {"text", "mrkdwn", "unfurl_links", "unfurl_media"},
    )  # fmt: skip
    assert "Jane Doe" in body["text"]


def test_nobody_is_named_unless_asked_for() -> None:
    receiver = Receiver()
    with answering(receiver) as base:
        outlet(base).send([made()])
    assert b"Jane" not in receiver.asked[0].body


@pytest.mark.parametrize(
    ("status", "outcome"), [(400, Outcome.REFUSED), (410, Outcome.REFUSED), (429, Outcome.SENDING)]
)
def test_slacks_refusals(status: int, outcome: Outcome) -> None:
    with answering(Receiver(Told(status, b"channel_is_archived", "text/plain"))) as base:
        (receipt,) = outlet(base).send([made()])
    assert receipt.outcome is outcome
    assert "archived" not in receipt.reason


def test_the_address_is_nowhere_shown() -> None:
    held = outlet("https://hooks.slack.example")
    assert "services/T" not in repr(held)
    assert held.http.policy.spacing_s == 0.0
    assert (
        connect(Settings(Secret("https://h.example")), Setup("s", Path("u"))).http.policy.spacing_s
        == 1.0
    )


def test_what_is_escaped_twice_shows_as_it_was() -> None:
    assert escaped("&amp;<") == "&amp;amp;&lt;"
