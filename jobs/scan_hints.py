"""What a found secret gives to be told by in its issuer's own list, keyed before it leaves the scan.

Of the secret itself nothing is kept: each hint is an HMAC under the pepper, made the same way of
what the list shows (`correlate.model.Hint`).
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
from collections.abc import Iterator

from connectors.public_half import Locked, fingerprint, ssh_line
from correlate.listed import Hint, hint_of
from correlate.secret import Pepper, Secret

_PEM = "-----BEGIN "
_LEAST = 20  # of a shorter text the last characters are too much of it


def hints_of(issuer: str, secret: Secret, pepper: Pepper) -> tuple[str, ...]:
    """Return the keyed hints of a secret of `issuer`; of a pair or a private key, those of its
    public half.
    """
    hints = (Hint(form, value) for form, value in _plain(secret.reveal()))
    return tuple(hint_of(pepper, issuer, hint) for hint in hints)


def _plain(text: str) -> Iterator[tuple[str, str]]:
    if text.startswith(_PEM):
        with contextlib.suppress(Locked, ValueError):
            yield "ssh", fingerprint(ssh_line(text))
        return
    public, colon, _ = text.partition(":")
    if colon and public.isalnum():
        yield "id", public
        return
    digest = hashlib.sha256(text.encode()).digest()
    yield "sha256", base64.b64encode(digest).decode()
    if len(text) >= _LEAST:
        yield "last8", text[-8:]
        yield "last4", text[-4:]
