"""The servers that a found login may be tried at: only listed ones, at a checked address, in time.

A refused login feeds counters that lock accounts, and a server that a leak names may be anybody's:
so nobody is asked whom the configuration does not list.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Protocol

from connectors.address import Resolve, admitted, looked_up
from connectors.http import lookup
from connectors.login_text import LoginText, read_login
from connectors.once import Once, unasked
from connectors.pinned import Watch, dialled
from correlate.kind import Kind
from correlate.model import KindId, Liveness, LivenessState
from correlate.secret import Secret

UNCLEAR = "no answer that says whether the password is good"
_HANDLE_MAX = 128


class Policy(Protocol):
    """What the configuration allows. `hosts` and `plain_hosts` hold "host:port"; the latter are
    spoken to without TLS. `internal_hosts` are names that may lead to an inside address.
    """

    @property
    def hosts(self) -> tuple[str, ...]: ...
    @property
    def plain_hosts(self) -> tuple[str, ...]: ...
    @property
    def internal_hosts(self) -> tuple[str, ...]: ...
    @property
    def ca_file(self) -> Path | None: ...
    @property
    def timeout_s(self) -> float: ...


@dataclass(frozen=True, slots=True)
class Door:
    """The way to one server, by addresses that were checked, until the question's time is up."""

    host: str
    port: int
    addresses: tuple[str, ...]
    tls: ssl.SSLContext | None
    until: float

    @contextlib.contextmanager
    def raw(self) -> Iterator[socket.socket]:
        """Give a connection without TLS yet, which ends with the block. Raises OSError."""
        with Watch(self._left()) as watch, self._connected() as sock:
            watch.guard(sock)
            yield sock

    @contextlib.contextmanager
    def open(self) -> Iterator[socket.socket]:
        """Give a connection, within TLS unless the server is listed as plain. Raises OSError."""
        with self.raw() as sock:
            if self.tls is None:
                yield sock
                return
            with self.tls.wrap_socket(sock, server_hostname=self.host) as wrapped:
                yield wrapped

    def _connected(self) -> socket.socket:
        sock = dialled(self.addresses, self.port, self._left())
        sock.settimeout(self._left())
        return sock

    def _left(self) -> float:
        return max(self.until - time.monotonic(), 0.01)


class UnaskableError(ValueError):
    """A login that cannot be asked about; its text says why and holds nothing of the login."""


def _as_it_is(login: LoginText) -> LoginText:
    return login


@dataclass(frozen=True, slots=True)
class Dialect:
    """How one sort of server is asked. `via` is what kinds call it, `port` where none is named,
    `method` what the answer tells of the question. `ask` may raise anything. `many` says that a
    text may name several servers, which share their logins: the first is asked. `route` gives the
    login with the servers that it means, or raises UnaskableError.
    """

    via: str
    port: int
    method: str
    ask: Callable[[Door, LoginText, Liveness], Liveness]
    many: bool = False
    route: Callable[[LoginText], LoginText] = _as_it_is


class LoginIssuer:
    """Asks the servers that `policy` lists, once per login and run. Never raises."""

    def __init__(
        self,
        name: str,
        kinds: tuple[Kind, ...],
        policy: Policy,
        dialect: Dialect,
        resolve: Resolve = lookup,
    ) -> None:
        self.name = name
        self.kinds = frozenset(
            kind.id for kind in kinds if kind.verification and kind.verification.via == dialect.via
        )
        self._policy, self._dialect, self._resolve = policy, dialect, resolve
        self._once = Once()

    def verify(self, kind: KindId, secret: Secret, now: datetime) -> Liveness:
        """Return what the server says of the login in the text, or why it was not asked."""
        if kind not in self.kinds:
            return unasked(now)
        return self._once.ask(kind, secret, now, lambda: self._verify(secret, now))

    def _verify(self, secret: Secret, now: datetime) -> Liveness:
        unknown = Liveness(LivenessState.UNKNOWN, now, "")
        try:
            login = self._dialect.route(read_login(secret.reveal(), self._dialect.port))
        except UnaskableError as error:
            return replace(unknown, state=LivenessState.NOT_VERIFIABLE, reason=str(error))
        except ValueError as error:
            return replace(unknown, reason=str(error))
        if len(login.servers) > 1 and not self._dialect.many:
            return replace(unknown, reason="the text names several servers")
        if any(f"{host}:{port}" not in self._policy.hosts for host, port in login.servers):
            why = "policy: the server is not one of those configured"
            return replace(unknown, state=LivenessState.SKIPPED, reason=why)
        asked = replace(unknown, host=login.servers[0][0], method=self._dialect.method)
        return self._talk(login, asked)

    def _talk(self, login: LoginText, asked: Liveness) -> Liveness:
        (host, port), until = login.servers[0], time.monotonic() + self._policy.timeout_s
        addresses = checked_addresses(self._policy, self._resolve, host, port)
        if not addresses:
            why = "its address is unknown, or not public and the host is not listed as internal"
            return replace(asked, reason=why)
        try:
            door = Door(host, port, addresses, self._tls(host, port), until)
            return self._dialect.ask(door, login, asked)
        except ssl.SSLError:
            why = "TLS failed: its certificate is not trusted, or it speaks none"
            return replace(asked, reason=why)
        except Exception:  # noqa: BLE001  # what a hostile server sends may break any parser, and its text is not to be handed on
            return replace(asked, reason=UNCLEAR)

    def _tls(self, host: str, port: int) -> ssl.SSLContext | None:
        if f"{host}:{port}" in self._policy.plain_hosts:
            return None
        context = ssl.create_default_context(cafile=self._policy.ca_file)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        return context


def checked_addresses(policy: Policy, resolve: Resolve, host: str, port: int) -> tuple[str, ...]:
    """Return the addresses of a host that may be connected to; none when no answer comes in time."""
    seconds = policy.timeout_s / 2  # the login needs its share
    found = looked_up(resolve, host, port, seconds)
    return _admitted(found, internal=host in policy.internal_hosts)


def _admitted(found: Iterable[str], *, internal: bool) -> tuple[str, ...]:
    try:
        return admitted(found, internal=internal)
    except ValueError:
        return ()


def handle(name: str) -> str:
    """Return a server's name for a user, cut to what a name may be."""
    return name[:_HANDLE_MAX]
