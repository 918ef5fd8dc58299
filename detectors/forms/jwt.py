"""JSON web tokens, https://www.rfc-editor.org/rfc/rfc7519."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from detectors.forms.form import Form

_LONGEST_FACT = 200


def jwt_part(text: str, index: int) -> Mapping[str, Any] | None:
    """Return a JSON web token's header (0) or claims (1), or None where it is no JSON object."""
    try:
        part = text.split(".")[index]
        value = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except (IndexError, ValueError, binascii.Error, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def instant(seconds: object) -> str | None:
    """Return a number of seconds since 1970 as an ISO instant in UTC, None where it is none."""
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        return None
    try:
        return datetime.fromtimestamp(seconds, UTC).isoformat()
    except (OverflowError, OSError, ValueError):
        return None


def _holds(text: str) -> bool:
    header = jwt_part(text, 0)
    return header is not None and "alg" in header and jwt_part(text, 1) is not None


def _facts(text: str) -> dict[str, str]:
    header, claims = jwt_part(text, 0) or {}, jwt_part(text, 1) or {}
    found = {key: claims[key] for key in ("iss", "sub") if isinstance(claims.get(key), str)}
    found["alg"] = str(header.get("alg"))[:_LONGEST_FACT]
    if found["alg"].lower() == "none":
        found["unsigned"] = "yes"
    expiry = instant(claims.get("exp"))
    if expiry is not None:
        found["expires_at"] = expiry
    return found


JWT = Form(_holds, _facts)
