"""Values that were published to be tried out, and open nothing: known by their digests only."""

from __future__ import annotations

import hashlib

_DIGITS = 32
# SHA-256, its first 32 hex digits
_PUBLISHED = frozenset(
    {
        "7f75367e7881255134e1375e723d1dea",  # the web token that https://jwt.io opens with
        "da816f9f2c16e6c5390e7636cadc40c4",  # the one it opened with before
        # the storage emulator's key:
        # https://learn.microsoft.com/azure/storage/common/storage-connect-azurite
        "0011cc25eb4320717494d2703e8cba85",
        # the database emulator's key: https://learn.microsoft.com/azure/cosmos-db/emulator
        "aa6547439583c3a275d4542a0df6c1ad",
        "2cafc0970149a84f3b9e62eaf169f36f",  # the key in https://docs.stripe.com/keys's examples
    }
)


def is_test_vector(text: str) -> bool:
    """Whether a vendor published this very value as an example or an emulator's key."""
    return hashlib.sha256(text.encode()).hexdigest()[:_DIGITS] in _PUBLISHED
