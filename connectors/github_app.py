"""A GitHub App's login: a signed statement of who it is, changed for an hour's token.

https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from connectors.json_shape import row, text
from connectors.listing import bearer
from connectors.rest import Rest, segment
from connectors.signed_statement import signed_statement
from correlate.secret import Secret

_BACK_S, _AHEAD_S = 60, 540  # GitHub allows for a clock that is off, and for ten minutes


@dataclass(frozen=True, slots=True)
class App:
    """An installed app and its private key (PEM)."""

    app_id: str
    installation_id: str
    private_key: Secret

    def token(self, rest: Rest, now: datetime) -> Secret:
        """Return a token of the installation. Raises ConfigError for a key that is none."""
        asking = replace(rest, secrets=bearer(self._statement(now)))
        path = f"/app/installations/{segment(self.installation_id)}/access_tokens"
        answer = asking.send("POST", path, {})
        return Secret(text(row(answer.value, rest.system), "token", rest.system))

    def _statement(self, now: datetime) -> Secret:
        at = int(now.timestamp())
        claims = {"iat": at - _BACK_S, "exp": at + _AHEAD_S, "iss": self.app_id}
        fix = "give the file that GitHub made for the app"
        return signed_statement(claims, self.private_key, "private_key", fix)
