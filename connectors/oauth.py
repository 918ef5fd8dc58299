"""A token for a machine, asked for with a form (RFC 6749, section 4.4; RFC 7523, section 2.1)."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from time import time
from urllib.parse import urlencode

from connectors.http import Call, Http, retry_after
from connectors.json_shape import decoded
from correlate.errors import AuthError, Unavailable
from correlate.secret import Secret

_TOKEN_MAX = 65_536


def asked_token(
    http: Http,
    url: str,
    form: Mapping[str, str | Secret],
    system: str,
    secrets: Mapping[str, Secret] | None = None,
) -> Secret:
    """Return the access token that the form's fields, and the headers `secrets`, get at `url`.

    Raises AuthError when they are refused, Unavailable when no usable answer came. What the
    server says of it is not shown: it may repeat what was sent.
    """
    fields = {k: v.reveal() if isinstance(v, Secret) else v for k, v in form.items()}
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    reply = http.send(Call("POST", url, headers, secrets or {}, urlencode(fields).encode()))
    status = reply.status
    if status == HTTPStatus.TOO_MANY_REQUESTS or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        raise Unavailable(
            "no token was given", where=system, why=f"status {status}", fix="run again later",
            retry_after=retry_after(reply, time()),
        )  # fmt: skip
    if status >= HTTPStatus.BAD_REQUEST:
        raise AuthError(
            "our own login was refused", where=system, why=f"status {status} to a token's request",
            fix="check the id, the key or secret, and what the docs say has to be granted",
        )  # fmt: skip
    try:
        value = decoded(reply)
    except ValueError:
        value = None
    token = value.get("access_token") if isinstance(value, dict) else None
    if status != HTTPStatus.OK or not isinstance(token, str) or not 0 < len(token) <= _TOKEN_MAX:
        raise Unavailable(
            "no token was given", where=system, why="the answer holds none",
            fix="check the address: a sign-in page or a proxy may have answered",
        )  # fmt: skip
    return Secret(token)
