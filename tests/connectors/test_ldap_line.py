from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from connectors.ldap_line import Login, opened
from correlate.errors import OffkeyError, SourceError, Unavailable
from correlate.secret import Secret
from tests.connectors.ldap_relay import number_of
from tests.services import certificate, slapd

BASE = "dc=example,dc=test"
PASSWORD = "rea" + "der-1"
LDIF = (
    f"dn: {BASE}\nobjectClass: dcObject\nobjectClass: organization\ndc: example\no: Example\n\n"
    f"dn: cn=reader,{BASE}\nobjectClass: organizationalRole\nobjectClass: simpleSecurityObject\n"
    f"cn: reader\nuserPassword: {PASSWORD}\n"
)


def login(url: str, ca_file: Path | None = None) -> Login:
    return Login(url, f"cn=reader,{BASE}", Secret(PASSWORD), False, ca_file, 1.0, 5)  # noqa: FBT003


@pytest.mark.service
def test_one_entry_is_read_and_an_absent_one_is_none(tmp_path: Path) -> None:
    with (
        slapd(tmp_path, LDIF, BASE, PASSWORD) as server,
        opened("ldap", login(f"ldaps://127.0.0.1:{server.tls_port}", server.ca_file)) as line,
    ):
        found = line.entry(f"cn=reader,{BASE}", ["cn"])
        assert found == (f"cn=reader,{BASE}", {"cn": (b"reader",)})
        for name in (f"cn=nobody,{BASE}", "no name", "dc=elsewhere"):
            assert line.entry(name, ["cn"]) is None
        with pytest.raises(SourceError):
            list(line.entries("dc=elsewhere", "(cn=*)", ["cn"]))


def ber(tag: int, *parts: bytes) -> bytes:
    body = b"".join(parts)
    assert len(body) < 128
    return bytes([tag, len(body)]) + body


def answer(number: bytes, *operations: bytes) -> bytes:
    """Return LDAP messages: RFC 4511, 4.1.1."""
    return b"".join(ber(0x30, number, one) for one in operations)


OK = (ber(10, b"\0"), ber(4), ber(4))
BOUND, DONE = ber(0x61, *OK), ber(0x65, *OK)


def held(attribute: str, *values: bytes) -> bytes:
    """Return an entry with one attribute: RFC 4511, 4.5.2."""
    one = ber(0x30, ber(4, attribute.encode()), ber(0x31, *(ber(4, value) for value in values)))
    return ber(0x64, ber(4, b"cn=x"), ber(0x30, one))


@contextmanager
def scripted(talk: Callable[[socket.socket], None]) -> Iterator[int]:
    """Run a server that talks to whoever comes first."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with suppress(OSError):
            near, _ = listener.accept()
            with near, suppress(OSError):
                talk(near)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield int(listener.getsockname()[1])
    finally:
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        thread.join(5)
        listener.close()


def script(*answers: tuple[bytes, ...]) -> Callable[[socket.socket], None]:
    def talk(near: socket.socket) -> None:
        for operations in answers:
            if not (asked := near.recv(65536)):
                return
            near.sendall(answer(number_of(asked), *operations))
        near.recv(65536)

    return talk


def read(port: int, attribute: str) -> list[tuple[bytes, ...]]:
    with opened("ldap", login(f"ldap://127.0.0.1:{port}")) as line:
        return [tuple(raw[attribute]) for _, raw in line.entries("", "(cn=*)", [attribute])]


def test_a_range_is_followed_by_a_search_of_its_own() -> None:
    first, second = held("m;range=0-1", b"a", b"b"), held("m;range=2-*", b"c")
    with scripted(script((BOUND,), (first, DONE), (second, DONE))) as port:
        assert read(port, "m") == [(b"a", b"b", b"c")]


@pytest.mark.parametrize(
    "second",
    [
        (DONE,),
        (held("m", b"c"), DONE),
        (held("m;range=3-*", b"c"), DONE),
        (ber(0x65, ber(10, b"\x01"), ber(4), ber(4)),),  # operationsError
        (ber(0x65, ber(10, b"\x20"), ber(4), ber(4)),),  # noSuchObject: it was deleted meanwhile
    ],
)
def test_a_range_that_is_not_ended_is_an_error(second: tuple[bytes, ...]) -> None:
    with (
        scripted(script((BOUND,), (held("m;range=0-1", b"a", b"b"), DONE), second)) as port,
        pytest.raises(SourceError, match=r"an attribute was not read to its end|result code 1"),
    ):
        read(port, "m")


@pytest.mark.parametrize(
    "noise", [b"HTTP/1.1 400 Bad Request\r\n\r\n", b"\x30\x03\x02\x01", b"\xff" * 64]
)
def test_what_speaks_no_ldap_is_an_error(noise: bytes) -> None:
    def talk(near: socket.socket) -> None:
        near.recv(65536)
        near.sendall(noise)

    with scripted(talk) as port, pytest.raises(OffkeyError):
        read(port, "m")


def test_a_certificate_of_another_host_gets_no_password(tmp_path: Path) -> None:
    cert, key = certificate(tmp_path, "127.0.0.9")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    heard: list[bytes] = []

    def talk(near: socket.socket) -> None:
        with context.wrap_socket(near, server_side=True) as secure:
            heard.append(secure.recv(65536))

    with scripted(talk) as port, pytest.raises(Unavailable):
        read_secure(port, cert)
    assert not any(PASSWORD.encode() in data for data in heard)


def read_secure(port: int, ca_file: Path) -> None:
    with opened("ldap", login(f"ldaps://127.0.0.1:{port}", ca_file)):
        pytest.fail("it was trusted")
