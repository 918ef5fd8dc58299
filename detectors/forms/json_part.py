"""Tokens with a piece of JSON in base64 that names their organisation and region.

https://docs.sentry.io/account/auth-tokens/ and
https://grafana.com/docs/grafana-cloud/account-management/authentication-and-permissions/access-policies/
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from typing import Any

from detectors.forms.form import Form
from detectors.forms.jwt import instant

_LATEST = 32_503_680_000  # the year 3000, so that a wrong number is no instant


def _part(text: str) -> Mapping[str, Any]:
    """The JSON behind the token's prefix, empty where there is none."""
    digits = text.split("_")[1] if "_" in text else ""
    plain = digits.rstrip("=").replace("-", "+").replace("_", "/")
    try:
        value = json.loads(base64.b64decode(plain + "=" * (-len(plain) % 4)))
    except (binascii.Error, ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _texts(told: Mapping[str, Any]) -> dict[str, str]:
    return {name: str(value) for name, value in told.items() if isinstance(value, str | int)}


def _sentry(text: str) -> Mapping[str, str]:
    part = _part(text)
    created = part.get("iat")
    at = instant(created) if isinstance(created, int | float) and created < _LATEST else None
    told = {"organisation": part.get("org"), "region": part.get("region_url"), "created_at": at}
    return _texts(told)


def _grafana(text: str) -> Mapping[str, str]:
    """Of its entries one, "k", is the secret itself, and is not told."""
    part = _part(text)
    more = part.get("m")
    region = more.get("r") if isinstance(more, dict) else None
    return _texts({"organisation": part.get("o"), "name": part.get("n"), "region": region})


SENTRY = Form(facts=_sentry)
GRAFANA = Form(facts=_grafana)
