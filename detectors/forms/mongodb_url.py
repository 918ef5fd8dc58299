"""Connection strings of MongoDB, of whose options only some belong to the login.

https://www.mongodb.com/docs/manual/reference/connection-string-options/#authentication-options
"""

from __future__ import annotations

import re

from detectors.forms.form import Form
from detectors.forms.login_url import LOGIN_URL

_OPTION = re.compile(r"(?i)(?:[&;]|\\u0026)(authSource|authMechanism)=([0-9A-Za-z_.$%-]+)")
_NAMES = {"authsource": "authSource", "authmechanism": "authMechanism"}


def _spelling(text: str) -> str:
    """The address without options that say nothing of the login."""
    address, _, options = text.partition("?")
    found = {_NAMES[name.lower()]: value for name, value in _OPTION.findall(f"&{options}")}
    kept = "&".join(f"{name}={value}" for name, value in sorted(found.items()))
    return f"{address}?{kept}" if kept else address


def _facts(text: str) -> dict[str, str]:
    return dict(LOGIN_URL.facts(text.partition("?")[0]))


MONGODB_URL = Form(facts=_facts, spelling=_spelling)
