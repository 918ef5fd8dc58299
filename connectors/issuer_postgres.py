"""Asks PostgreSQL servers that the operator listed whether a login is still good: one login, one read.

Off until `hosts` names a server, for a failed login feeds counters that lock accounts. A server
that lets the login in without asking for its password (`trust`) proves nothing; libpq tells, so
no second, made-up login is needed as a control.
https://www.postgresql.org/docs/current/libpq-status.html
"""

from __future__ import annotations

import importlib
import os
import re
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from connectors.address import Resolve
from connectors.http import lookup
from connectors.login_server import UNCLEAR, checked_addresses
from connectors.login_text import read_login
from connectors.once import Once, unasked
from connectors.pinned import Watch
from correlate.errors import ConfigError
from correlate.kind import Kind
from correlate.model import Identity, KindId, Liveness, LivenessState
from correlate.ports import Setup
from correlate.secret import Secret

_PORT = 5432
_LEAST_S = 2  # libpq takes a shorter time for this one
_HANDLE_MAX = 63  # NAMEDATALEN - 1
_READ = (
    "select current_user::text, rolsuper, rolcreaterole, rolvaliduntil is not null and "
    "isfinite(rolvaliduntil), extract(epoch from rolvaliduntil)::float8 "
    "from pg_catalog.pg_roles where rolname = current_user"
)
# libpq gives no SQLSTATE of a failed login, only the text; in another language it stays unknown
_FATAL = r"failed: FATAL:  "
_MEANINGS = (
    (
        re.compile(_FATAL + 'password authentication failed for user "'),
        LivenessState.DEAD,
        "PostgreSQL refused the password: wrong, expired, or of no such role",
    ),
    (
        re.compile(_FATAL + r'role "[^"]*" is not permitted to log in'),
        LivenessState.SUSPENDED,
        "the role may not log in now",
    ),
)


@dataclass(frozen=True, slots=True)
class Settings:
    """`hosts` are the servers that may be asked, as "host:port"; empty, none is.

    TLS is verified, except for those in `plain_hosts`, which are spoken to without it.
    """

    hosts: tuple[str, ...] = ()
    plain_hosts: tuple[str, ...] = ()
    internal_hosts: tuple[str, ...] = ()
    ca_file: Path | None = None
    timeout_s: float = 10.0


def connect(settings: Settings, setup: Setup) -> PostgresIssuer:
    """Return the issuer for all kinds in force that are PostgreSQL logins.

    Raises ConfigError where a server is listed and the driver is not installed.
    """
    if settings.hosts:
        _driver()
    return PostgresIssuer(setup.name, setup.kinds, settings)


class PostgresIssuer:
    """One attempt per login and run. Never raises."""

    def __init__(
        self,
        name: str,
        kinds: tuple[Kind, ...],
        settings: Settings,
        resolve: Resolve = lookup,
    ) -> None:
        self.name = name
        self.kinds = frozenset(
            kind.id
            for kind in kinds
            if kind.verification and kind.verification.via == "postgres_login"
        )
        self._settings, self._resolve = settings, resolve
        self._once = Once()

    def verify(self, kind: KindId, secret: Secret, now: datetime) -> Liveness:
        """Return what the server says of the login in the URL, or why it was not asked."""
        if kind not in self.kinds:
            return unasked(now)
        return self._once.ask(kind, secret, now, lambda: self._verify(secret, now))

    def _verify(self, secret: Secret, now: datetime) -> Liveness:
        unknown = Liveness(LivenessState.UNKNOWN, now, "")
        try:
            login = read_login(secret.reveal(), _PORT)
        except ValueError as error:
            return replace(unknown, reason=str(error))
        if login.user in ("", "*") or len(login.servers) > 1:
            return replace(unknown, reason="the text does not hold one login at one server")
        host, port = login.servers[0]
        if f"{host}:{port}" not in self._settings.hosts:
            why = "policy: the server is not one of those configured"
            return replace(unknown, state=LivenessState.SKIPPED, reason=why)
        asked = replace(unknown, host=host, method="login, select current_user")
        until = time.monotonic() + self._settings.timeout_s
        addresses = checked_addresses(self._settings, self._resolve, host, port)
        if not addresses:
            why = "its address is unknown, or not public and the host is not listed as internal"
            return replace(asked, reason=why)
        given = {
            "host": host, "hostaddr": addresses[0], "port": port, "user": login.user,
            "password": login.password.reveal(), "dbname": _database(login.database),
        }  # fmt: skip
        return _login(asked, given | self._tls(f"{host}:{port}"), until - time.monotonic())

    def _tls(self, server: str) -> dict[str, str]:
        # nothing of the environment or of files in the home folder may decide
        shared = {"gssencmode": "disable", "passfile": os.devnull, "options": ""}
        if server in self._settings.plain_hosts:
            return shared | {"sslmode": "disable", "require_auth": "!password"}
        ca = str(self._settings.ca_file) if self._settings.ca_file else "system"
        return shared | {"sslmode": "verify-full", "sslrootcert": ca, "sslcertmode": "disable"}


def _login(asked: Liveness, given: dict[str, Any], seconds: float) -> Liveness:
    driver, conn = _driver(), None
    with Watch(seconds) as watch:
        try:
            timeout = max(_LEAST_S, int(seconds))
            conn = driver.connect(**given, connect_timeout=timeout, autocommit=True)
            with socket.socket(fileno=os.dup(conn.fileno())) as sock:
                watch.guard(sock)
            return _accepted(asked, conn)
        except (driver.Error, OSError, ValueError) as fault:
            text = str(fault) if conn is None else ""
        finally:
            if conn is not None:
                conn.close()
    return _refused(asked, text)


def _database(named: str) -> str:
    # a password file's "*" is any; a URL may name none
    return named if named not in ("", "*") else "postgres"


def _accepted(asked: Liveness, conn: Any) -> Liveness:
    if not conn.pgconn.used_password:
        return replace(asked, reason="the server lets this login in without asking for a password")
    row = conn.execute(_READ).fetchone()
    if row is None:
        return replace(asked, state=LivenessState.LIVE, reason="PostgreSQL took the password")
    user, above, creates, ends, epoch = row
    rights = [("superuser", above), ("createrole", creates)]
    return replace(
        asked,
        state=LivenessState.LIVE,
        reason="PostgreSQL took the password",
        identities=(Identity("login", str(user)[:_HANDLE_MAX]),),
        scopes=tuple(name for name, held in rights if held),
        expires_at=datetime.fromtimestamp(epoch, UTC) if ends else None,
    )


def _refused(asked: Liveness, text: str) -> Liveness:
    """What a failed login means. The server's own text is looked into, and never handed on."""
    for pattern, state, reason in _MEANINGS:
        if pattern.search(text):
            return replace(asked, state=state, reason=reason)
    return replace(asked, reason=UNCLEAR)


def _driver(load: Callable[[str], Any] = importlib.import_module) -> Any:
    try:
        return load("psycopg")
    except ImportError:
        raise ConfigError(
            "PostgreSQL logins cannot be verified",
            where="issuers, type postgres",
            why="psycopg is not installed",
            fix="pip install 'offkey[postgres]'",
        ) from None
