"""Splunk's collector: batches, and what it says of one event of many."""

from __future__ import annotations

import json
import secrets
from pathlib import Path
from typing import Any

import pytest

from connectors.outlet_splunk import Settings, SplunkOutlet, connect
from correlate.errors import AuthError
from correlate.notice import Outcome
from correlate.ports import Setup
from correlate.secret import Secret
from tests.connectors.outlets import Receiver, made
from tests.connectors.wire import Told, answering

TOKEN = secrets.token_hex(16)
OK = Told(200, b'{"text": "Success", "code": 0}')


def outlet(base: str, **more: Any) -> SplunkOutlet:
    settings = Settings(base, Secret(TOKEN), internal_hosts=("127.0.0.1",), **more)
    return connect(settings, Setup("siem", Path("unused")))


def test_a_batch_is_one_call_with_an_event_each() -> None:
    receiver = Receiver(OK)
    with answering(receiver) as base:
        receipts = outlet(base, index="sec").send([made(number) for number in range(150)])
    assert [receipt.outcome for receipt in receipts] == [Outcome.TAKEN] * 150
    assert [asked.path for asked in receiver.asked] == ["/services/collector/event"] * 2
    assert receiver.asked[0].headers["authorization"] == f"Splunk {TOKEN}"
    events = [json.loads(line) for asked in receiver.asked for line in asked.body.splitlines()]
    assert [event["event"]["id"] for event in events] == [f"offkey_{n}" for n in range(150)]
    assert {event["index"] for event in events} == {"sec"}
    assert {event["event"]["person"] for event in events} == {""}


@pytest.mark.parametrize(
    ("body", "wanted"),
    [
        (
            {"code": 6, "invalid-event-number": 1},
            [Outcome.SENDING, Outcome.REFUSED, Outcome.SENDING],
        ),
        ({"code": 6}, [Outcome.REFUSED] * 3),
        ({"code": 6, "invalid-event-number": 9}, [Outcome.REFUSED] * 3),
        ({"code": 6, "invalid-event-number": True}, [Outcome.REFUSED] * 3),
        ([], [Outcome.REFUSED] * 3),
    ],
)
def test_only_the_event_that_is_named_is_given_up(body: object, wanted: list[Outcome]) -> None:
    with answering(Receiver(Told(400, json.dumps(body).encode()))) as base:
        receipts = outlet(base).send([made(1), made(2), made(3)])
    assert [receipt.outcome for receipt in receipts] == wanted


def test_a_busy_collector_is_asked_again_later_and_a_wrong_token_is_said() -> None:
    with answering(Receiver(Told(503, b'{"code": 9}'))) as base:
        receipts = outlet(base).send([made(number) for number in range(101)])
    assert {receipt.outcome for receipt in receipts} == {Outcome.SENDING}
    assert len(receipts) == 101
    with answering(Receiver(Told(403, b'{"code": 4}'))) as base, pytest.raises(AuthError):
        outlet(base).send([made()])


def test_the_token_is_nowhere_shown() -> None:
    assert TOKEN not in repr(outlet("https://x.example"))
