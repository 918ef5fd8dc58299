from __future__ import annotations

import base64
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from correlate.errors import ConfigError
from correlate.secret import Secret
from jobs.web.delivery import Rejected
from jobs.web.standard_webhook import Settings, StandardWebhook, connect
from tests.jobs.web.signing import NOW, handed, new_key, webhook

BODY = b'{"type": "employee.left", "data": {"name": "Jane Doe"}}'
KEY, OLD, OTHER = new_key(), new_key(), new_key()
SENDER = connect("hr", Settings(KEY, OLD), "push[1]")


def test_a_signed_event_is_taken_and_little_is_kept_of_it() -> None:
    taken = SENDER.check(handed(webhook(KEY, BODY), BODY))
    assert (taken.id, taken.events) == ("msg_1", ("employee.left",))
    assert "Jane" not in repr(taken)


@pytest.mark.parametrize("keys", [(OLD,), (OTHER, OLD), (OTHER, KEY), (KEY, OTHER)])
def test_while_a_key_is_changed_either_signature_will_do(keys: tuple[Secret, ...]) -> None:
    made = [webhook(key, BODY) for key in keys]
    signatures = " ".join(["v1a,ed25519", *(one["webhook-signature"] for one in made)])
    headers = made[0] | {"webhook-signature": signatures}
    assert SENDER.check(handed(headers, BODY)).id == "msg_1"


def test_a_signature_that_openssl_made_is_taken() -> None:
    """openssl dgst -sha256 -mac HMAC -macopt hexkey:000102...17 of "msg_1.1763629200." and the body."""
    key = Secret("whsec_" + base64.b64encode(bytes(range(24))).decode())
    headers = {
        "webhook-id": "msg_1",
        "webhook-timestamp": "1763629200",
        "webhook-signature": "v1,95dYbfnxbVQS6VtouVD/mSgpvcsmQY8ACi7l7ZqFvKI=",
    }
    at = datetime.fromtimestamp(1763629200, UTC)
    taken = connect("x", Settings(key), "push[1]").check(handed(headers, b'{"type":"ping"}', at))
    assert taken.events == ("ping",)


FORGED: dict[str, tuple[Callable[[dict[str, str]], dict[str, str]], str]] = {
    "by another key": (lambda _: webhook(OTHER, BODY), "unsigned"),
    "of another body": (lambda _: webhook(KEY, BODY + b" "), "unsigned"),
    "of another id": (lambda held: held | {"webhook-id": "msg_2"}, "unsigned"),
    "of another time": (lambda held: held | {"webhook-timestamp": "1"}, "unsigned"),
    "none": (lambda held: held | {"webhook-signature": ""}, "unsigned"),
    "of another version": (
        lambda held: held | {"webhook-signature": "v2" + held["webhook-signature"][2:]},
        "unsigned",
    ),
    "behind too many": (
        lambda held: held | {"webhook-signature": "v1,x " * 10 + held["webhook-signature"]},
        "unsigned",
    ),
    "too old": (lambda _: webhook(KEY, BODY, at=NOW - timedelta(seconds=301)), "stale"),
    "too new": (lambda _: webhook(KEY, BODY, at=NOW + timedelta(seconds=301)), "stale"),
    "without an id": (lambda held: held | {"webhook-id": ""}, "malformed"),
    "with a dot in its id": (lambda _: webhook(KEY, BODY, "msg.1"), "malformed"),
    "with a long id": (lambda _: webhook(KEY, BODY, "m" * 257), "malformed"),
    "without a time": (lambda held: held | {"webhook-timestamp": "soon"}, "malformed"),
    "at a time in other digits": (lambda held: held | {"webhook-timestamp": "١٢"}, "malformed"),
}


@pytest.mark.parametrize("how", sorted(FORGED))
def test_what_is_not_the_senders_or_not_of_now_is_refused(how: str) -> None:
    change, code = FORGED[how]
    with pytest.raises(Rejected) as caught:
        SENDER.check(handed(change(webhook(KEY, BODY)), BODY))
    assert caught.value.code == code


def test_five_minutes_are_allowed_for() -> None:
    for seconds in (-300, 300):
        at = NOW + timedelta(seconds=seconds)
        assert SENDER.check(handed(webhook(KEY, BODY, at=at), BODY)).id


@pytest.mark.parametrize("body", [b"", b"null", b"[1]", b"\xff", b"[" * 100_000, b'{"type": 1}'])
def test_a_body_of_any_shape_only_has_another_kind(body: bytes) -> None:
    assert SENDER.check(handed(webhook(KEY, body), body)).events == ("other",)


@pytest.mark.parametrize("text", ["", "whsec_", "whsec_c2hvcnQ=", "not base64!", "a" * 20])
def test_a_key_that_is_none_is_refused_and_not_shown(text: str) -> None:
    with pytest.raises(ConfigError) as caught:
        connect("hr", Settings(KEY, Secret(text)), "push[1]")
    assert caught.value.where == "push[1].old_key"
    assert not text or text not in str(caught.value)


def test_no_key_is_in_a_repr() -> None:
    assert isinstance(SENDER, StandardWebhook)
    assert "keys" not in repr(SENDER)
    assert SENDER.challenge({"anything": "x"}) is None
