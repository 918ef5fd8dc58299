"""A mail server on loopback for the tests: one thread, RFC 5321's verbs, TLS from the start or after STARTTLS."""

from __future__ import annotations

import base64
import contextlib
import socket
import ssl
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(slots=True)
class Mailbox:
    """What was mailed. `says` replaces the answer to a verb ("RCPT TO:<x@y>" before "RCPT")."""

    cert: Path
    key: Path
    tls: bool = False
    starttls: bool = True
    says: Mapping[str, str] = field(default_factory=dict)
    mails: list[tuple[list[str], bytes]] = field(default_factory=list)
    heard: list[str] = field(default_factory=list)
    logins: list[str] = field(default_factory=list)
    in_the_clear: list[str] = field(default_factory=list)
    port: int = 0

    def serve(self, listener: socket.socket) -> None:
        """Answer one caller after the other until the listener is closed."""
        with contextlib.suppress(OSError):
            while True:
                connection, _ = listener.accept()
                connection.settimeout(5)
                session = _Session(self, connection)
                try:
                    session.run()
                except OSError:
                    pass  # a caller that hangs up, or does not believe our certificate
                finally:
                    session.close()


class _Session:
    def __init__(self, box: Mailbox, connection: socket.socket) -> None:
        self.box, self.connection, self.secret = box, connection, False
        self.lines = connection.makefile("rb")
        self.to: list[str] = []

    def run(self) -> None:
        if self.box.tls:
            self.wrap()
        self.say("220 mailbox")
        while line := self.lines.readline().decode().rstrip("\r\n"):
            verb = line.split(" ", 1)[0].upper()
            self.box.heard.append(line)
            if not self.secret:
                self.box.in_the_clear.append(verb)
            if special := self.box.says.get(verb):
                self.say(special)
            else:
                self.answer(verb, line)

    def answer(self, verb: str, line: str) -> None:
        match verb:
            case "EHLO":
                offers = ["STARTTLS"] if self.box.starttls and not self.secret else []
                self.say("250-mailbox", *(f"250-{offer}" for offer in offers), "250 AUTH PLAIN")
            case "STARTTLS":
                self.say("220 go ahead")
                self.wrap()
            case "AUTH":
                self.box.logins.append(base64.b64decode(line.rsplit(" ", 1)[1]).decode())
                self.say("235 welcome")
            case "RCPT":
                self.to.append(line.partition("<")[2].rstrip(">"))
                self.say("250 fine")
            case "DATA":
                self.data()
            case _:
                self.to = [] if verb == "RSET" else self.to
                self.say("250 fine")

    def data(self) -> None:
        self.say("354 go on")
        body = b""
        while (piece := self.lines.readline()) not in (b".\r\n", b""):
            body += piece
        self.box.mails.append((self.to, body))
        self.to = []
        self.say("250 kept")

    def wrap(self) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.box.cert, self.box.key)
        self.lines.close()
        self.connection = context.wrap_socket(self.connection, server_side=True)
        self.lines, self.secret = self.connection.makefile("rb"), True

    def say(self, *texts: str) -> None:
        self.connection.sendall("".join(f"{text}\r\n" for text in texts).encode())

    def close(self) -> None:
        self.lines.close()
        self.connection.close()


@contextlib.contextmanager
def receiving(mailbox: Mailbox) -> Iterator[Mailbox]:
    """Serve the mailbox on a free port of loopback."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        mailbox.port = listener.getsockname()[1]
        thread = threading.Thread(target=mailbox.serve, args=(listener,), daemon=True)
        thread.start()
        try:
            yield mailbox
        finally:
            with contextlib.suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
    thread.join(5)
