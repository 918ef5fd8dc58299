"""The signature of Standard Webhooks, for those that we send and those that we are sent.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac

from correlate.errors import ConfigError
from correlate.secret import Secret

KEY_MIN = 24  # bytes; the specification's least


def signature(key: bytes, number: str, seconds: str, body: bytes) -> str:
    """Return the signature over id, time and body, in base64."""
    made = hmac.new(key, f"{number}.{seconds}.".encode() + body, hashlib.sha256).digest()
    return base64.b64encode(made).decode()


def signing_key(secret: Secret, where: str) -> bytes:
    """Return the key of a secret as it is shown: base64, after "whsec_". Raises ConfigError."""
    try:
        key = base64.b64decode(secret.reveal().removeprefix("whsec_"), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) < KEY_MIN:
        raise ConfigError(
            "A key cannot be used", where=where, why=f"it is not base64 of {KEY_MIN} bytes or more",
            fix="copy the signing secret as its maker shows it",
        )  # fmt: skip
    return key
