"""Asks MySQL and MariaDB servers that the operator listed whether a login is still good: one login,
one read. A made-up login has to be refused before: a server that lets everybody in proves nothing.

A refusal (1045, 1698) has many causes: an account that is bound to other client hosts, to a client
certificate or to TLS is refused with the same words as a wrong password, and proves a death only at
the servers in `decisive_hosts`.
https://dev.mysql.com/doc/refman/8.4/en/connection-access.html,
https://dev.mysql.com/doc/mysql-errors/8.4/en/server-error-reference.html and
https://mariadb.com/kb/en/mariadb-error-codes/
"""

from __future__ import annotations

import importlib
import secrets
import ssl
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from connectors.address import Resolve
from connectors.http import lookup
from connectors.login_server import UNCLEAR, Dialect, Door, LoginIssuer, handle
from connectors.login_text import LoginText
from connectors.once import Once
from correlate.errors import ConfigError
from correlate.model import Identity, Liveness, LivenessState
from correlate.ports import Setup
from correlate.secret import Secret

_READ = "SELECT CURRENT_USER()"
# the second where the account, or the one that stands in for none, is asked for no password
_REFUSALS = frozenset({1045, 1698})
_MADE_UP = Secret("")  # one control a server and run, whatever it made up
_NO_CODE = 2000  # CR_UNKNOWN_ERROR
_EXPIRED = "MySQL took the password, which has expired: all it can do is set another"
_LOCKED = "the account is locked"
_MEANINGS = {
    # https://dev.mysql.com/doc/refman/8.4/en/expired-password-handling.html
    1820: (LivenessState.LIVE_LIMITED, _EXPIRED),
    1862: (LivenessState.LIVE_LIMITED, _EXPIRED),
    # https://dev.mysql.com/doc/refman/8.4/en/account-locking.html
    3118: (LivenessState.SUSPENDED, _LOCKED),
    4151: (LivenessState.SUSPENDED, _LOCKED),  # MariaDB's
}
# the password itself would go out, to PAM or in a hash that is broken
_NEVER = ("mysql_clear_password", "dialog", "mysql_old_password")
# without TLS these send it under a key that whoever answers may have made up
_WITHIN_TLS = ("sha256_password", "caching_sha2_password")


@dataclass(frozen=True, slots=True)
class Settings:
    """`hosts` are the servers that may be asked, as "host:port"; empty, none is.

    TLS is verified, except for those in `plain_hosts`, which are spoken to without it.
    `decisive_hosts` are those of them whose refusal is a proof, since the operator knows that their
    accounts ask for the password alone: bound to no client host, no certificate and no TLS.
    """

    hosts: tuple[str, ...] = ()
    plain_hosts: tuple[str, ...] = ()
    internal_hosts: tuple[str, ...] = ()
    decisive_hosts: tuple[str, ...] = ()
    ca_file: Path | None = None
    timeout_s: float = 10.0


def connect(settings: Settings, setup: Setup, resolve: Resolve = lookup) -> LoginIssuer:
    """Return the issuer for all kinds in force that are MySQL or MariaDB logins.

    Raises ConfigError where a server is listed and the driver is not installed.
    """
    if settings.hosts:
        _driver()

    controls = Once()

    def ask(door: Door, login: LoginText, asked: Liveness) -> Liveness:
        server = f"{door.host}:{door.port}"
        if not login.user:
            return replace(asked, reason="the text does not hold one login")
        try:
            control = controls.ask(server, _MADE_UP, asked.at, lambda: _control(door, asked))
            if control.state is not LivenessState.DEAD:
                return replace(asked, reason=control.reason)
            return _ask(door, login, asked, decisive=server in settings.decisive_hosts)
        except _UnsafeError:
            why = "the server asks for the password in a way that is not safe"
            return replace(asked, reason=why)

    dialect = Dialect("mysql_login", 3306, f"login, {_READ}", ask)
    return LoginIssuer(setup.name, setup.kinds, settings, dialect, resolve)


class _UnsafeError(Exception):
    """The server asks for the password in a way that would give it away."""


class _Refusing:
    """Stands for a way to log in that is not gone."""

    def __init__(self, _: object) -> None:
        return

    def authenticate(self, _: object) -> None:
        """Raise, whatever the server sent."""
        raise _UnsafeError


def _control(door: Door, asked: Liveness) -> Liveness:
    """DEAD when the server refuses a made-up login, as one that checks logins does."""
    code, _ = _entered(door, f"u{secrets.token_hex(8)}", secrets.token_hex(16))
    if not code:
        return replace(asked, reason="the server lets a made-up login in")
    state = LivenessState.DEAD if code in _REFUSALS else LivenessState.UNKNOWN
    return replace(asked, state=state, reason=f"{UNCLEAR} (error {code})")


def _ask(door: Door, login: LoginText, asked: Liveness, *, decisive: bool) -> Liveness:
    code, account = _entered(door, login.user, login.password.reveal())
    if not code:
        return _accepted(account, asked)
    return _refused(code, asked, decisive=decisive)


def _accepted(account: str, asked: Liveness) -> Liveness:
    user = handle(account.rpartition("@")[0])  # empty for the anonymous account
    return replace(
        asked,
        state=LivenessState.LIVE,
        reason="MySQL took the password",
        identities=(Identity("login", user),) if user else (),
    )


def _refused(code: int, asked: Liveness, *, decisive: bool) -> Liveness:
    if code in _MEANINGS:
        state, reason = _MEANINGS[code]
        return replace(asked, state=state, reason=reason)
    if code not in _REFUSALS:
        return replace(asked, reason=f"{UNCLEAR} (error {code})")
    if not decisive:
        why = (
            "refused, which an account bound to another client host or to a certificate is, too; "
            "list the server in decisive_hosts if it has none"
        )
        return replace(asked, reason=why)
    why = "MySQL refused the login: a wrong password, or no such account"
    return replace(asked, state=LivenessState.DEAD, reason=why)


def _entered(door: Door, user: str, password: str) -> tuple[int, str]:
    """Log in once. Return 0 and the account that took it, or the number of the error."""
    driver = _driver()
    refused = _NEVER if door.tls else _NEVER + _WITHIN_TLS
    conn = driver.connections.Connection(
        user=user,
        password=password.encode(),
        host=door.host,
        port=door.port,
        ssl=door.tls,
        ssl_disabled=door.tls is None,
        local_infile=False,
        auth_plugin_map=dict.fromkeys(refused, _Refusing),
        charset="utf8mb4",
        autocommit=None,
        defer_connect=True,
    )
    try:
        with door.raw() as sock:
            conn.connect(sock)
            with conn, conn.cursor() as cursor:
                cursor.execute(_READ)
                return 0, str(cursor.fetchone()[0])
    except driver.err.MySQLError as error:
        cause = getattr(error, "original_exception", None)
        if isinstance(cause, ssl.SSLError):
            raise cause from None
        code = error.args[0] if error.args else None
        return (code if isinstance(code, int) and code > 0 else _NO_CODE), ""


def _driver(load: Callable[[str], Any] = importlib.import_module) -> Any:
    try:
        return load("pymysql")
    except ImportError:
        raise ConfigError(
            "MySQL logins cannot be verified",
            where="issuers, type mysql",
            why="PyMySQL is not installed",
            fix="pip install 'offkey[mysql]'",
        ) from None
