"""Signed webhooks, as our own receiver of such events checks them."""

from __future__ import annotations

import base64
import json
import secrets
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from connectors.outlet_webhook import Settings, WebhookOutlet, connect
from correlate.errors import ConfigError
from correlate.notice import Outcome
from correlate.ports import Setup
from correlate.secret import Secret
from jobs.web import standard_webhook
from jobs.web.delivery import Delivery, Rejected
from tests.connectors.outlets import Receiver, made
from tests.connectors.wire import Asked, Told, answering

AT = datetime(2026, 11, 20, 9, tzinfo=UTC)


def minted() -> Secret:
    return Secret("whsec_" + base64.b64encode(secrets.token_bytes(32)).decode())


KEY, NEW = minted(), minted()


def outlet(base: str, key: Secret = KEY, old_key: Secret | None = None) -> WebhookOutlet:
    settings = Settings(f"{base}/events", key, old_key, internal_hosts=("127.0.0.1",))
    return replace(connect(settings, Setup("siem", Path("unused"))), wall=AT.timestamp)


def checked(asked: Asked, key: Secret, later: timedelta = timedelta()) -> str:
    receiver = standard_webhook.connect("x", standard_webhook.Settings(key), "push[1]")
    taken = receiver.check(Delivery(asked.headers, asked.body, AT + later))
    return taken.id


def test_an_event_is_believed_by_who_knows_the_key_and_by_nobody_else() -> None:
    receiver = Receiver()
    with answering(receiver) as base:
        (receipt,) = outlet(base).send([made()])
    assert receipt.outcome is Outcome.TAKEN
    (asked,) = receiver.asked
    assert checked(asked, KEY) == "offkey_1"
    event = json.loads(asked.body)
    assert (event["type"], event["data"]["case"]) == ("case.opened", "c1")
    assert event["data"]["person"] == ""
    for wrong in (replace(asked, body=asked.body + b" "), asked):
        with pytest.raises(Rejected):
            checked(wrong, NEW if wrong is asked else KEY)
    with pytest.raises(Rejected):
        checked(asked, KEY, timedelta(minutes=6))


def test_while_a_key_is_being_changed_both_hold() -> None:
    receiver = Receiver()
    with answering(receiver) as base:
        outlet(base, NEW, KEY).send([made()])
    assert checked(receiver.asked[0], KEY) == checked(receiver.asked[0], NEW) == "offkey_1"


def test_what_is_sent_again_has_the_same_id() -> None:
    receiver = Receiver(Told(500), Told(200))
    with answering(receiver) as base:
        first, second = (outlet(base).send([made()]) for _ in range(2))
    assert [first[0].outcome, second[0].outcome] == [Outcome.SENDING, Outcome.TAKEN]
    assert len({asked.headers["webhook-id"] for asked in receiver.asked}) == 1


@pytest.mark.parametrize("key", ["whsec_short", "not base64!", ""])
def test_a_key_that_is_none_is_refused_and_no_key_is_shown(key: str) -> None:
    with pytest.raises(ConfigError) as caught:
        outlet("https://x.example", Secret(key))
    assert caught.value.where == "outlets.siem.key"
    assert KEY.reveal()[6:20] not in repr(outlet("https://x.example"))
