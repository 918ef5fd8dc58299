from __future__ import annotations

import json

import pytest

from correlate.errors import ConfigError
from correlate.secret import Secret
from jobs.web.delivery import Rejected
from jobs.web.okta_hook import Settings, connect
from tests.jobs.web.signing import handed, new_key

KEY, OLD = new_key(), new_key()
HOOK = connect("okta", Settings(KEY, OLD), "push[1]")
BODY = json.dumps(
    {
        "eventType": "com.okta.event_hook",
        "eventId": "e-1",
        "data": {
            "events": [
                {"eventType": "user.lifecycle.deactivate", "target": [{"alternateId": "jane@x"}]},
                {"eventType": "user.lifecycle.suspend"},
            ]
        },
    }
).encode()


@pytest.mark.parametrize("key", [KEY, OLD])
def test_an_event_with_the_secret_is_taken(key: Secret) -> None:
    taken = HOOK.check(handed({"Authorization": key.reveal()}, BODY))
    assert taken.id == "e-1"
    assert taken.events == ("user.lifecycle.deactivate", "user.lifecycle.suspend")


@pytest.mark.parametrize(
    "given",
    ["", "x", KEY.reveal()[:-1], KEY.reveal() + " ", "ä"],
    ids=["nothing", "another", "cut", "longer", "not ASCII"],
)
def test_an_event_without_it_is_not(given: str) -> None:
    with pytest.raises(Rejected) as caught:
        HOOK.check(handed({"Authorization": given}, BODY))
    assert caught.value.status == 401


def test_the_header_may_be_another() -> None:
    hook = connect("okta", Settings(KEY, header="X-Offkey"), "push[1]")
    assert hook.check(handed({"x-offkey": KEY.reveal()}, BODY)).id == "e-1"
    with pytest.raises(Rejected):
        hook.check(handed({"authorization": KEY.reveal()}, BODY))


@pytest.mark.parametrize("body", [b"", b"[]", b'{"data": []}', b'{"data": {"events": [1]}}',
                                  b'{"eventId": 7, "data": {"events": {}}}'])  # fmt: skip
def test_a_body_may_be_anything(body: bytes) -> None:
    taken = HOOK.check(handed({"authorization": KEY.reveal()}, body))
    assert (taken.id, taken.events) == ("", ("other",))


def test_a_challenge_is_handed_back_if_it_is_one() -> None:
    name = "x-okta-verification-challenge"
    assert HOOK.challenge({name: "abc-123"}) == {"verification": "abc-123"}
    for other in ({}, {name: ""}, {name: "x" * 257}, {name: "ä"}, {name: "a\x1b"}):
        assert HOOK.challenge(other) is None


def test_a_secret_that_could_be_guessed_is_refused() -> None:
    with pytest.raises(ConfigError):
        connect("okta", Settings(KEY, Secret("short")), "push[1]")
