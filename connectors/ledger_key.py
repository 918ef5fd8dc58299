"""The key that signs the ledger's heads: Ed25519 (RFC 8032), made on first need where none is given."""

from __future__ import annotations

import os
from dataclasses import replace
from functools import cached_property
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from correlate.errors import ConfigError
from correlate.secret import Secret
from correlate.tree_head import TreeHead, key_id

_HALF = 32  # bytes of a public key
WHERE = "ledger.key"


class LedgerKey:
    """Signs and checks heads. Nothing is read, nor made, before the first of either.

    `given` is a PEM text (PKCS 8, as `openssl genpkey -algorithm ed25519` writes it). Without it the key
    is in `path`, for its owner only. `former` are public halves (hex) of keys that signed before.
    """

    def __init__(
        self, path: Path, given: Secret | None = None, former: tuple[str, ...] = ()
    ) -> None:
        self._path, self._given, self._former = path, given, former

    def __repr__(self) -> str:
        return "LedgerKey()"

    @property
    def beside_the_store(self) -> bool:
        """Whether the key is in the state folder, where who takes the store takes the key too."""
        return self._given is None

    @property
    def public(self) -> str:
        """The public half (hex), to be handed to the auditor by another way than the store."""
        return self._private.public_key().public_bytes_raw().hex()

    @property
    def publics(self) -> tuple[str, ...]:
        """The public halves (hex) of all keys that it takes as ours, the present one first."""
        return (self.public, *self._former)

    def sign(self, text: str) -> str:
        """Return our signature (hex) of a text. Raises ConfigError where there is no key to be had."""
        return self._private.sign(text.encode()).hex()

    def signed(self, head: TreeHead) -> TreeHead:
        """Return the head with our signature. Raises ConfigError where there is no key to be had."""
        signature = self.sign(head.signed_text)
        return replace(head, key=key_id(bytes.fromhex(self.public)), signature=signature)

    def genuine(self, head: TreeHead) -> bool:
        """Return whether the head is signed with this key or one of the former."""
        public = self._known.get(head.key)
        try:
            if public is not None:
                public.verify(bytes.fromhex(head.signature), head.signed_text.encode())
                return True
        except (InvalidSignature, ValueError):
            return False
        return False

    @cached_property
    def _known(self) -> dict[str, Ed25519PublicKey]:
        halves = [_half(text) for text in self.publics]
        return {key_id(half): Ed25519PublicKey.from_public_bytes(half) for half in halves}

    @cached_property
    def _private(self) -> Ed25519PrivateKey:
        if self._given is not None:
            return _loaded(self._given.reveal().encode(), WHERE)
        if not self._path.exists():
            _make(self._path)
        return _loaded(self._path.read_bytes(), str(self._path))


def _half(text: str) -> bytes:
    try:
        half = bytes.fromhex(text)
    except ValueError:
        half = b""
    if len(half) != _HALF:
        raise ConfigError(
            "That is no public key", where="ledger.former_keys", why="it is not 64 hexadecimal digits",
            fix="copy it from where `offkey ledger key` was kept",
        )  # fmt: skip
    return half


def _loaded(pem: bytes, where: str) -> Ed25519PrivateKey:
    try:
        key = load_pem_private_key(pem, None)
    except (ValueError, TypeError):
        key = None
    if not isinstance(key, Ed25519PrivateKey):
        raise ConfigError(
            "That is no key to sign with", where=where, why="it is not an Ed25519 key in PEM",
            fix="make one with `openssl genpkey -algorithm ed25519`",
        )  # fmt: skip
    return key


def _make(path: Path) -> None:
    """Write a new key; of two processes that do so at once, the first one's stays."""
    pem = Ed25519PrivateKey.generate().private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    )
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    half = path.with_name(f"{path.name}.{os.getpid()}.half")
    with os.fdopen(os.open(half, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as stream:
        stream.write(pem)
        stream.flush()
        os.fsync(stream.fileno())
    try:
        os.link(half, path)
    except FileExistsError:
        return
    finally:
        half.unlink()
