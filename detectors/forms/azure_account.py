"""Connection strings of Azure Storage accounts,
https://learn.microsoft.com/azure/storage/common/storage-configure-connection-string.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import urlsplit

from detectors.forms.form import Form

_PUBLIC = "core.windows.net"
_ACCOUNT = re.compile("[a-z0-9]{3,24}")
_EMULATOR = "devstoreaccount1"  # whose key is published
_SERVICE = re.compile(r"(?:blob|queue|table|file)\.(.+)")


class _Account(NamedTuple):
    name: str
    domain: str
    key: str


def _read(text: str) -> _Account | None:
    parts = [part.strip().partition("=")[::2] for part in text.split(";")]
    found = {name.lower(): value for name, value in parts}
    name, key = found.get("accountname", ""), found.get("accountkey", "")
    if not key or name == _EMULATOR or not _ACCOUNT.fullmatch(name):
        return None
    ends = [value for setting, value in found.items() if setting.endswith("endpoint")]
    domain = found.get("endpointsuffix", "") or (_domain(name, ends[0]) if ends else _PUBLIC)
    # Cosmos DB's tables are opened by strings of the same settings, with keys of their own
    if not domain or "cosmos" in domain:
        return None
    return _Account(name, domain.strip("./").lower(), key)


def _domain(name: str, endpoint: str) -> str:
    """What stands behind the account and its service in an endpoint, else its host."""
    try:
        host = urlsplit(endpoint).netloc
    except ValueError:
        return ""
    service = _SERVICE.fullmatch(host.removeprefix(f"{name}."))
    return service[1] if service else host


def _holds(text: str) -> bool:
    return _read(text) is not None


def _facts(text: str) -> Mapping[str, str]:
    account = _read(text)
    return {"account": account.name, "host": account.domain} if account else {}


def _spelling(text: str) -> str:
    """All that opens: an account of a domain, and its key."""
    account = _read(text)
    return f"{account.name}.{account.domain}:{account.key}" if account else text


def _drawn(text: str) -> str:
    account = _read(text)
    return account.key if account else text


AZURE_ACCOUNT = Form(_holds, _facts, _spelling, _drawn)
