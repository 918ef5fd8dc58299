"""The list of POSTs that are known to read only, which counts only as it was signed.

A declared POST is sent with a found secret by everybody who runs offkey. So it takes more than
an edit to allow one: `read_only_posts.toml` is read at the moment of checking and refused unless
`read_only_posts.sig` is a signature of those very bytes by the key below. To change the list,
edit it and write the result of `sign` to `read_only_posts.sig`; DECISIONS.md says who holds the key.
"""

from __future__ import annotations

import base64
import binascii
import tomllib
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from correlate.errors import ConfigError

PUBLIC_KEY = "nIzYs+C+V+dW1lg7etY/X5k8qcTmvrsCFzvrzwnmP8M="
LIST = Path(__file__).with_name("read_only_posts.toml")
SIGNATURE = LIST.with_suffix(".sig")


@dataclass(frozen=True, slots=True)
class Post:
    """One POST that reads only: its pinned host, or "SERVICE" where that is self-hosted, its path
    and its body, all to the letter.
    """

    host: str
    path: str
    body: str


def read_only_posts() -> frozenset[Post]:
    """Return the list that comes with offkey. Raises ConfigError when it is not as it was signed."""
    return opened(LIST.read_bytes(), SIGNATURE.read_bytes(), PUBLIC_KEY)


def opened(text: bytes, signature: bytes, public_key: str) -> frozenset[Post]:
    """Return what the list `text` holds. Raises ConfigError unless `signature` (base64) is that of
    `text` by the Ed25519 key `public_key` (base64).
    """
    key = Ed25519PublicKey.from_public_bytes(base64.b64decode(public_key))
    try:
        key.verify(base64.b64decode(signature), text)
    except (InvalidSignature, binascii.Error):
        raise ConfigError(
            "the list of read-only POSTs is not as it was signed",
            where=LIST.name,
            why="its signature does not fit",
            fix="install offkey anew, or have the list signed by the holder of its key",
        ) from None
    posts = tomllib.loads(text.decode())["posts"]
    return frozenset(Post(item["host"], item["path"], item["body"]) for item in posts)


def sign(text: bytes, private_key: bytes) -> bytes:
    """Return the signature of a list, as its .sig file holds it. `private_key`: 32 raw bytes."""
    signature = Ed25519PrivateKey.from_private_bytes(private_key).sign(text)
    return base64.b64encode(signature) + b"\n"
