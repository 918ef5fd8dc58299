"""Shared access signatures of Azure Storage,
https://learn.microsoft.com/rest/api/storageservices/create-account-sas.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qs, unquote

from detectors.forms.form import Form

_TOLD = {"se": "expires_at", "sp": "permissions", "sr": "resource", "skoid": "signed_by"}


def _query(text: str) -> str:
    """The parameters, which may stand behind an account's address."""
    return text.replace("&amp;", "&").rpartition("?")[2]


def _facts(text: str) -> Mapping[str, str]:
    query = parse_qs(_query(text), max_num_fields=100) if text.count("&") < 100 else {}  # noqa: PLR2004
    told = {name: query[key][0] for key, name in _TOLD.items() if key in query}
    _, address, rest = text.partition("://")
    return told | {"host": rest.partition("/")[0].partition("?")[0]} if address else told


def _spelling(text: str) -> str:
    """Its parameters alone: they open the same, however and after which address they stand."""
    return unquote(_query(text))


def _drawn(text: str) -> str:
    return unquote(text.rpartition("sig=")[2])


AZURE_SAS = Form(facts=_facts, spelling=_spelling, drawn=_drawn)
