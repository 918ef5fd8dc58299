"""PuTTY's private key files, https://the.earth.li/~sgtatham/putty/latest/htmldoc/AppendixC.html."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Mapping

from detectors.forms.form import Form

_LINE_END = re.compile(r"(?:\\r)?\\n|\r\n?|\n")
_PUBLIC = re.compile(r"Public-Lines: \d+\n([0-9A-Za-z+/=\n]+)\n[A-Z][A-Za-z0-9-]+: ")
_PRIVATE = re.compile(r"Private-Lines: \d+\n([0-9A-Za-z+/=\n]{40,})Private-MAC: ")
_HEADERS = {"key_type": "PuTTY-User-Key-File-[23]", "comment": "Comment"}


def _spelling(text: str) -> str:
    """One key for each line, without indentation."""
    return "\n".join(line.strip() for line in _LINE_END.split(text) if line.strip())


def _holds(text: str) -> bool:
    return _PRIVATE.search(_spelling(text)) is not None


def _facts(text: str) -> Mapping[str, str]:
    plain = _spelling(text)
    told = {}
    for name, header in _HEADERS.items():
        if (value := re.search(f"(?m)^{header}: (.+)$", plain)) is not None:
            told[name] = value[1]
    told["encrypted"] = "no" if "Encryption: none" in plain else "yes"
    public = _PUBLIC.search(plain)
    try:
        blob = base64.b64decode(public[1] if public else "", validate=False)
    except binascii.Error:
        blob = b""
    if blob:
        digest = base64.b64encode(hashlib.sha256(blob).digest()).decode().rstrip("=")
        told["fingerprint"] = f"SHA256:{digest}"
    return told


def _drawn(text: str) -> str:
    private = _PRIVATE.search(_spelling(text))
    return private[1].replace("\n", "") if private else text


PUTTY = Form(_holds, _facts, _spelling, _drawn)
