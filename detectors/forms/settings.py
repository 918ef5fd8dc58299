"""Connection strings of settings: JDBC URLs, ODBC and ADO.NET strings.

https://learn.microsoft.com/dotnet/framework/data/adonet/connection-string-syntax,
https://jdbc.postgresql.org/documentation/use/ and
https://docs.oracle.com/en/database/oracle/oracle-database/23/jjdbc/data-sources-and-URLs.html
"""

from __future__ import annotations

import re
from urllib.parse import unquote

from detectors.forms.login import Login, login_form

_SETTING = re.compile(
    r"([A-Za-z][A-Za-z _]{1,40}?)[ \t]*=[ \t]*(\"[^\"]*\"|'[^']*'|\{[^}]*\}|[^;&]*)"
)
_USER = ("userid", "uid", "user", "username", "login")
_PASSWORD = ("password", "pwd")
_HOST = ("server", "datasource", "host", "hostname", "address", "addr", "networkaddress")
_PLACE = re.compile(r"//(?:[^@/?;]{0,256}@)?([^/?;\s]+)")
_ORACLE = re.compile(r"jdbc:oracle:\w+:([^/\s]+)/([^@\s]+)@/{0,2}(\S+)")


def _settings(text: str) -> dict[str, str]:
    """The settings by their names in small letters without blanks."""
    return {
        re.sub(r"[ _]", "", name).lower(): value.strip().strip("\"'{}")
        for name, value in _SETTING.findall(text)
    }


def _first(settings: dict[str, str], names: tuple[str, ...]) -> str:
    return next((settings[name] for name in names if settings.get(name)), "")


def _connection(text: str) -> Login | None:
    found = _settings(text)
    host, port = _first(found, _HOST), found.get("port", "")
    if port.isdecimal() and not re.search(r"[,:\\]", host):
        host = f"{host}:{port}"
    login = Login(host, _first(found, _USER), _first(found, _PASSWORD))
    return login if host and login.password else None


def _jdbc(text: str) -> Login | None:
    oracle = _ORACLE.match(text)
    if oracle is not None:
        return Login(oracle[3], oracle[1], oracle[2])
    found = _settings(re.sub(r"&amp;|\?", "&", text).partition("&" if "?" in text else ";")[2])
    place = _PLACE.search(text)
    host = place[1] if place else ""
    # what stands behind a "?" is escaped as in any URL, what stands behind a ";" is not
    plain = unquote if "?" in text else str
    login = Login(host, plain(_first(found, _USER)), plain(_first(found, _PASSWORD)))
    return login if login.password else None


CONNECTION = login_form(_connection)
JDBC = login_form(_jdbc)
