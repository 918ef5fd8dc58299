"""A login to a database as a text spells it: the servers, the user, the password."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import unquote

from correlate.secret import Secret

_NAME = r"\[[0-9A-Fa-f:.]{2,45}\]|[^\s:/?@,\[\]]{1,255}"
_SERVER = re.compile(rf"({_NAME})(?::([0-9]{{1,5}}))?")
_ONE = rf"(?:{_NAME})(?::[0-9]{{1,5}})?"
_PLACE = re.compile(
    rf"({_ONE}(?:,{_ONE})*)(?:/([^\s:?]*))?(?:\?(.*))?|((?:{_NAME}):[0-9]{{1,5}}):([^\s:]*)"
)
_PORT_MAX = 65535


@dataclass(frozen=True, slots=True)
class LoginText:
    """`servers` are (host, port), as many as the text names. What it leaves out is empty."""

    scheme: str
    servers: tuple[tuple[str, int], ...]
    user: str
    password: Secret
    database: str = ""
    options: str = ""


def read_login(text: str, port: int) -> LoginText:
    """Read "scheme://user:password@host:port/database?options", the login escaped as in a URL;
    further servers stand behind commas, and a ":" may stand before the database as in .pgpass.

    `port` is taken for servers that name none. Raises ValueError, which never holds the text.
    """
    scheme, _, rest = text.partition("://")
    words, at, place = rest.rpartition("@")
    user, colon, password = words.partition(":")
    found = _PLACE.fullmatch(place)
    if not (at and colon) or found is None:
        raise ValueError("the text is not the URL of a login")
    try:
        parts = [
            unquote(word, errors="strict") for word in (user, password, found[2] or found[5] or "")
        ]
    except UnicodeDecodeError:
        raise ValueError("the login is not UTF-8") from None
    if not parts[1] or any("\x00" in part for part in parts):
        raise ValueError("the text does not hold one login")
    servers = tuple(_server(item, port) for item in (found[1] or found[4]).split(","))
    return LoginText(scheme.lower(), servers, parts[0], Secret(parts[1]), parts[2], found[3] or "")


def _server(text: str, port: int) -> tuple[str, int]:
    found = _SERVER.fullmatch(text)
    number = int(found[2] or port) if found else 0
    if found is None or not 0 < number <= _PORT_MAX:
        raise ValueError("the text does not name its server")
    return found[1].strip("[]").lower(), number
