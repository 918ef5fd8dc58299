"""Small servers on loopback for the tests: one that answers by a function, one that misbehaves."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True, slots=True)
class Asked:
    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Told:
    status: int = 200
    body: bytes = b"{}"
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)
    promised: int | None = None  # a length that is not the body's


# what any server, or anything that stands before one, may say of anything
ANY_SERVER = {
    "rate limited": Told(429, b'{"message": "slow down"}', headers={"Retry-After": "30"}),
    "server error": Told(500, b'{"error": "internal"}'),
    "bad gateway": Told(502, b"<html>Bad gateway</html>", "text/html"),
    "unavailable": Told(503, b'{"error": "maintenance"}'),
    "a page": Told(200, b"<!doctype html><title>Sign in</title>", "text/html; charset=utf-8"),
    "a captcha": Told(403, b"<html><div class='cf-challenge'></div></html>", "text/html"),
    "a page of 401": Told(401, b"<html>Unauthorized</html>", "text/html"),
    "a redirect": Told(302, b"", headers={"Location": "https://login.example/"}),
    "nothing": Told(200, b""),
    "an empty object": Told(200, b"{}"),
    "an empty list": Told(200, b"[]"),
    "no content": Told(204, b""),
    "a proxy": Told(407, b'{"error": "proxy"}'),
    "a teapot": Told(418, b'{"message": "Unauthorized"}'),
}


Answerer = Callable[[Asked], Told]


@contextlib.contextmanager
def answering(answer: Answerer) -> Iterator[str]:
    """Serve `answer` and yield the base URL."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _any(self) -> None:
            url = urlsplit(self.path)
            size = int(self.headers.get("Content-Length") or 0)
            told = answer(
                Asked(
                    self.command,
                    url.path,
                    dict(parse_qsl(url.query, keep_blank_values=True)),
                    {name.lower(): value for name, value in self.headers.items()},
                    self.rfile.read(size),
                )
            )
            self.send_response(told.status)
            self.send_header("Content-Type", told.content_type)
            self.send_header("Content-Length", str(told.promised or len(told.body)))
            for name, value in told.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(told.body)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = _any  # noqa: N815

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


@contextlib.contextmanager
def listening(talk: Callable[[socket.socket], None]) -> Iterator[int]:
    """Give every connection to `talk`, in a thread of its own; yield the port."""
    listener = socket.create_server(("127.0.0.1", 0))

    def one(sock: socket.socket) -> None:
        with sock, contextlib.suppress(OSError, EOFError):
            talk(sock)

    def loop() -> None:
        while True:
            try:
                sock, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=one, args=(sock,), daemon=True).start()

    thread = threading.Thread(target=loop, daemon=True)
    thread.start()
    try:
        yield int(listener.getsockname()[1])
    finally:
        # a thread left in `accept` would take the connections of whoever gets the number next
        listener.shutdown(socket.SHUT_RDWR)
        thread.join(5)
        listener.close()


@contextlib.contextmanager
def raw(talk: Callable[[socket.socket], None]) -> Iterator[str]:
    """Give every connection to `talk`, after its request's head was read."""

    def headed(sock: socket.socket) -> None:
        head = b""
        while b"\r\n\r\n" not in head:
            part = sock.recv(4096)
            if not part:
                return
            head += part
        talk(sock)

    with listening(headed) as port:
        yield f"http://127.0.0.1:{port}"


@dataclass(slots=True)
class Drip:
    """What a dripping server did: where it listens, how many connections came, and how many bytes
    it gave out before the first of them was ended.
    """

    port: int
    connections: int = 0
    given: int = 0


@contextlib.contextmanager
def dripping(head: bytes, drop: bytes, pace_s: float, most: int) -> Iterator[Drip]:
    """Give the first connection `head`, then a `drop` every `pace_s` until it is ended, `most` at
    the utmost; refuse what the others ask.
    """
    drip, ended = Drip(0), threading.Event()

    def first(sock: socket.socket) -> None:
        sock.sendall(head)
        while drip.given < most and not ended.wait(pace_s):
            sock.sendall(drop)
            drip.given += 1

    def other(sock: socket.socket) -> None:
        sock.recv(65_536)
        sock.sendall(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")

    def talk(sock: socket.socket) -> None:
        drip.connections += 1
        (first if drip.connections == 1 else other)(sock)

    with listening(talk) as drip.port:
        try:
            yield drip
        finally:
            ended.set()
