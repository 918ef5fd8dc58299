"""Logins in base64, https://www.rfc-editor.org/rfc/rfc7617 and Docker's config.json."""

from __future__ import annotations

import base64
import binascii
import re

from detectors.forms.form import Form
from detectors.forms.login import Login, login_form

_HOST = re.compile(r"""^\\?["']?(?:https?://)?([0-9A-Za-z._:/\[\]-]+)\\?["']""")
_DIGITS = re.compile(r"[0-9A-Za-z+/_=-]{8,}")
_LOGIN = re.compile(r"([^\x00-\x1f\x7f:]{0,256}):([^\x00-\x1f\x7f]{1,4096})")


def _parse(text: str) -> Login | None:
    """The last base64 in the text; what begins it may be a registry's quoted name."""
    digits = _DIGITS.findall(text)
    if not digits:
        return None
    plain = digits[-1].rstrip("=").replace("-", "+").replace("_", "/")
    try:
        login = base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True).decode()
    except (binascii.Error, ValueError):
        return None
    parts = _LOGIN.fullmatch(login)
    host = _HOST.match(text)
    return Login(host[1] if host else "", parts[1], parts[2]) if parts else None


DOCKER_AUTH = login_form(_parse)
# a header names no server: the base64 itself is all there is to know it by
BASIC_AUTH = Form(DOCKER_AUTH.holds, DOCKER_AUTH.facts, drawn=DOCKER_AUTH.drawn)
