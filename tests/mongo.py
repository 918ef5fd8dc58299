"""A MongoDB server as far as logins go, on loopback: OP_MSG with the vendor's BSON, SCRAM as servers do.

No package of a real one can be had from the registries that the tests use. That the vendor's own
driver logs in here is a test of its own.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import hmac
import os
import socket
import ssl
import struct
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import bson

from connectors.scram import new_nonce
from tests.connectors.wire import listening

SCRAM = {"SCRAM-SHA-1": "sha1", "SCRAM-SHA-256": "sha256"}
FAILED: Mapping[str, Any] = {"ok": 0.0, "code": 18, "codeName": "AuthenticationFailed", "errmsg": "Authentication failed."}  # fmt: skip
Answer = Callable[[Mapping[str, Any]], Mapping[str, Any] | None]


@dataclass(frozen=True, slots=True)
class User:
    password: str
    mechanisms: tuple[str, ...] = ("SCRAM-SHA-1", "SCRAM-SHA-256")


@dataclass
class Mongo:
    """`users` by "database.name". `before` may answer a command in the server's place. `asked`
    keeps the commands. `lies` makes the server sign as one that does not know the password.
    """

    users: dict[str, User] = field(default_factory=dict)
    before: Answer = lambda _: None
    tells_mechanisms: bool = True
    lies: bool = False
    port: int = 0
    asked: list[Mapping[str, Any]] = field(default_factory=list)
    raw: bytearray = field(default_factory=bytearray)

    def names(self) -> list[str]:
        return [next(iter(words)) for words in self.asked]


class _Session:
    def __init__(self, server: Mongo) -> None:
        self.server, self.user = server, ""
        self.digest, self.first, self.challenge, self.key = "", "", "", b""

    def answer(self, words: Mapping[str, Any]) -> Mapping[str, Any]:
        told = self.server.before(words)
        if told is not None:
            return told
        name = next(iter(words))
        known = {"hello": self._hello, "saslStart": self._start, "saslContinue": self._continue, "connectionStatus": self._status}  # fmt: skip
        return known[name](words) if name in known else {"ok": 1.0}

    def _hello(self, words: Mapping[str, Any]) -> Mapping[str, Any]:
        told: dict[str, Any] = {"ok": 1.0, "isWritablePrimary": True, "maxWireVersion": 25, "minWireVersion": 0, "maxBsonObjectSize": 2**24, "maxMessageSizeBytes": 48000000, "maxWriteBatchSize": 100000, "helloOk": True, "readOnly": False}  # fmt: skip
        user = self.server.users.get(words.get("saslSupportedMechs", ""))
        if user and self.server.tells_mechanisms:
            told["saslSupportedMechs"] = list(user.mechanisms)
        return told

    def _start(self, words: Mapping[str, Any]) -> Mapping[str, Any]:
        mechanism = str(words["mechanism"])
        self.first = bytes(words["payload"]).decode().removeprefix("n,,")
        parts = dict(part.split("=", 1) for part in self.first.split(","))
        self.user = f"{words['$db']}.{parts['n'].replace('=2C', ',').replace('=3D', '=')}"
        user = self.server.users.get(self.user)
        if user is None or mechanism not in user.mechanisms:
            return FAILED
        self.digest, salt, password = SCRAM[mechanism], os.urandom(16), user.password
        if self.digest == "sha1":
            text = f"{self.user.partition('.')[2]}:mongo:{password}"
            password = hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
        self.key = hashlib.pbkdf2_hmac(self.digest, password.encode(), salt, 4096)
        nonce = parts["r"] + new_nonce()
        self.challenge = f"r={nonce},s={base64.b64encode(salt).decode()},i=4096"
        return {"ok": 1.0, "conversationId": 1, "done": False, "payload": self.challenge.encode()}

    def _continue(self, words: Mapping[str, Any]) -> Mapping[str, Any]:
        bare, _, proof = bytes(words["payload"]).decode().rpartition(",p=")
        said = f"{self.first},{self.challenge},{bare}".encode()
        stored = hashlib.new(self.digest, self._mac(self.key, b"Client Key")).digest()
        signature = self._mac(stored, said)
        client = bytes(a ^ b for a, b in zip(base64.b64decode(proof), signature, strict=True))
        if hashlib.new(self.digest, client).digest() != stored and not self.server.lies:
            return FAILED
        server = self._mac(os.urandom(20) if self.server.lies else self.key, b"Server Key")
        verifier = b"v=" + base64.b64encode(self._mac(server, said))
        return {"ok": 1.0, "conversationId": 1, "done": True, "payload": verifier}

    def _status(self, _: Mapping[str, Any]) -> Mapping[str, Any]:
        source, user = self.user.split(".", 1)
        return {"ok": 1.0, "authInfo": {"authenticatedUsers": [{"user": user, "db": source}]}}

    def _mac(self, key: bytes, text: bytes) -> bytes:
        return hmac.new(key, text, self.digest).digest()


@contextlib.contextmanager
def mongo(server: Mongo, tls: tuple[Path, Path] | None = None) -> Iterator[Mongo]:
    """Serve on a loopback port, which is then told in `server.port`."""

    def talk(sock: socket.socket) -> None:
        with contextlib.ExitStack() as stack:
            if tls is not None:
                context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
                context.load_cert_chain(*tls)
                sock = stack.enter_context(context.wrap_socket(sock, server_side=True))
            session = _Session(server)
            while True:
                _serve_one(sock, server, session)

    with listening(talk) as server.port:
        yield server


def _serve_one(sock: socket.socket, server: Mongo, session: _Session) -> None:
    size, number, _, _ = struct.unpack("<iiii", _exactly(sock, 16))
    body = _exactly(sock, size - 16)
    server.raw += body
    words = bson.decode(body[5:])
    server.asked.append(words)
    told = bson.encode(session.answer(words))
    sock.sendall(struct.pack("<iiiiIB", 21 + len(told), 1, number, 2013, 0, 0) + told)


def _exactly(sock: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        part = sock.recv(size - len(data))
        if not part:
            raise EOFError
        data += part
    return data
