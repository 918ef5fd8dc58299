"""Shorthand for writing what tokens are built of."""

from __future__ import annotations

import base64
import json
from typing import Any


def b64url(value: Any) -> str:
    """Return bytes, or anything else as JSON, in base64 for URLs without its padding."""
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")
