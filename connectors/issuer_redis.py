"""Asks Redis servers that the operator listed whether a login is still good: AUTH and ACL WHOAMI.

Each user is first shown a made-up password: one that is taken (`nopass`) proves nothing. Two
short commands are spoken here without a library, for those name themselves to the server, try
again and cannot be bound to the address that was checked.
https://redis.io/docs/latest/commands/auth/ and https://redis.io/docs/latest/commands/acl-whoami/
"""

from __future__ import annotations

import secrets
import socket
from dataclasses import dataclass, replace
from enum import Enum
from pathlib import Path

from connectors.address import Resolve
from connectors.http import lookup
from connectors.login_server import UNCLEAR, Dialect, Door, LoginIssuer, handle
from connectors.login_text import LoginText
from correlate.model import Identity, Liveness, LivenessState
from correlate.ports import Setup
from correlate.secret import Secret

_LINE_MAX = 1024
_DEFAULT = ("", "default")


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


def connect(settings: Settings, setup: Setup, resolve: Resolve = lookup) -> LoginIssuer:
    """Return the issuer for all kinds in force that are Redis logins."""
    dialect = Dialect("redis_login", 6379, "AUTH, ACL WHOAMI", _ask)
    return LoginIssuer(setup.name, setup.kinds, settings, dialect, resolve)


class _Said(Enum):
    """What a server's answer to AUTH means. The values are told to people."""

    TAKEN = "Redis took the password"
    REFUSED = "Redis refused the password: wrong, of no such user, or of one that is switched off"
    ANY = "the server takes any password for this user"
    NONE = "the server asks this user for no password"
    OLD = "the server is older than users"  # Redis 6 brought them
    UNCLEAR = UNCLEAR


_MEANINGS = (
    ("+OK", _Said.TAKEN),
    ("-WRONGPASS ", _Said.REFUSED),
    ("-ERR invalid password", _Said.REFUSED),  # before Redis 6
    ("-ERR AUTH <password> called without any password", _Said.NONE),
    ("-ERR Client sent AUTH, but no password is set", _Said.NONE),  # before Redis 6
    ("-ERR wrong number of arguments for 'auth' command", _Said.OLD),
)


def _ask(door: Door, login: LoginText, asked: Liveness) -> Liveness:
    with door.open() as sock:
        said, user = _tried(sock, login.user, login.password), login.user
        if user not in _DEFAULT and said in (_Said.REFUSED, _Said.OLD):
            # clients older than users ignore the name in a URL, and show the password alone
            alone = _tried(sock, "", login.password)
            if said is _Said.OLD or alone not in (_Said.REFUSED, _Said.NONE):
                said, user = alone, ""
        if said is _Said.TAKEN:
            return _accepted(sock, user or "default", asked)
    state = LivenessState.DEAD if said is _Said.REFUSED else LivenessState.UNKNOWN
    return replace(asked, state=state, reason=said.value)


def _tried(sock: socket.socket, user: str, password: Secret) -> _Said:
    """Show a made-up password, and the found one where that is refused."""
    said = _meaning(_answer(sock, "AUTH", *_named(user), secrets.token_hex(16)))
    if said is _Said.TAKEN:
        return _Said.ANY
    if said is not _Said.REFUSED:
        return said
    return _meaning(_answer(sock, "AUTH", *_named(user), password.reveal()))


def _named(user: str) -> tuple[str, ...]:
    return (user,) if user else ()


def _meaning(answer: str) -> _Said:
    return next((said for start, said in _MEANINGS if answer.startswith(start)), _Said.UNCLEAR)


def _accepted(sock: socket.socket, user: str, asked: Liveness) -> Liveness:
    told = _answer(sock, "ACL", "WHOAMI")
    limited = told.startswith("-NOPERM ")
    return replace(
        asked,
        state=LivenessState.LIVE_LIMITED if limited else LivenessState.LIVE,
        reason=f"{_Said.TAKEN.value}, and lets it do little" if limited else _Said.TAKEN.value,
        identities=(Identity("login", handle(user if told.startswith("-") else told)),),
    )


def _answer(sock: socket.socket, *words: str) -> str:
    """Send a command; return a status or an error with its mark, a text without. Raises OSError,
    and ValueError for an answer that is none of these.
    https://redis.io/docs/latest/develop/reference/protocol-spec/
    """
    parts = [word.encode() for word in words]
    sent = b"".join(b"$%d\r\n%s\r\n" % (len(part), part) for part in parts)
    sock.sendall(b"*%d\r\n%s" % (len(parts), sent))
    line = _line(sock)
    if line.startswith(("+", "-")):
        return line
    if line.startswith("$") and line[1:].isdecimal():
        return _line(sock)
    raise ValueError("no answer to a command")


def _line(sock: socket.socket) -> str:
    line = bytearray()
    while not line.endswith(b"\r\n"):
        byte = sock.recv(1)  # answers are short, and nothing is read beyond one
        if not byte or len(line) > _LINE_MAX:
            raise ValueError("an answer that does not end")
        line += byte
    return line[:-2].decode("utf-8", "replace")
