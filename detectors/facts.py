"""What a token says of itself, offline and without giving the secret away."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from types import MappingProxyType

from correlate.kind import Kind
from detectors.checksums import holds
from detectors.confirm import jwt_part

_BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_LONGEST_FACT = 200
_ACCOUNTS = 10**12  # account ids have twelve digits


def facts(kind: Kind, text: str) -> Mapping[str, str]:
    """Return named facts, empty where the token says nothing."""
    found: dict[str, str] = {}
    if kind.checksum and not kind.checksum_certain:
        found["checksum"] = "holds" if holds(kind.checksum, text) else "does not hold"
    read = _READERS.get(kind.id)
    if read is not None:
        found |= read(text)
    return {key: value[:_LONGEST_FACT] for key, value in found.items()}


def _aws(text: str) -> dict[str, str]:
    """The account id stands in the key id: bits 2 to 41 of its base32 body's first six bytes.

    Keys whose fifth character is I or J are of the old style and do not hold it.
    https://docs.aws.amazon.com/STS/latest/APIReference/API_GetAccessKeyInfo.html gives the same
    answer online.
    """
    body = text[4:20]
    if body[0] in "IJ":
        return {"key_id": text[:20]}
    bits = 0
    for digit in body[:10]:
        bits = bits << 5 | _BASE32.index(digit)
    first48 = bits >> 2
    account = (first48 & 0x7FFFFFFFFF80) >> 7
    found = {"key_id": text[:20]}
    if account < _ACCOUNTS:
        found["account_id"] = f"{account:012d}"
    return found


def _jwt(text: str) -> dict[str, str]:
    header, claims = jwt_part(text, 0) or {}, jwt_part(text, 1) or {}
    found = {key: claims[key] for key in ("iss", "sub") if isinstance(claims.get(key), str)}
    found["alg"] = str(header.get("alg"))[:_LONGEST_FACT]
    if found["alg"].lower() == "none":
        found["unsigned"] = "yes"
    expiry = _instant(claims.get("exp"))
    if expiry is not None:
        found["expires_at"] = expiry
    return found


def _instant(seconds: object) -> str | None:
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        return None
    try:
        return datetime.fromtimestamp(seconds, UTC).isoformat()
    except (OverflowError, OSError, ValueError):
        return None


def _gitlab(text: str) -> dict[str, str]:
    """A routable token's payload has lines such as "u:" and the user's id in base 36.

    https://gitlab.com/gitlab-org/gitlab/-/issues/487009
    """
    payload = text.removeprefix("glpat-").partition(".")[0]
    try:
        raw = base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4))
    except (ValueError, binascii.Error):
        return {}
    user = re.search(rb"(?:^|\n)u:([0-9a-z]{1,12})(?:\n|$)", raw)
    return {"user_id": str(int(user[1], 36))} if user else {}


def _database(text: str) -> dict[str, str]:
    rest = text.partition("://")[2]
    login, _, host = rest.rpartition("@")
    return {"user": login.partition(":")[0], "host": host}


_READERS: Mapping[str, Callable[[str], dict[str, str]]] = MappingProxyType(
    {
        "aws_access_key": _aws,
        "jwt": _jwt,
        "gitlab_pat_routable": _gitlab,
        **{
            f"database_url_{name}": _database
            for name in ("postgres", "mysql", "mongodb", "redis", "amqp")
        },
    }
)
