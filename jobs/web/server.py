"""Serves the door on one address, in a thread, with a time limit on every connection.

uvicorn has none: whoever sends a byte now and then would hold a connection for good
(https://github.com/Kludex/uvicorn/issues/157). TLS is the business of a proxy in front.
"""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import ip_address

import uvicorn
from starlette.applications import Starlette
from uvicorn.protocols.http.h11_impl import H11Protocol

from correlate.errors import ConfigError

CONNECTION_S = 10.0
_CONNECTIONS_MAX = 64
_HEAD_MAX = 16 * 1024
_STOP_S = 15.0


def listening(address: str) -> socket.socket:
    """Return a socket that listens at "IP:PORT", or at "PORT" on loopback.

    Raises ConfigError for what is neither, and for an address that cannot be had.
    """
    host, _, port = address.rpartition(":")
    host = host.strip("[]") or "127.0.0.1"
    try:
        family = socket.AF_INET6 if ip_address(host).version == 6 else socket.AF_INET  # noqa: PLR2004
        bound = socket.socket(family, socket.SOCK_STREAM)
    except ValueError:
        raise _config(address, "it is not an IP address and a port") from None
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind((host, int(port)))
        bound.listen()
    except (OSError, OverflowError, ValueError) as error:
        bound.close()
        raise _config(address, f"it cannot be listened on ({type(error).__name__})") from None
    return bound


def _config(address: str, why: str) -> ConfigError:
    return ConfigError(
        "An address cannot be used", where=f"--listen {address}", why=why,
        fix="write for example 127.0.0.1:8321, and let a proxy with TLS pass events on to it",
    )  # fmt: skip


def is_inside(bound: socket.socket) -> bool:
    """Say whether only this machine can reach the socket."""
    return ip_address(bound.getsockname()[0]).is_loopback


@contextmanager
def serving(
    app: Starlette, bound: socket.socket, connection_s: float = CONNECTION_S
) -> Iterator[None]:
    """Serve until the block ends. A connection lives for `connection_s` at most."""
    config = uvicorn.Config(
        app,
        loop="asyncio",
        http=_limited(connection_s),
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        limit_concurrency=_CONNECTIONS_MAX,
        h11_max_incomplete_event_size=_HEAD_MAX,
        timeout_graceful_shutdown=int(CONNECTION_S),
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, args=([bound],), name="push", daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.should_exit = True
        thread.join(_STOP_S)
        bound.close()


def _limited(seconds: float) -> type[asyncio.Protocol]:
    """Return the protocol of connections that end after so many seconds, whatever they do."""

    class Limited(H11Protocol):
        """One connection."""

        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
            super().connection_made(transport)
            self._end = self.loop.call_later(seconds, transport.abort)

        def connection_lost(self, exc: Exception | None) -> None:
            self._end.cancel()
            super().connection_lost(exc)

    return Limited
