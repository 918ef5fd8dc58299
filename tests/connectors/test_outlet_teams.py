"""Teams: an Adaptive Card of plain text, no larger than is taken."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from connectors.http import Http
from connectors.outlet_teams import CARD_MAX, Settings, card, connect
from correlate.notice import Outcome
from correlate.ports import Setup
from correlate.secret import Secret
from tests.connectors.outlets import HOSTILE, Receiver, made
from tests.connectors.wire import Told, answering


def test_a_card_is_plain_text_and_a_2xx_is_all_that_is_known() -> None:
    receiver = Receiver(Told(202, b""))
    with answering(receiver) as base:
        held = connect(
            Settings(Secret(f"{base}/workflows/x?sig=y"), internal_hosts=("127.0.0.1",)),
            Setup("sec", Path("unused")),
        )
        held = replace(held, http=Http(replace(held.http.policy, spacing_s=0.0)))
        receipts = held.send([made(title=HOSTILE), made(2)])
    assert [receipt.outcome for receipt in receipts] == [Outcome.TAKEN] * 2
    assert receiver.asked[0].query == {"sig": "y"}
    message = json.loads(receiver.asked[0].body)
    (attachment,) = message["attachments"]
    assert attachment["contentType"] == "application/vnd.microsoft.card.adaptive"
    content = attachment["content"]
    assert content["type"] == "AdaptiveCard"
    assert {block["type"] for block in content["body"]} == {"RichTextBlock"}
    runs = [run for block in content["body"] for run in block["inlines"]]
    assert {run["type"] for run in runs} == {"TextRun"}
    assert "msteams" not in content  # without entities nobody is mentioned
    assert "Jane" not in str(message)


@given(st.lists(st.text(max_size=3000), min_size=1, max_size=40))
def test_no_card_is_larger_than_teams_takes(texts: list[str]) -> None:
    made_ = card(texts)
    assert len(made_) <= CARD_MAX
    (attachment,) = json.loads(made_)["attachments"]
    assert attachment["content"]["body"][0]["inlines"][0]["weight"] == "Bolder"
