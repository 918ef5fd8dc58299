"""A GitHub App's login: a signed statement of who it is, changed for an hour's token.

https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, replace
from datetime import datetime

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from connectors.json_shape import row, text
from connectors.listing import bearer
from connectors.rest import Rest, segment
from correlate.errors import ConfigError
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
        asking = replace(rest, secrets=bearer(Secret(self._statement(now))))
        path = f"/app/installations/{segment(self.installation_id)}/access_tokens"
        answer = asking.send("POST", path, {})
        return Secret(text(row(answer.value, rest.system), "token", rest.system))

    def _statement(self, now: datetime) -> str:
        at = int(now.timestamp())
        claims = {"iat": at - _BACK_S, "exp": at + _AHEAD_S, "iss": self.app_id}
        signing = f"{_part({'alg': 'RS256', 'typ': 'JWT'})}.{_part(claims)}"
        signature = self._key().sign(signing.encode(), padding.PKCS1v15(), hashes.SHA256())
        return f"{signing}.{_bare(signature)}"

    def _key(self) -> rsa.RSAPrivateKey:
        try:
            key = serialization.load_pem_private_key(self.private_key.reveal().encode(), None)
        except (ValueError, TypeError):
            key = None
        if not isinstance(key, rsa.RSAPrivateKey):
            raise ConfigError(
                "A key cannot be used", where="private_key", why="it is no RSA key in PEM",
                fix="give the file that GitHub made for the app",
            )  # fmt: skip
        return key


def _part(value: object) -> str:
    return _bare(json.dumps(value, separators=(",", ":")).encode())


def _bare(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
