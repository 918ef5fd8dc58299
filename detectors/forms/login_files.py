"""Logins in the files that tools keep them in.

https://www.gnu.org/software/inetutils/manual/html_node/The-_002enetrc-file.html,
https://www.postgresql.org/docs/current/libpq-pgpass.html,
https://docs.npmjs.com/cli/configuring-npm/npmrc and https://packaging.python.org/specifications/pypirc/
"""

from __future__ import annotations

import base64
import binascii
import re

from detectors.forms.login import Login, login_form

_NETRC = re.compile(r"machine\s+(\S+)\s+login\s+(\S+)\s+password\s+(\S+)")
_PGPASS = re.compile(r"([^:\s]+:[^:\s]+:[^:\s]+):([^:\s]+):(.+)")
_PGPASS_ESCAPE = re.compile(r"\\([:\\])")
_NPMRC = re.compile(r"//([^\s=]*?)/?:(_authToken|_auth|_password)\s*=\s*[\"']?([^\s\"']+)")
_PYPIRC = re.compile(
    r"repository\s*[:=]\s*https?://(\S+)\s+username\s*[:=]\s*(\S+)\s+password\s*[:=]\s*(\S+)"
)


def _netrc(text: str) -> Login | None:
    match = _NETRC.fullmatch(text)
    return Login(match[1], match[2], match[3]) if match else None


def _pgpass(text: str) -> Login | None:
    match = _PGPASS.fullmatch(text)
    return Login(match[1], match[2], _PGPASS_ESCAPE.sub(r"\1", match[3])) if match else None


def _npmrc(text: str) -> Login | None:
    match = _NPMRC.fullmatch(text)
    if match is None:
        return None
    if match[2] == "_authToken":
        return Login(match[1], "", match[3])
    try:
        plain = base64.b64decode(match[3], validate=True).decode()
    except (binascii.Error, ValueError):
        return None
    user, colon, password = plain.partition(":")
    return Login(match[1], user if colon else "", password if colon else plain)


def _pypirc(text: str) -> Login | None:
    match = _PYPIRC.search(text)
    return Login(match[1], match[2], match[3]) if match else None


NETRC = login_form(_netrc)
PGPASS = login_form(_pgpass)
NPMRC = login_form(_npmrc)
PYPIRC = login_form(_pypirc)
