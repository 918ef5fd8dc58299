"""AWS access key ids, https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html."""

from __future__ import annotations

import re

from detectors.forms.form import Form

_BODY = re.compile("[A-HK-Z2-7][A-Z2-7]{15}")
_SESSION = re.compile(r"([A-Z2-7]{20}):([0-9A-Za-z/+]{40})[^0-9A-Za-z/+][\s\S]{0,200}?([0-9A-Za-z/+]{100,2048}={0,2})")  # fmt: skip
_BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_ACCOUNTS = 10**12  # account ids have twelve digits


def _facts(text: str) -> dict[str, str]:
    """The account id stands in the key id: bits 2 to 41 of its base32 body's first six bytes.

    Keys whose fifth character is I or J are of the old style and do not hold it.
    https://docs.aws.amazon.com/STS/latest/APIReference/API_GetAccessKeyInfo.html gives the same
    answer online.
    """
    body = text[4:20]
    if not _BODY.fullmatch(body):
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


def _triple(text: str) -> str:
    """All that opens: the key id, its secret, and the session token that was named behind it."""
    found = _SESSION.fullmatch(text.replace("\\/", "/"))
    return ":".join(found.groups()) if found else text


AWS_KEY = Form(facts=_facts)
AWS_SESSION = Form(facts=_facts, spelling=_triple)
