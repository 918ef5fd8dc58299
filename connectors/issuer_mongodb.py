"""Asks MongoDB servers that the operator listed whether a login is still good: SCRAM, and one read.

The server that takes it proves that it knows the password too, so no made-up login is needed. The
driver is not used: it goes where the server says and cannot be bound to the address that was checked.
A refusal proves a death only where it is known in which database the user stands, and only at the
servers in `decisive_hosts`: a user bound to client addresses is refused with the same words.
https://www.mongodb.com/docs/manual/reference/connection-string-options/#authentication-options,
https://www.mongodb.com/docs/manual/reference/error-codes/ and
https://github.com/mongodb/specifications/blob/master/source/auth/auth.md
"""

from __future__ import annotations

import hashlib
import socket
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from connectors.address import Resolve
from connectors.http import lookup
from connectors.login_server import UNCLEAR, Dialect, Door, LoginIssuer, UnaskableError, handle
from connectors.login_text import LoginText
from connectors.mongo_message import command
from connectors.scram import Scram, new_nonce
from correlate.model import Identity, Liveness, LivenessState
from correlate.ports import Setup
from correlate.secret import Secret

_PORT = 27017
_SCRAM = {"SCRAM-SHA-256": "sha256", "SCRAM-SHA-1": "sha1"}  # the better one first
# AuthenticationFailed and MechanismUnavailable; Atlas says 8000, of which no page of the vendor was found
_FAILED, _UNAVAILABLE = 18, 334
_EXTERNAL = "$external"


@dataclass(frozen=True, slots=True)
class Settings:
    """`hosts` are the servers that may be asked, as "host:port"; empty, none is.

    TLS is verified, except for those in `plain_hosts`, which are spoken to without it.
    `decisive_hosts` are those of them whose refusal is a proof, since the operator knows that their
    users are bound to no client addresses. `auth_sources` are the databases in which they keep
    users: all are asked where a text names none (its "authSource"). `srv` tells the one server to
    ask in place of a name in mongodb+srv://, as "host:port": the name service is not asked.
    """

    hosts: tuple[str, ...] = ()
    plain_hosts: tuple[str, ...] = ()
    internal_hosts: tuple[str, ...] = ()
    decisive_hosts: tuple[str, ...] = ()
    auth_sources: tuple[str, ...] = ()
    srv: Mapping[str, str] = field(default_factory=dict)
    ca_file: Path | None = None
    timeout_s: float = 10.0


def connect(settings: Settings, setup: Setup, resolve: Resolve = lookup) -> LoginIssuer:
    """Return the issuer for all kinds in force that are MongoDB logins."""

    def route(login: LoginText) -> LoginText:
        return _routed(login, settings.srv)

    def ask(door: Door, login: LoginText, asked: Liveness) -> Liveness:
        return _ask(door, login, asked, settings)

    dialect = Dialect(
        "mongodb_login", _PORT, "SCRAM, connectionStatus", ask, many=True, route=route
    )
    return LoginIssuer(setup.name, setup.kinds, settings, dialect, resolve)


def _routed(login: LoginText, srv: Mapping[str, str]) -> LoginText:
    options = _options(login)
    mechanism = options.get("authmechanism", "")
    if (mechanism and mechanism not in _SCRAM) or options.get("authsource") == _EXTERNAL:
        raise UnaskableError("the login is not kept in MongoDB itself: only SCRAM is asked")
    if not login.scheme.endswith("+srv"):
        return login
    server = srv.get(login.servers[0][0], "")
    host, _, port = server.rpartition(":")
    if not port.isdecimal():
        why = "mongodb+srv names no server: name one in the issuer's `srv`"
        raise UnaskableError(why)
    return replace(login, servers=((host, int(port)),))


def _options(login: LoginText) -> dict[str, str]:
    return {name.lower(): value for name, value in parse_qsl(login.options)}


def _ask(door: Door, login: LoginText, asked: Liveness, settings: Settings) -> Liveness:
    if not login.user or not login.password.reveal().isascii():
        return replace(asked, reason="no user is named, or the password is not ASCII")
    named = _options(login).get("authsource", "")
    sources = (named,) if named else settings.auth_sources
    said: list[int] = []
    with door.open() as sock:
        for source in sources or (login.database or "admin",):
            for code in _tried(sock, source, login):
                if code == 0:
                    return _accepted(sock, login.user, asked)
                said.append(code)
    if _FAILED not in said or not {_FAILED, _UNAVAILABLE}.issuperset(said):
        return replace(asked, reason=UNCLEAR)
    if not sources or f"{door.host}:{door.port}" not in settings.decisive_hosts:
        why = (
            "refused, which a user of another database (authSource) or one bound to other client "
            "addresses is, too; see auth_sources and decisive_hosts"
        )
        return replace(asked, reason=why)
    why = "MongoDB refused the login: a wrong password, or no such user"
    return replace(asked, state=LivenessState.DEAD, reason=why)


def _tried(sock: socket.socket, source: str, login: LoginText) -> Iterator[int]:
    """Yield what each mechanism that the user may have came to: 0, or the number of the error."""
    who = f"{source}.{login.user}"
    hello = command(sock, "admin", {"hello": 1, "saslSupportedMechs": who})
    # a member that is no copy of the others yet, or never will be, knows no users
    if not hello.get("ok") or not (hello.get("isWritablePrimary") or hello.get("secondary")):
        raise ValueError("the server does not serve now")
    wanted = _options(login).get("authmechanism", "")
    offered = hello.get("saslSupportedMechs")
    known = offered if isinstance(offered, list) else list(_SCRAM)
    usable = [one for one in _SCRAM if one in known and wanted in ("", one)]
    if not usable:
        raise ValueError("the user has no password here, or none for the mechanism wanted")
    for mechanism in usable:
        yield _scram(sock, source, login, mechanism)


def _scram(sock: socket.socket, source: str, login: LoginText, mechanism: str) -> int:
    password = login.password
    if mechanism == "SCRAM-SHA-1":  # what MongoDB keeps for it is made of this
        text = f"{login.user}:mongo:{password.reveal()}".encode()
        password = Secret(hashlib.md5(text, usedforsecurity=False).hexdigest())
    scram = Scram(_SCRAM[mechanism], login.user, password, new_nonce())
    start = {"saslStart": 1, "mechanism": mechanism, "payload": scram.first()}
    began = command(sock, source, {**start, "options": {"skipEmptyExchange": True}})
    if not began.get("ok"):
        return _code(began)
    said, expected = scram.final(began["payload"])
    talk = {"saslContinue": 1, "conversationId": int(began["conversationId"])}
    ended = command(sock, source, {**talk, "payload": said})
    if not ended.get("ok"):
        return _code(ended)
    if ended["payload"] != expected:
        raise ValueError("the server does not know the password")
    if not ended.get("done"):
        ended = command(sock, source, {**talk, "payload": b""})
    if not (ended.get("ok") and ended.get("done")):
        raise ValueError("the login does not end")
    return 0


def _code(answer: Mapping[str, Any]) -> int:
    code = answer.get("code")
    return code if isinstance(code, int) and code > 0 else -1


def _accepted(sock: socket.socket, user: str, asked: Liveness) -> Liveness:
    told = command(sock, "admin", {"connectionStatus": 1})
    users = told.get("authInfo", {}).get("authenticatedUsers", [])
    name = users[0]["user"] if told.get("ok") and users else user
    return replace(
        asked,
        state=LivenessState.LIVE,
        reason="MongoDB took the password",
        identities=(Identity("login", handle(str(name))),),
    )
