from __future__ import annotations

import os
import shutil
import socket
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.issuer_postgres import PostgresIssuer, Settings, _driver, _refused
from correlate.errors import ConfigError
from correlate.kind import Kind, Verification
from correlate.model import Identity, KindId, Liveness, LivenessState
from correlate.secret import Secret
from tests.services import certificate, postgresql

NOW = datetime(2026, 3, 1, 8, tzinfo=UTC)
RULE = Verification("postgres_login", "configured", "https://www.postgresql.org/docs/current/")
KIND = Kind(KindId("pg"), "database", "URL", "(p)", ("p",), "https://x.example", "", verification=RULE)  # fmt: skip
PASSWORD = "pa@ss/" + "w0rd" * 3
QUOTED = PASSWORD.replace("@", "%40").replace("/", "%2F")
CA: list[Path] = []
ASKED = Liveness(LivenessState.UNKNOWN, NOW, "")
INSIDE = [
    "127.0.0.1", "10.0.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "::1",
    "::ffff:127.0.0.1", "fe80::1", "fd00::1", "0.0.0.0", "64:ff9b::7f00:1",  # noqa: S104
]  # fmt: skip


def issuer(server: str, *addresses: str, **changes: Any) -> PostgresIssuer:
    host = server.rpartition(":")[0]
    settings: dict[str, Any] = {"hosts": (server,), "plain_hosts": (server,), "internal_hosts": (host,), "timeout_s": 5.0}  # fmt: skip
    found = addresses or ("127.0.0.1",)
    return PostgresIssuer("pg", (KIND,), Settings(**settings | changes), lambda *_: found)


def login(server: str, user: str = "jane", password: str = QUOTED) -> Secret:
    return Secret(f"postgresql://{user}:{password}@{server}/postgres")


def _encrypt(conn: psycopg.Connection, folder: Path) -> None:
    """Let the server speak TLS as "localhost"; its certificate is left in its own folder."""
    row = conn.execute("show data_directory").fetchone()
    assert row is not None
    home = Path(str(row[0]))
    for made, name in zip(certificate(folder), ("server.crt", "server.key"), strict=True):
        shutil.copy(made, home / name)
        os.chown(home / name, home.stat().st_uid, home.stat().st_gid)
        (home / name).chmod(0o600)
    conn.execute("alter system set ssl = on")
    CA.append(home / "server.crt")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real server with logins by password, and one by trust."""
    with postgresql() as url:
        port = urlsplit(url).port
        with psycopg.connect(f"host=127.0.0.1 port={port} user=offkey dbname=postgres", autocommit=True) as conn:  # fmt: skip
            conn.execute(f"create role jane login createrole password '{PASSWORD}' valid until '2099-01-01Z'")  # fmt: skip
            conn.execute(f"create role away nologin password '{PASSWORD}'")
            conn.execute(f"create role late login password '{PASSWORD}' valid until '2001-01-01'")  # fmt: skip
            conn.execute(f"create role free login password '{PASSWORD}'")
            row = conn.execute("show hba_file").fetchone()
            assert row is not None
            Path(str(row[0])).write_text("host all offkey,free all trust\nhost all all all scram-sha-256\n")  # fmt: skip
            _encrypt(conn, tmp_path_factory.mktemp("tls"))
            conn.execute("select pg_reload_conf()")
        yield f"db.example:{port}"


@pytest.mark.service
@pytest.mark.parametrize(
    ("user", "password", "state"),
    [
        ("jane", QUOTED, LivenessState.LIVE),
        ("jane", "other", LivenessState.DEAD),
        ("nobody", QUOTED, LivenessState.DEAD),
        ("late", QUOTED, LivenessState.DEAD),
        ("away", QUOTED, LivenessState.SUSPENDED),
        ("free", "anything", LivenessState.UNKNOWN),
    ],
)
def test_a_real_server_decides(server: str, user: str, password: str, state: LivenessState) -> None:
    found = issuer(server).verify(KIND.id, login(server, user, password), NOW)
    assert found.state is state
    assert PASSWORD not in repr(found)
    assert QUOTED not in repr(found)


@pytest.mark.service
@pytest.mark.parametrize("database", ["", "/postgres", ":postgres", ":*"])
def test_a_login_of_a_file_is_asked_about_too(server: str, database: str) -> None:
    text = f"login://jane:{QUOTED}@{server}{database}"
    found = issuer(server).verify(KIND.id, Secret(text), NOW)
    assert found.state is LivenessState.LIVE


@pytest.mark.service
def test_a_live_login_tells_its_role_rights_and_end(server: str) -> None:
    found = issuer(server).verify(KIND.id, login(server), NOW)
    assert (found.identities, found.scopes) == ((Identity("login", "jane"),), ("createrole",))
    assert found.expires_at == datetime(2099, 1, 1, tzinfo=UTC)


@pytest.mark.service
def test_tls_is_verified(server: str) -> None:
    port = server.rpartition(":")[2]
    for name, state in [("localhost", LivenessState.LIVE), ("db.example", LivenessState.UNKNOWN)]:
        one = issuer(f"{name}:{port}", plain_hosts=(), ca_file=CA[-1])
        assert one.verify(KIND.id, login(f"{name}:{port}"), NOW).state is state


@pytest.mark.service
def test_an_untrusted_server_is_told_no_login(server: str) -> None:
    for password in (QUOTED, "other"):
        found = issuer(server, plain_hosts=()).verify(KIND.id, login(server, "jane", password), NOW)
        assert found.state is LivenessState.UNKNOWN


@pytest.fixture
def trap() -> Iterator[tuple[int, list[bytes]]]:
    """A listener that drips; it gives its port and what it was told."""
    listener, told = socket.create_server(("127.0.0.1", 0)), list[bytes]()
    ended = threading.Event()

    def loop() -> None:
        while True:
            try:
                sock, _ = listener.accept()
            except OSError:
                return
            with sock:
                told.append(sock.recv(4096))
                try:
                    while sock.send(b"R") and not ended.wait(0.05):
                        continue
                except OSError:
                    continue

    thread = threading.Thread(target=loop, daemon=True)
    thread.start()
    yield listener.getsockname()[1], told
    ended.set()
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    thread.join(5)


def test_a_server_that_never_ends_its_answer_is_left(trap: tuple[int, list[bytes]]) -> None:
    port, told = trap
    server = f"db.example:{port}"
    found = issuer(server, timeout_s=0.5).verify(KIND.id, login(server), NOW)
    assert (found.state, len(told)) == (LivenessState.UNKNOWN, 1)


@pytest.mark.parametrize("address", INSIDE)
def test_an_address_inside_is_not_connected_to(address: str, trap: tuple[int, list[bytes]]) -> None:
    port, told = trap
    server = f"db.example:{port}"
    one = issuer(server, address, internal_hosts=())
    assert one.verify(KIND.id, login(server), NOW).state is LivenessState.UNKNOWN
    assert told == []


def test_a_server_that_is_not_configured_is_skipped(trap: tuple[int, list[bytes]]) -> None:
    port, told = trap
    for one in (issuer("db.example:1"), issuer(f"db.example:{port}", hosts=())):
        found = one.verify(KIND.id, login(f"db.example:{port}"), NOW)
        assert (found.state, told) == (LivenessState.SKIPPED, [])


def test_a_login_is_tried_once_a_run(trap: tuple[int, list[bytes]]) -> None:
    port, told = trap
    one = issuer(f"db.example:{port}", timeout_s=0.5)
    for _ in range(3):
        one.verify(KIND.id, login(f"db.example:{port}"), NOW)
    assert len(told) == 1


@given(st.text(max_size=200))
def test_no_text_but_the_servers_refusal_is_a_death(text: str) -> None:
    assert _refused(ASKED, text).state is LivenessState.UNKNOWN


@pytest.mark.parametrize(
    "text",
    [
        'failed: FATAL:  role "password authentication failed for user" does not exist',
        "failed: FATAL:  sorry, too many clients already",
        "failed: FATAL:  the database system is starting up",
        'failed: FATAL:  no pg_hba.conf entry for host "1.2.3.4", user "jane"',
        'failed: FATAL:  LDAP authentication failed for user "jane"',
        "failed: Connection refused",
    ],
)
def test_other_refusals_are_unknown(text: str) -> None:
    assert _refused(ASKED, text).state is LivenessState.UNKNOWN


@given(st.text(max_size=80) | st.text(max_size=60).map("postgresql://".__add__))
def test_nonsense_never_raises_and_is_never_decided(text: str) -> None:
    found = issuer("db.example:5432").verify(KIND.id, Secret(text), NOW)
    assert found.state in (LivenessState.UNKNOWN, LivenessState.SKIPPED)


def test_without_the_driver_the_error_names_the_extra() -> None:
    def load(name: str) -> Any:
        raise ImportError(name)

    with pytest.raises(ConfigError, match=r"offkey\[postgres\]"):
        _driver(load)


def test_an_unknown_kind_is_not_verifiable() -> None:
    found = issuer("db.example:5432").verify(KindId("?"), login("db.example:5432"), NOW)
    assert found.state is LivenessState.NOT_VERIFIABLE
