"""Sockets: a threaded HTTP/1.1 server per vendor on loopback, and the faults on the wire."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from email.utils import formatdate
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from typing import Any
from urllib.parse import parse_qs

from sample_data.simulators.faults import Fault
from sample_data.simulators.messages import Request, Response, reply
from sample_data.simulators.routing import Service, answer
from sample_data.simulators.world import World

LOOPBACK = "127.0.0.1"
_SIGN_IN = b"<!doctype html><html><title>Sign in</title><body>Please sign in.</body></html>"
_PIECES = 16


class VendorServer(ThreadingHTTPServer):
    """One vendor's listener. Knows its open connections, so that stopping ends them too."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, service: Service, world: World, port: int = 0) -> None:
        self.service, self.world = service, world
        self.open_sockets: set[socket.socket] = set()
        super().__init__((LOOPBACK, port), _Handler)

    def server_bind(self) -> None:
        """Bind without the reverse name look-up of the standard class, which may ask a resolver."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = LOOPBACK, self.server_address[1]

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of clients that hang up; raise nothing in a thread nobody joins."""

    @property
    def url(self) -> str:
        """The address to give to a client, without a trailing slash."""
        return f"http://{LOOPBACK}:{self.server_port}"

    def stop(self) -> None:
        """Stop listening and end every open connection."""
        ending = threading.Thread(target=self.shutdown)
        ending.start()
        for open_socket in (self.socket, *tuple(self.open_sockets)):
            with contextlib.suppress(OSError):
                open_socket.shutdown(socket.SHUT_RDWR)
        ending.join()
        self.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: VendorServer

    def setup(self) -> None:
        super().setup()
        self.server.open_sockets.add(self.connection)

    def finish(self) -> None:
        self.server.open_sockets.discard(self.connection)
        with contextlib.suppress(OSError):
            super().finish()

    def log_message(self, *_args: object) -> None:
        """Keep quiet: the world counts requests."""

    def serve(self) -> None:
        try:
            self._serve(self._request())
        except OSError:
            self.close_connection = True

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = serve  # noqa: N815  the names are the library's

    def _request(self) -> Request:
        path, _, query = self.path.partition("?")
        length = int(self.headers.get("Content-Length") or 0)
        values = parse_qs(query, keep_blank_values=True)
        return Request(
            method=self.command,
            target=self.path,
            path=path,
            host=self.headers.get("Host", ""),
            headers={name.lower(): value for name, value in self.headers.items()},
            query={name: tuple(texts) for name, texts in values.items()},
            body=self.rfile.read(length) if length else b"",
        )

    def _serve(self, request: Request) -> None:
        world, name = self.server.world, self.server.service.name
        fault = world.take_fault(name, request.method, request.target)
        kind = fault.kind if fault else ""
        if fault and kind == "latency":
            time.sleep(fault.seconds)
        said = _instead(fault)
        if kind == "drop":
            said = Response(0)
        elif said is None:
            said = _answer(self.server.service, world, request)
        world.record(name, request.method, request.target, said.status, created=said.created)
        if kind == "hold":
            self.connection.recv(1)
        if kind in ("drop", "lost_answer", "hold"):
            self.close_connection = True
            return
        self._send(_failing(fault) if fault and kind == "late_status" else said, fault)

    def _send(self, said: Response, fault: Fault | None) -> None:
        kind = fault.kind if fault else ""
        body = said.body
        half = body[: len(body) // 2]
        if kind == "truncate":
            body = half
        head = _head(said, len(body))
        if fault and kind == "drip":
            self.wfile.write(head)
            step = max(1, len(body) // _PIECES)
            for start in range(0, len(body), step):
                self.wfile.write(body[start : start + step])
                time.sleep(fault.seconds)
        elif kind == "short_body":
            self.wfile.write(head + half)
            self.close_connection = True
        else:
            self.wfile.write(head + body)


def _answer(service: Service, world: World, request: Request) -> Response:
    try:
        return answer(service, world, request)
    except ValueError:
        return reply({"message": "Problems parsing JSON"}, 400)


def _instead(fault: Fault | None) -> Response | None:
    if fault and fault.kind == "status":
        return _failing(fault)
    if fault and fault.kind == "html":
        return Response(200, _SIGN_IN, "text/html; charset=utf-8")
    return None


def _failing(fault: Fault) -> Response:
    wait = (("Retry-After", fault.retry_after),) if fault.retry_after else ()
    return reply({"message": _phrase(fault.status)}, fault.status, *wait)


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:  # vendors have numbers of their own (529)
        return "Unknown"


def _head(said: Response, length: int) -> bytes:
    lines = [f"HTTP/1.1 {said.status} {_phrase(said.status)}"]
    lines.append(f"Date: {formatdate(usegmt=True)}")
    if said.content_type:
        lines.append(f"Content-Type: {said.content_type}")
    if said.status != HTTPStatus.NO_CONTENT:
        lines.append(f"Content-Length: {length}")
    lines += [f"{name}: {value}" for name, value in said.headers]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1", "replace")


@dataclass(frozen=True, slots=True)
class Endpoints:
    """Where each vendor listens, by vendor name; "control" is the control port."""

    urls: Mapping[str, str]

    def __getitem__(self, vendor: str) -> str:
        """Return one vendor's address; raises KeyError for an unknown vendor."""
        return self.urls[vendor]


@contextlib.contextmanager
def serving(world: World, services: tuple[Service, ...]) -> Iterator[Endpoints]:
    """Run the services on free ports until the block ends; they are listening on entry."""
    servers = [VendorServer(service, world) for service in services]
    for server in servers:
        threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield Endpoints({server.service.name: server.url for server in servers})
    finally:
        for server in servers:
            server.stop()
