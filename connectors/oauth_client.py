"""A client's own login at an OAuth 2.0 server: its id and secret, changed for a token
(RFC 6749, 4.4).
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from urllib.parse import quote_plus

from connectors.http import Http
from connectors.listing import bearer
from connectors.oauth import asked_token
from correlate.secret import Secret


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
        form: dict[str, str | Secret] = {"grant_type": "client_credentials"}
        if self.scope:
            form["scope"] = self.scope
        secrets = {}
        if self.in_body:
            form |= {"client_id": self.client_id, "client_secret": self.client_secret}
        else:
            secrets = basic(
                f"{quote_plus(self.client_id)}:{quote_plus(self.client_secret.reveal())}"
            )
        return bearer(asked_token(http, self.token_url, form, system, secrets))


def basic(pair: str) -> dict[str, Secret]:
    """Return the header of HTTP's Basic login (RFC 7617) for "user:password"."""
    return {"Authorization": Secret(f"Basic {base64.b64encode(pair.encode()).decode()}")}
