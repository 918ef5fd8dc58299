"""Logins as files and connection strings write them: a server, a user and a password."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import quote, unquote

from detectors.forms.form import Form

_SCHEME = "login://"


@dataclass(frozen=True, slots=True)
class Login:
    """Who logs in where. `host` may hold a port and a path, and be empty where none is told."""

    host: str
    user: str
    password: str

    def url(self) -> str:
        """Return it as a URL, escaped."""
        login = f"{quote(self.user, safe='')}:{quote(self.password, safe='')}"
        return f"{_SCHEME}{login}@{self.host}"


def login_form(parse: Callable[[str], Login | None]) -> Form:
    """Return the form of a text out of which `parse` reads a login, None where there is none.

    Its spelling is a URL, the same however a file writes the same login.
    """

    def read(text: str) -> Login | None:
        return _from_url(text) if text.startswith(_SCHEME) else parse(text)

    def holds(text: str) -> bool:
        login = read(text)
        return login is not None and bool(login.password)

    def facts(text: str) -> Mapping[str, str]:
        login = read(text)
        told = {"user": login.user, "host": login.host} if login else {}
        return {name: value for name, value in told.items() if value}

    def url(text: str) -> str:
        login = read(text)
        return login.url() if login else text

    return Form(holds, facts, url, url)


def _from_url(text: str) -> Login:
    login, _, host = text.removeprefix(_SCHEME).rpartition("@")
    user, _, password = login.partition(":")
    return Login(host, unquote(user), unquote(password))
