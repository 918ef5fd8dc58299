"""The plaintext of a credential, its keyed fingerprint, and the pepper between them."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from typing import NoReturn, SupportsIndex


class Secret:
    """A plaintext that shows itself to nobody but a caller of `reveal`.

    repr, str and format give a mask; pickling, copying and JSON are refused. It rests
    nowhere: whoever needs it again reads the place again.
    """

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """Return the plaintext. For issuers' verifiers and connectors' own logins only."""
        return self._value

    def __repr__(self) -> str:
        return "Secret(****)"

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return "Secret(****)"

    def __len__(self) -> int:
        return len(self._value)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        return hmac.compare_digest(self._value.encode(), other._value.encode())

    __hash__ = None  # type: ignore[assignment]  # a set of secrets would be a store of secrets

    def __reduce_ex__(self, protocol: SupportsIndex) -> NoReturn:
        raise TypeError("a Secret is never serialised")

    def __copy__(self) -> NoReturn:
        raise TypeError("a Secret is never copied")

    def __deepcopy__(self, memo: object) -> NoReturn:
        raise TypeError("a Secret is never copied")


@dataclass(frozen=True, slots=True, order=True)
class Fingerprint:
    """HMAC-SHA256 of (kind, canonical secret) under a pepper: 64 hex digits, and the pepper's id.

    The same fingerprint is the same credential, wherever it was found.
    """

    key_id: str
    digest: str

    @property
    def short(self) -> str:
        """The eight digits that people are shown."""
        return self.digest[:8]


class Pepper:
    """The organisation's fingerprint key. Lives outside the store; blank in every repr."""

    __slots__ = ("_key", "key_id")

    MIN_BYTES = 32

    def __init__(self, key_id: str, key: bytes) -> None:
        if len(key) < self.MIN_BYTES:
            raise ValueError(f"a pepper has at least {self.MIN_BYTES} bytes")
        self.key_id = key_id
        self._key = key

    def __repr__(self) -> str:
        return f"Pepper({self.key_id!r}, ****)"

    def __reduce_ex__(self, protocol: SupportsIndex) -> NoReturn:
        raise TypeError("a Pepper is never serialised")

    def reveal(self) -> bytes:
        """Return the key. For handing it to a scan child over a pipe, nothing else."""
        return self._key

    def fingerprint(self, kind: str, secret: Secret) -> Fingerprint:
        """Return the fingerprint of `secret` read as a credential of `kind`."""
        message = kind.encode() + b"\x00" + secret.reveal().encode()
        return Fingerprint(self.key_id, hmac.new(self._key, message, hashlib.sha256).hexdigest())

    def hint(self, issuer: str, form: str, value: str) -> str:
        """Return the keyed form of a hint: 32 hex digits that tell nothing without the pepper."""
        message = b"\x00".join(part.encode() for part in ("hint", issuer, form, value))
        return hmac.new(self._key, message, hashlib.sha256).hexdigest()[:32]
