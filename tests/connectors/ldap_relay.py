"""A line to an LDAP server that counts what passes, and breaks where a test wants it to."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

# protocolOp tags: RFC 4511, 4.1.1 and appendix B
_BOUND, _ENTRY, _DONE = 0x61, 0x64, 0x65
_SEQUENCE, _LONG = 0x30, 0x80


@dataclass(slots=True)
class Relay:
    """`page` counts the ends of searches, from 1. `place` is where in that page the line breaks:
    "bind" (in the answer to the login), "entry" (in the middle of its first entry), "end" (before
    its end is told), "after" (when its end was told) or "" for never.
    """

    server: int
    place: str = ""
    page: int = 1
    entries: int = 0
    port: int = 0
    _ended: int = 0
    _socks: list[socket.socket] = field(default_factory=list)
    _threads: list[threading.Thread] = field(default_factory=list)

    def serve(self, listener: socket.socket) -> None:
        """Take connections until the listener is shut."""
        while True:
            try:
                near, _ = listener.accept()
            except OSError:
                return
            far = socket.create_connection(("127.0.0.1", self.server))
            for sock in (near, far):
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # many small messages
            self._socks += [near, far]
            self._ended = 0
            self.start(self._asked, near, far)
            self.start(self._answered, far, near)

    def start(self, work: object, *words: socket.socket) -> None:
        """Run one direction of a line."""
        self._threads.append(threading.Thread(target=work, args=words, daemon=True))  # type: ignore[arg-type]
        self._threads[-1].start()

    def end(self, listener: socket.socket) -> None:
        """Shut all lines. Closing alone would leave `accept` waiting on a port that still listens."""
        for sock in (listener, *self._socks):
            _shut(sock)
        for thread in self._threads:
            thread.join(5)
        for sock in (listener, *self._socks):
            sock.close()

    def _asked(self, near: socket.socket, far: socket.socket) -> None:
        with suppress(OSError):
            while data := near.recv(65536):
                far.sendall(data)
        _shut(near, far)

    def _answered(self, far: socket.socket, near: socket.socket) -> None:
        held = b""
        with suppress(OSError):
            while data := far.recv(65536):
                held += data
                while (size := _size(held)) and len(held) >= size:
                    if not self._pass(near, held[:size]):
                        _shut(near, far)
                        return
                    held = held[size:]
        _shut(near, far)

    def _pass(self, near: socket.socket, message: bytes) -> bool:
        """Send a message on, all of it or half; return whether the line holds."""
        tag = _tag(message)
        here = self._ended + 1 == self.page
        if (tag, self.place) == (_BOUND, "bind") or (
            here and (tag, self.place) in ((_ENTRY, "entry"), (_DONE, "end"))
        ):
            near.sendall(message[: len(message) // 2] if self.place != "end" else b"")
            return False
        near.sendall(message)
        self.entries += tag == _ENTRY
        self._ended += tag == _DONE
        return not (here and (tag, self.place) == (_DONE, "after"))


@contextmanager
def relay(server: int, place: str = "", page: int = 1) -> Iterator[Relay]:
    """Run a relay to a loopback port."""
    listener = socket.create_server(("127.0.0.1", 0))
    made = Relay(server, place, page, port=int(listener.getsockname()[1]))
    made.start(made.serve, listener)
    try:
        yield made
    finally:
        made.end(listener)


def _shut(*socks: socket.socket) -> None:
    for sock in socks:
        with suppress(OSError):
            sock.shutdown(socket.SHUT_RDWR)


def _size(data: bytes) -> int:
    """Return the length of the BER message that begins here, 0 while that cannot be told."""
    head, length = _head(data)
    return head + length if head else 0


def _head(data: bytes) -> tuple[int, int]:
    if len(data) < 2:
        return 0, 0
    assert data[0] == _SEQUENCE
    if not data[1] & _LONG:
        return 2, data[1]
    count = data[1] & ~_LONG
    return (2 + count, int.from_bytes(data[2 : 2 + count])) if len(data) >= 2 + count else (0, 0)


def number_of(message: bytes) -> bytes:
    """Return the number of a message, in BER."""
    head, _ = _head(message)
    return message[head : head + 2 + message[head + 1]]


def _tag(message: bytes) -> int:
    head, _ = _head(message)
    return message[head + 2 + message[head + 1]]  # behind the message's number
