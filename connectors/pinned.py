"""Connections that go to the addresses that were checked, and end when their time is up."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import SplitResult

import certifi
import urllib3
from urllib3.connection import ProxyConfig

from connectors.deadline import Deadlines

_DEADLINES = Deadlines()
_SOONEST = 0.001  # a socket takes 0 for not waiting at all


class Watch:
    """Ends a call at its deadline. A peer that drips keeps each single read within its timeout."""

    def __init__(self, seconds: float) -> None:
        self.fired = False
        self._lock = threading.Lock()
        self._sockets: list[socket.socket] = []
        self._ends, self._number = time.monotonic() + seconds, -1

    def left(self) -> float:
        """Return the seconds that are left, 0 once time is up."""
        return max(0.0, self._ends - time.monotonic())

    def guard(self, sock: socket.socket) -> None:
        """Cut this connection too when time is up. TLS detaches `sock`, so a duplicate is kept."""
        with self._lock:
            self._sockets.append(sock.dup())
            if self.fired:
                _cut(self._sockets[-1])

    def _fire(self) -> None:
        with self._lock:
            self.fired = True
            for sock in self._sockets:
                _cut(sock)

    def __enter__(self) -> Self:
        self._number = _DEADLINES.add(self.left(), self._fire)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        _DEADLINES.drop(self._number)
        with self._lock:
            for sock in self._sockets:
                sock.close()
            self._sockets.clear()


def _cut(sock: socket.socket) -> None:
    try:
        sock.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # the peer was quicker


@dataclass(frozen=True, slots=True)
class Route:
    """Where a connection goes: the addresses that were checked, none behind a proxy."""

    watch: Watch
    addresses: tuple[str, ...]

    def open(self, conn: urllib3.connection.HTTPConnection, timeout: float) -> socket.socket:
        """Connect to a checked address, never to a name: the name may answer otherwise now."""
        try:
            sock = dialled(self.addresses, conn.port or 0, min(timeout, self.watch.left()))
        except OSError:
            raise urllib3.exceptions.NewConnectionError(conn, "no address answered") from None
        sock.settimeout(timeout)
        self.watch.guard(sock)
        return sock


def dialled(addresses: Sequence[str], port: int, seconds: float) -> socket.socket:
    """Return a connection to the first address that answers: one that is silent leaves time for the
    others. Raises ConnectionError.
    """
    share = max(seconds / len(addresses), _SOONEST)
    for address in addresses:
        try:
            return socket.create_connection((address, port), share)
        except OSError:
            continue
    raise ConnectionError("no address answered")


class _Plain(urllib3.connection.HTTPConnection):
    def __init__(self, *args: object, route: Route, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self._route = route

    def _new_conn(self) -> socket.socket:
        return self._route.open(self, float(self.timeout or 0) or 1.0)


class _Tls(urllib3.connection.HTTPSConnection):
    def __init__(self, *args: object, route: Route, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self._route = route

    def _new_conn(self) -> socket.socket:
        if self._route.addresses:
            return self._route.open(self, float(self.timeout or 0) or 1.0)
        sock = super()._new_conn()  # to the proxy
        self._route.watch.guard(sock)
        return sock


class _PlainPool(urllib3.HTTPConnectionPool):
    ConnectionCls = _Plain


class _TlsPool(urllib3.HTTPSConnectionPool):
    ConnectionCls = _Tls


@dataclass(frozen=True, slots=True)
class Trust:
    """A server's certificate must lead to `ca_file`, or to the public authorities that certifi has;
    a server that asks who we are is shown `client_cert`.
    """

    ca_file: Path | None = None
    client_cert: Path | None = None
    client_key: Path | None = None


def pool(url: SplitResult, route: Route, proxy: str, trust: Trust) -> urllib3.HTTPConnectionPool:
    """Return a pool of one connection along `route`, through a tunnel of `proxy` if it has no
    address.
    """
    host = url.hostname or ""
    if url.scheme == "http":
        return _PlainPool(host, url.port, maxsize=1, route=route)
    tunnel = None if route.addresses else urllib3.util.parse_url(proxy)
    config = ProxyConfig(
        ssl_context=None,
        use_forwarding_for_https=False,
        assert_hostname=None,
        assert_fingerprint=None,
    )
    return _TlsPool(
        host,
        url.port,
        maxsize=1,
        cert_reqs="CERT_REQUIRED",
        ca_certs=str(trust.ca_file or certifi.where()),
        cert_file=str(trust.client_cert) if trust.client_cert else None,
        key_file=str(trust.client_key) if trust.client_key else None,
        route=route,
        _proxy=tunnel,
        _proxy_headers={},
        _proxy_config=config if tunnel else None,
    )
