"""A client's own login at an OAuth 2.0 server: its id and secret, changed for a token
(RFC 6749, 4.4).
"""

from __future__ import annotations

import base64
import time
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import quote_plus, urlencode

from connectors.http import Call, Http, Reply, retry_after
from connectors.json_shape import decoded, row, text, unexpected
from connectors.listing import bearer
from correlate.errors import AuthError, OffkeyError, Unavailable
from correlate.secret import Secret

_FORM = "application/x-www-form-urlencoded"
_REFUSALS = (HTTPStatus.BAD_REQUEST, HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)


@dataclass(frozen=True, slots=True)
class ClientLogin:
    """`in_body`: the id and the secret go into the form and not into a Basic header, as some
    servers want it though they should take both (RFC 6749, 2.3.1).
    """

    token_url: str
    client_id: str
    client_secret: Secret
    scope: str = ""
    in_body: bool = False

    def headers(self, http: Http, system: str) -> dict[str, Secret]:
        """Return the header with a fresh token. Raises AuthError when the login is refused."""
        form = {"grant_type": "client_credentials"} | ({"scope": self.scope} if self.scope else {})
        secrets = {}
        if self.in_body:
            form |= {"client_id": self.client_id, "client_secret": self.client_secret.reveal()}
        else:
            pair = f"{quote_plus(self.client_id)}:{quote_plus(self.client_secret.reveal())}"
            secrets = basic(pair)
        return granted(http, self.token_url, form, secrets, system)


def granted(
    http: Http,
    token_url: str,
    form: Mapping[str, str],
    secrets: Mapping[str, Secret],
    system: str,
) -> dict[str, Secret]:
    """Return the header with the token that is given for `form`. Raises AuthError or Unavailable."""
    body = urlencode(form).encode()
    reply = http.send(Call("POST", token_url, {"Content-Type": _FORM}, secrets, body))
    if reply.status != HTTPStatus.OK:
        raise _error(reply, system)
    try:
        value = decoded(reply)
    except ValueError:
        raise unexpected(system) from None
    return bearer(Secret(text(row(value, system), "access_token", system)))


def basic(pair: str) -> dict[str, Secret]:
    """Return the header of HTTP's Basic login (RFC 7617) for "user:password"."""
    return {"Authorization": Secret(f"Basic {base64.b64encode(pair.encode()).decode()}")}


def _error(reply: Reply, system: str) -> OffkeyError:
    where, why = f"{system}, token", f"status {reply.status}"
    if reply.status in _REFUSALS:
        return AuthError(
            "our own login was refused", where=where, why=why,
            fix="check the client's id, its secret and its scope",
        )  # fmt: skip
    return Unavailable(
        "no token was given", where=where, why=why,
        fix="run again later; check the token's address if it stays so",
        retry_after=retry_after(reply, time.time()),
    )  # fmt: skip
