from __future__ import annotations

from urllib.parse import parse_qs

import pytest

from connectors.http import Http, Policy
from connectors.oauth import asked_token
from correlate.errors import AuthError, OffkeyError, Unavailable
from correlate.secret import Secret
from tests.connectors.wire import Answerer, Asked, Told, answering

SENT = "what-we-sent & more"
GIVEN = b'{"access_token": "t-1", "token_type": "Bearer"}'


def ask(answer: Answerer) -> Secret:
    http = Http(Policy(internal_hosts=("127.0.0.1",), timeout_s=5.0))
    form: dict[str, str | Secret] = {
        "grant_type": "client_credentials",
        "client_secret": Secret(SENT),
    }
    with answering(answer) as base:
        return asked_token(http, f"{base}/token", form, "system")


def test_a_form_gets_a_token() -> None:
    seen: list[Asked] = []

    def answer(asked: Asked) -> Told:
        seen.append(asked)
        return Told(200, GIVEN)

    assert ask(answer).reveal() == "t-1"
    (one,) = seen
    assert (one.method, one.query) == ("POST", {})
    assert parse_qs(one.body.decode())["client_secret"] == [SENT]


@pytest.mark.parametrize(
    ("told", "error"),
    [
        (Told(400, b'{"error": "invalid_client"}'), AuthError),
        (Told(401, SENT.encode()), AuthError),
        (Told(403, b"{}"), AuthError),
        (Told(429, b"{}", headers={"Retry-After": "7"}), Unavailable),
        (Told(503, b"{}"), Unavailable),
        (Told(200, b"<html>", "text/html"), Unavailable),
        (Told(200, b"{}"), Unavailable),
        (Told(200, b"[]"), Unavailable),
        (Told(200, b'{"access_token": ""}'), Unavailable),
        (Told(200, b'{"access_token": {}}'), Unavailable),
        (Told(200, b'{"access_token": "' + b"x" * 70_000 + b'"}'), Unavailable),
        (Told(302, GIVEN, headers={"Location": "http://127.0.0.1:1/"}), Unavailable),
    ],
)
def test_no_token_is_an_error_that_repeats_nothing(told: Told, error: type[OffkeyError]) -> None:
    seen: list[Asked] = []

    def answer(asked: Asked) -> Told:
        seen.append(asked)
        return told

    with pytest.raises(error) as caught:
        ask(answer)
    assert SENT not in str(caught.value)
    assert len(seen) == 1
    if told.status == 429:
        assert isinstance(caught.value, Unavailable)
        assert caught.value.retry_after == 7
