"""What a found secret gives to be told by in its issuer's own list, keyed before it leaves the scan.

Of the secret itself nothing is kept: each hint is an HMAC under the pepper, made the same way of
what the list shows (`correlate.model.Hint`).
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator

from correlate.secret import Pepper, Secret

_LEAST = 20  # of a shorter text the last characters are too much of it


def hints_of(issuer: str, secret: Secret, pepper: Pepper) -> tuple[str, ...]:
    """Return the keyed hints of a secret of `issuer`; of a pair, those of its public half."""
    return tuple(pepper.hint(issuer, form, value) for form, value in _plain(secret.reveal()))


def _plain(text: str) -> Iterator[tuple[str, str]]:
    public, colon, _ = text.partition(":")
    if colon and public.isalnum():
        yield "id", public
        return
    digest = hashlib.sha256(text.encode()).digest()
    yield "sha256", base64.b64encode(digest).decode()
    if len(text) >= _LEAST:
        yield "last8", text[-8:]
        yield "last4", text[-4:]
