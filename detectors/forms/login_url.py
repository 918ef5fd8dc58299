"""URLs with a user and a password, https://www.rfc-editor.org/rfc/rfc3986#section-3.2."""

from __future__ import annotations

from detectors.forms.form import Form


def _facts(text: str) -> dict[str, str]:
    rest = text.partition("://")[2]
    login, _, host = rest.rpartition("@")
    return {"user": login.partition(":")[0], "host": host}


LOGIN_URL = Form(facts=_facts)
