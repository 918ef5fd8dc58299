from __future__ import annotations

import contextlib
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from connectors.issuer_mysql import Settings, _driver, connect
from correlate.errors import ConfigError
from correlate.model import Identity, KindId, Liveness, LivenessState
from correlate.secret import Secret
from tests.connectors.login_contract import (
    NOW,
    PASSWORD,
    QUOTED,
    SERVER,
    Bench,
    LoginContract,
    Rules,
    kind_of,
    maker,
    outbound_of,
)
from tests.connectors.outbound import Ask, At
from tests.services import MariaDB, certificate, mariadb

KIND = kind_of("mysql_login")
make = maker(Settings, connect, KIND)
GIVEN = f"identified by '{PASSWORD}'"
USERS = (
    f"create user jane@'%' {GIVEN}",
    f"create user far@'10.9.8.7' {GIVEN}",
    f"create user locked@'%' {GIVEN} account lock",
    f"create user late@'%' {GIVEN} password expire",
    f"create user carded@'%' {GIVEN} require x509",
    "create user open@'%'",
    f"create user curved@'%' identified via ed25519 using password('{PASSWORD}')",
)
LIVE, DEAD, UNKNOWN = LivenessState.LIVE, LivenessState.DEAD, LivenessState.UNKNOWN


class TestMysqlContract(LoginContract):
    @pytest.fixture
    def bench(self) -> Bench:
        return Bench(make, "mysql")


def asked(
    port: int, login: str, *, ca: Path | None = None, host: str = SERVER, decisive: bool = True
) -> Liveness:
    server = (f"{host}:{port}",)
    rules = Rules(server, () if ca else server, (host,))
    more: dict[str, Any] = {"decisive_hosts": server if decisive else (), "ca_file": ca}
    one = make(rules, lambda *_: ("127.0.0.1",), **more)
    return one.verify(KindId("login"), Secret(f"mysql://{login}@{server[0]}/app"), NOW)


@pytest.fixture(scope="module")
def server() -> Iterator[MariaDB]:
    with mariadb(*USERS, options=("--plugin-load-add=auth_ed25519",)) as running:
        yield running


@pytest.mark.service
@pytest.mark.parametrize(
    ("login", "decisive", "state"),
    [
        (f"jane:{QUOTED}", False, LIVE),
        ("jane:other", True, DEAD),
        ("jane:other", False, UNKNOWN),
        (f"nobody:{QUOTED}", True, DEAD),
        (f"nobody:{QUOTED}", False, UNKNOWN),
        # right, and refused as a wrong one is: from another host or with a certificate it gets in
        (f"far:{QUOTED}", False, UNKNOWN),
        (f"carded:{QUOTED}", False, UNKNOWN),
        (f"locked:{QUOTED}", True, LivenessState.SUSPENDED),
        (f"late:{QUOTED}", True, LivenessState.LIVE_LIMITED),
        ("late:other", True, DEAD),
        (f"open:{QUOTED}", True, DEAD),
        (f"curved:{QUOTED}", False, LIVE),
        ("curved:other", True, DEAD),
        (f":{QUOTED}", True, UNKNOWN),
    ],
)
@pytest.mark.parametrize("tls", [False, True])
def test_a_real_server_decides(
    server: MariaDB, tls: bool, login: str, decisive: bool, state: LivenessState
) -> None:
    ca, host = (server.ca_file, "localhost") if tls else (None, SERVER)
    found = asked(server.port, login, ca=ca, host=host, decisive=decisive)
    assert found.state is state
    user = login.partition(":")[0]
    assert found.identities == ((Identity("login", user),) if state is LIVE else ())
    for word in (PASSWORD, QUOTED):
        assert word not in repr(found)


@pytest.mark.service
def test_a_server_that_cuts_an_expired_login_off_took_its_password() -> None:
    with mariadb(*USERS[3:4], options=("--disconnect-on-expired-password=ON",)) as running:
        assert asked(running.port, f"late:{QUOTED}").state is LivenessState.LIVE_LIMITED


@pytest.mark.service
def test_a_server_that_lets_everybody_in_proves_nothing() -> None:
    with mariadb(options=("--skip-grant-tables", "--skip-networking=OFF")) as running:
        found = asked(running.port, f"jane:{QUOTED}")
    assert (found.state, found.reason) == (UNKNOWN, "the server lets a made-up login in")


@pytest.mark.service
def test_tls_is_verified(server: MariaDB) -> None:
    found = asked(server.port, f"jane:{QUOTED}", ca=server.ca_file)
    assert found.state is UNKNOWN
    assert found.reason.startswith("TLS failed")


# --- servers that are not honest -----------------------------------------------------

SSL_FLAG = 0x800
FLAGS = 0x1 | 0x200 | 0x8000 | 0x80000 | 0x1000 | 0x2000  # long password, 4.1, secure, plug-ins
OK = b"\x00\x00\x00\x02\x00\x00\x00"
MORE = b"\x01\x04"  # caching_sha2_password asks for the password itself


def greeting(plugin: str = "mysql_native_password", flags: int = FLAGS) -> bytes:
    return (
        b"\x0a8.4.0\x00" + struct.pack("<I", 7) + b"saltsalt\x00"
        + struct.pack("<HBHH", flags & 0xFFFF, 45, 2, flags >> 16)
        + bytes([21]) + b"\x00" * 10 + b"saltsaltsalt\x00" + plugin.encode() + b"\x00"
    )  # fmt: skip


def error(code: int, text: str = "Access denied") -> bytes:
    return b"\xff" + struct.pack("<H", code) + b"#28000" + text.encode()


def switch(plugin: str) -> bytes:
    return b"\xfe" + plugin.encode() + b"\x00" + b"s" * 20 + b"\x00"


class Client:
    """The connection of one who asks, packet by packet."""

    def __init__(self, sock: socket.socket) -> None:
        self.sock, self.told, self.number = sock, list[bytes](), 0

    def say(self, packet: bytes) -> None:
        self.sock.sendall(struct.pack("<I", len(packet))[:3] + bytes([self.number]) + packet)

    def hear(self) -> bytes:
        head = self._exactly(4)
        self.number = (head[3] + 1) % 256
        packet = self._exactly(int.from_bytes(head[:3], "little"))
        self.told.append(packet)
        return packet

    def _exactly(self, size: int) -> bytes:
        data = b""
        while len(data) < size:
            part = self.sock.recv(size - len(data))
            if not part:
                raise ConnectionError
            data += part
        return data


@contextlib.contextmanager
def fake(*talks: Callable[[Client], None]) -> Iterator[tuple[int, list[Client]]]:
    """A server that speaks each talk with one connection, in order."""
    listener, clients = socket.create_server(("127.0.0.1", 0)), list[Client]()

    def serve() -> None:
        for talk in talks:
            try:
                sock, _ = listener.accept()
            except OSError:
                return
            clients.append(Client(sock))
            with contextlib.suppress(OSError):
                talk(clients[-1])
                while clients[-1].hear():
                    continue
            clients[-1].sock.close()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield listener.getsockname()[1], clients
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(5)


def answers(packet: bytes, *, first: bytes | None = None) -> Callable[[Client], None]:
    """Greet, hear the login, and give this answer."""

    def talk(client: Client) -> None:
        client.say(first or greeting())
        client.hear()
        client.say(packet)

    return talk


@pytest.mark.parametrize(
    ("code", "state"),
    [
        (1040, UNKNOWN), (1044, UNKNOWN), (1129, UNKNOWN), (1130, UNKNOWN), (1203, UNKNOWN),
        (1226, UNKNOWN), (1251, UNKNOWN), (3032, UNKNOWN), (3159, UNKNOWN), (3955, UNKNOWN),
        (4150, UNKNOWN), (1045, DEAD), (1698, DEAD), (3118, LivenessState.SUSPENDED),
        (4151, LivenessState.SUSPENDED), (1820, LivenessState.LIVE_LIMITED),
        (1862, LivenessState.LIVE_LIMITED),
    ],
)  # fmt: skip
def test_each_error_means_what_it_says(code: int, state: LivenessState) -> None:
    with fake(answers(error(1045)), answers(error(code))) as (port, clients):
        assert asked(port, f"jane:{QUOTED}").state is state
    assert len(clients) == 2


@pytest.mark.parametrize("code", [1040, 1129, 1130, 1862, 3118, 4151])
def test_what_a_made_up_login_is_told_is_no_answer_about_the_found_one(code: int) -> None:
    with fake(lambda client: client.say(error(code)), answers(error(1045))) as (port, clients):
        assert asked(port, f"jane:{QUOTED}").state is UNKNOWN
    assert len(clients) == 1


@pytest.mark.parametrize(
    "talk",
    [
        answers(switch("mysql_clear_password")),
        answers(switch("dialog")),
        answers(switch("mysql_old_password")),
        answers(switch("sha256_password")),
        answers(switch("caching_sha2_password")),
        answers(switch("no_such_way")),
        answers(MORE, first=greeting("caching_sha2_password")),
        answers(b"\x01-----BEGIN PUBLIC KEY-----", first=greeting("sha256_password")),
    ],
)
def test_without_tls_no_password_leaves_in_a_form_that_can_be_read(
    talk: Callable[[Client], None],
) -> None:
    with fake(answers(error(1045)), talk) as (port, clients):
        assert asked(port, f"jane:{QUOTED}").state is UNKNOWN
    assert len(clients) == 2
    told = clients[1].told
    assert PASSWORD.encode() not in b"".join(told)
    assert len(told) == 1  # the login, with its scramble; nothing after it


def test_a_cleartext_password_is_not_sent_within_tls_either(tmp_path: Path) -> None:
    cert, key = certificate(tmp_path)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(cert, key)

    def within(packet: bytes) -> Callable[[Client], None]:
        def talk(client: Client) -> None:
            client.say(greeting(flags=FLAGS | SSL_FLAG))
            client.hear()
            client.sock = context.wrap_socket(client.sock, server_side=True)
            client.hear()
            client.say(packet)

        return talk

    with fake(within(error(1045)), within(switch("mysql_clear_password"))) as (port, clients):
        found = asked(port, f"jane:{QUOTED}", ca=cert, host="localhost")
    assert (found.state, len(clients)) == (UNKNOWN, 2)
    assert "not safe" in found.reason
    assert PASSWORD.encode() not in b"".join(clients[1].told)


def test_no_login_goes_to_a_server_that_says_it_has_no_tls(tmp_path: Path) -> None:
    cert, _ = certificate(tmp_path)
    with fake(answers(error(1045))) as (port, clients):
        assert asked(port, f"jane:{QUOTED}", ca=cert, host="localhost").state is UNKNOWN
    assert clients[0].told == []


def test_a_server_that_asks_for_a_file_gets_none(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("kept at home")

    def wanting(client: Client) -> None:
        answers(OK)(client)
        for answer in (OK, b"\xfb" + str(tmp_path / "file").encode()):
            client.hear()
            client.say(answer)

    with fake(answers(error(1045)), wanting) as (port, clients):
        assert asked(port, f"jane:{QUOTED}").state is UNKNOWN
    assert b"SELECT CURRENT_USER()" in b"".join(clients[1].told)
    assert b"kept at home" not in b"".join(clients[1].told)


@pytest.mark.parametrize(
    "packet",
    [b"", b"\x0a", b"\x0anot.a.version\x00", b"\xff", b"\x09old", b"\x00" * 300, b"HTTP/1.1 400"],
)
def test_a_greeting_that_is_none_decides_nothing(packet: bytes) -> None:
    with fake(lambda client: client.say(packet), lambda client: client.say(packet)) as (port, _):
        assert asked(port, f"jane:{QUOTED}").state is UNKNOWN


def test_a_made_up_login_is_tried_once_a_server_and_run() -> None:
    refusing = answers(error(1045))
    with fake(*[refusing] * 4) as (port, clients):
        server = (f"{SERVER}:{port}",)
        one = make(Rules(server, server, (SERVER,)), lambda *_: ("127.0.0.1",))
        for user in ("jane", "jack", "june"):
            one.verify(KindId("login"), Secret(f"mysql://{user}:p@{server[0]}"), NOW)
    users = [client.told[0][32:].partition(b"\x00")[0] for client in clients]
    assert users[1:] == [b"jane", b"jack", b"june"]


def test_the_name_of_an_anonymous_account_is_nobodys() -> None:
    def anonymous(client: Client) -> None:
        answers(OK)(client)
        client.hear()
        client.say(OK)
        client.hear()
        column = b"\x03def\x00\x00\x00\x01c\x00\x0c" + struct.pack("<HIBHB", 45, 80, 253, 0, 0) + b"\x00\x00"  # fmt: skip
        for packet in (b"\x01", column, b"\xfe\x00\x00\x02\x00", b"\x0a@localhost", b"\xfe\x00\x00\x02\x00"):  # fmt: skip
            client.say(packet)
            client.number += 1

    with fake(answers(error(1045)), anonymous) as (port, _):
        found = asked(port, f"jane:{QUOTED}")
    assert (found.state, found.identities) == (LIVE, ())


def test_without_the_driver_the_error_names_the_extra() -> None:
    def load(name: str) -> Any:
        raise ImportError(name)

    with pytest.raises(ConfigError, match=r"offkey\[mysql\]"):
        _driver(load)


def outbound(at: At) -> Ask:
    return outbound_of(Settings, connect, KIND, "mysql", at)
