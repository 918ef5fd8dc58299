from __future__ import annotations

import pytest

from connectors.http import Http, Policy
from connectors.oauth_client import ClientLogin, basic
from correlate.errors import AuthError
from correlate.secret import Secret
from tests.connectors.wire import Asked, Told, answering

HTTP = Http(Policy(internal_hosts=("127.0.0.1",), timeout_s=5.0))
WORD = "p&ss:w+rd"


def asked_with(**changes: object) -> Asked:
    seen: list[Asked] = []

    def answer(asked: Asked) -> Told:
        seen.append(asked)
        return Told(body=b'{"access_token": "minted", "expires_in": 60}')

    with answering(answer) as base:
        login = ClientLogin(f"{base}/token", "me/1", Secret(WORD), **changes)  # type: ignore[arg-type]
        assert login.headers(HTTP, "hr")["Authorization"].reveal() == "Bearer minted"
        assert WORD not in repr(login)
    (asked,) = seen
    assert (asked.method, asked.path) == ("POST", "/token")
    return asked


def test_the_pair_is_encoded_for_the_form_before_it_is_for_the_header() -> None:
    """RFC 6749, 2.3.1."""
    asked = asked_with()
    assert asked.headers["authorization"] == basic("me%2F1:p%26ss%3Aw%2Brd")["Authorization"].reveal()  # fmt: skip
    assert asked.body == b"grant_type=client_credentials"
    assert asked.headers["content-type"] == "application/x-www-form-urlencoded"


def test_the_pair_may_go_in_the_body() -> None:
    asked = asked_with(in_body=True, scope="a b")
    assert "authorization" not in asked.headers
    assert asked.body == (
        b"grant_type=client_credentials&scope=a+b&client_id=me%2F1&client_secret=p%26ss%3Aw%2Brd"
    )


def test_a_login_that_is_refused_is_told_without_it() -> None:
    with (
        answering(lambda _: Told(400, b'{"error": "invalid_client"}')) as base,
        pytest.raises(AuthError) as caught,
    ):
        ClientLogin(f"{base}/token", "me", Secret(WORD)).headers(HTTP, "hr")
    assert WORD not in str(caught.value)
