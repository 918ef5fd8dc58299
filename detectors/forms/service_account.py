"""Google service account keys, https://cloud.google.com/iam/docs/keys-create-delete."""

from __future__ import annotations

import re
from collections.abc import Mapping

from detectors.forms.form import Form
from detectors.forms.pem import PEM

_ENTRY = re.compile(r"""["'](\w{2,40})["']\s{0,20}:\s{0,20}["']([^"']{0,16000})["']""")
_TOLD = ("client_email", "project_id", "private_key_id")
_KEY = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*-----END [A-Z ]*PRIVATE KEY-----", re.DOTALL
)
_JOINED = re.compile(r"([0-9A-Za-z]{0,64}):(-----BEGIN .*)", re.DOTALL)


def _entries(text: str) -> Mapping[str, str]:
    """The texts of a JSON object without nesting, also where it stands in a JSON string."""
    joined = _JOINED.fullmatch(text)
    if joined is not None:
        return {"private_key_id": joined[1], "private_key": joined[2]}
    return dict(_ENTRY.findall(re.sub(r"""\\{1,8}(["'])""", r"\1", text)))


def _key(text: str) -> str:
    found = _KEY.search(_entries(text).get("private_key", ""))
    return PEM.spelling(found[0]) if found else ""


def _holds(text: str) -> bool:
    return PEM.holds(_key(text))


def _facts(text: str) -> dict[str, str]:
    entries = _entries(text)
    told = {name: entries[name] for name in _TOLD if entries.get(name)}
    key = _key(text)
    return told | dict(PEM.facts(key)) if key else told


def _spelling(text: str) -> str:
    """What Google knows the key by, and the key: all else in the file may be looked up."""
    key = _key(text)
    return f"{_entries(text).get('private_key_id', '')}:{key}" if key else text


def _drawn(text: str) -> str:
    return PEM.drawn(_key(text))


SERVICE_ACCOUNT = Form(_holds, _facts, _spelling, _drawn)
