"""A folder on an SFTP server whose host key is known beforehand. Reads only.

paramiko from 5 on: it has no SHA-1 any more (CVE-2026-44405,
https://www.paramiko.org/changelog.html).
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import importlib
import io
import logging
import socket
import stat
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from connectors.pinned import Watch
from correlate.errors import AuthError, ConfigError, OffkeyError, Refused, Unavailable
from correlate.secret import Secret

_RSA = ("rsa-sha2-512", "rsa-sha2-256")  # how a key of the type ssh-rsa signs today


@dataclass(frozen=True, slots=True)
class HostKey:
    """A server's public key, as in "ssh-ed25519 AAAA..." (a line of known_hosts without its name)."""

    type: str
    data: bytes

    @property
    def signatures(self) -> tuple[str, ...]:
        """The signatures that a key of this type makes."""
        return _RSA if self.type == "ssh-rsa" else (self.type,)


def host_key(text: str) -> HostKey:
    """Return the key that `text` spells. Raises ValueError for one that is none."""
    kind, _, rest = text.strip().partition(" ")
    try:
        data = base64.b64decode(rest.split(" ")[0], validate=True)
    except binascii.Error:
        data = b""
    if data[:4] != len(kind).to_bytes(4) or data[4 : 4 + len(kind)] != kind.encode():
        raise ValueError("it is no public key of a host")  # RFC 4253, 6.6: the type stands inside
    return HostKey(kind, data)


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """A file as a folder lists it."""

    name: str
    size: int
    written_at: datetime


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder of an open session. Raises SFTP's faults as they are; `SftpServer.open` maps them."""

    session: Any
    path: str

    def files(self) -> list[RemoteFile]:
        """Return the files in it; folders, links and devices are none."""
        return [
            _file(entry.filename, entry)
            for entry in self.session.listdir_attr(self.path)
            if stat.S_ISREG(entry.st_mode or 0)
        ]

    def look(self, name: str) -> RemoteFile:
        """Return the file as it stands now."""
        return _file(name, self.session.stat(self._at(name)))

    def read(self, name: str, most: int) -> bytes:
        """Return what the file holds, `most` bytes and one more at the utmost."""
        with self.session.open(self._at(name), "rb") as opened:
            opened.prefetch()
            return bytes(opened.read(most + 1))

    def _at(self, name: str) -> str:
        return f"{self.path.rstrip('/')}/{name}"


def _file(name: str, entry: Any) -> RemoteFile:
    written_at = datetime.fromtimestamp(entry.st_mtime or 0, UTC)
    return RemoteFile(name, entry.st_size or 0, written_at)


@dataclass(frozen=True, slots=True)
class SftpServer:
    """Where the folder is and who we are there: by `private_key` (PEM or OpenSSH) or `password`."""

    feed: str
    host: str
    port: int
    user: str
    key: HostKey
    private_key: Secret | None = None
    passphrase: Secret | None = None
    password: Secret | None = None
    timeout_s: float = 300.0
    load: Callable[[str], Any] = field(default=importlib.import_module, repr=False)

    @contextlib.contextmanager
    def open(self, path: str) -> Iterator[Folder]:
        """Open the folder until the block ends, `timeout_s` seconds in all.

        Raises Refused for a server with another host key, before anything of our login is sent;
        AuthError, Unavailable; and ConfigError when paramiko is not there.
        """
        paramiko = self._library()
        with Watch(self.timeout_s) as watch, contextlib.ExitStack() as ends:
            try:
                sock = ends.enter_context(
                    socket.create_connection((self.host, self.port), self.timeout_s)
                )
                watch.guard(sock)
                transport = ends.enter_context(contextlib.closing(paramiko.Transport(sock)))
                self._greet(paramiko, transport)
                self._log_in(paramiko, transport)
                session = paramiko.SFTPClient.from_transport(transport)
                ends.enter_context(contextlib.closing(session))
                yield Folder(session, path)
            except OffkeyError:
                raise
            except (paramiko.SSHException, OSError, EOFError) as fault:
                why = "its time was up" if watch.fired else f"it failed ({type(fault).__name__})"
                raise Unavailable(
                    "a folder cannot be read", where=self.feed, why=why,
                    fix="check host, port, folder and their permissions, then run again",
                ) from None  # fmt: skip

    def _library(self) -> Any:
        try:
            paramiko = self.load("paramiko")
        except ImportError:
            raise ConfigError(
                "An SFTP folder cannot be read", where=f"people.{self.feed}",
                why="paramiko is not installed", fix="pip install 'offkey[sftp]'",
            ) from None  # fmt: skip
        logging.getLogger("paramiko").setLevel(logging.CRITICAL)
        return paramiko

    def _greet(self, paramiko: Any, transport: Any) -> None:
        """Agree on keys with the server, and refuse it when it is another one."""
        transport.get_security_options().key_types = self.key.signatures
        try:
            transport.start_client(timeout=self.timeout_s)
            shown = transport.get_remote_server_key().asbytes()
        except paramiko.SSHException as fault:
            # a server without a key of the pinned type fails here, and there is no error of its own
            if "host key" not in str(fault).lower():
                raise
            shown = b""
        if shown != self.key.data:
            raise Refused(
                "a server is not the one that is configured", where=self.feed,
                why="its host key is another",
                fix="ask its operator; if the key was changed, set host_key",
            )  # fmt: skip

    def _log_in(self, paramiko: Any, transport: Any) -> None:
        try:
            if self.private_key is not None:
                transport.auth_publickey(self.user, self._own_key(paramiko, self.private_key))
            elif self.password is not None:
                transport.auth_password(self.user, self.password.reveal())
        except paramiko.AuthenticationException:
            raise AuthError(
                "our own login was refused", where=self.feed, why="the server did not take it",
                fix="check user, private_key and password",
            ) from None  # fmt: skip

    def _own_key(self, paramiko: Any, key: Secret) -> Any:
        word = self.passphrase.reveal() if self.passphrase else None
        kinds: Sequence[Any] = (paramiko.Ed25519Key, paramiko.ECDSAKey, paramiko.RSAKey)
        for kind in kinds:
            with contextlib.suppress(paramiko.SSHException, ValueError, TypeError):
                text = io.StringIO(key.reveal() + "\n")
                return kind.from_private_key(text, word)
        raise ConfigError(
            "A key cannot be used", where=f"people.{self.feed}.private_key",
            why="it is no Ed25519, ECDSA or RSA key, or its passphrase is another",
            fix="give the whole file, and passphrase if it has one",
        )  # fmt: skip
