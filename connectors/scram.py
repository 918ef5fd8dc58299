"""The client's side of SCRAM, which proves a password without telling it, and makes the server prove
that it knows it too: https://www.rfc-editor.org/rfc/rfc5802 and https://www.rfc-editor.org/rfc/rfc7677
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
from dataclasses import dataclass

from correlate.secret import Secret

_ROUNDS = range(4096, 1_000_000)  # fewer are weak, more only keep us busy


@dataclass(frozen=True, slots=True)
class Scram:
    """One attempt. `digest` is "sha1" or "sha256"; `password` as the mechanism wants it prepared."""

    digest: str
    user: str
    password: Secret
    nonce: str

    def first(self) -> bytes:
        """Return what the client says first."""
        return f"n,,{self._bare()}".encode()

    def final(self, challenge: bytes) -> tuple[bytes, bytes]:
        """Return what the client says to the server's challenge, and what the server then has to
        say. Raises ValueError for a challenge that is none, or asks for too few or many rounds.
        """
        words = _words(challenge)
        nonce, rounds = words.get("r", ""), int(words.get("i", "0"))
        if not nonce.startswith(self.nonce) or len(nonce) == len(self.nonce):
            raise ValueError("the challenge is not for us")
        if rounds not in _ROUNDS:
            raise ValueError("the challenge asks for too few or too many rounds")
        salt = _bytes(words.get("s", ""))
        salted = hashlib.pbkdf2_hmac(self.digest, self.password.reveal().encode(), salt, rounds)
        bare = f"c=biws,r={nonce}"
        said = f"{self._bare()},{challenge.decode()},{bare}".encode()
        key = self._mac(salted, b"Client Key")
        signature = self._mac(hashlib.new(self.digest, key).digest(), said)
        proof = bytes(a ^ b for a, b in zip(key, signature, strict=True))
        expected = self._mac(self._mac(salted, b"Server Key"), said)
        return (
            f"{bare},p={base64.b64encode(proof).decode()}".encode(),
            b"v=" + base64.b64encode(expected),
        )

    def _bare(self) -> str:
        user = self.user.replace("=", "=3D").replace(",", "=2C")
        return f"n={user},r={self.nonce}"

    def _mac(self, key: bytes, text: bytes) -> bytes:
        return hmac.new(key, text, self.digest).digest()


def new_nonce() -> str:
    """Return what no server can have seen before."""
    return base64.b64encode(secrets.token_bytes(24)).decode()


def _words(challenge: bytes) -> dict[str, str]:
    text = challenge.decode("ascii")
    return {part[:1]: part[2:] for part in text.split(",") if part[1:2] == "="}


def _bytes(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError("the challenge has no salt") from error
