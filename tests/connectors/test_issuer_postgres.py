from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.address import Resolve
from connectors.issuer_postgres import PostgresIssuer, Settings, _driver, _refused, connect
from correlate.errors import ConfigError
from correlate.model import Identity, Liveness, LivenessState
from correlate.ports import Issuer
from correlate.secret import Secret
from tests.connectors.login_contract import (
    NOW,
    PASSWORD,
    QUOTED,
    Bench,
    LoginContract,
    Rules,
    kind_of,
    outbound_of,
)
from tests.connectors.outbound import Ask, At
from tests.services import certificate, postgresql

KIND = kind_of("postgres_login")
CA: list[Path] = []
ASKED = Liveness(LivenessState.UNKNOWN, NOW, "")


def issuer(server: str, *addresses: str, **changes: Any) -> PostgresIssuer:
    host = server.rpartition(":")[0]
    settings: dict[str, Any] = {"hosts": (server,), "plain_hosts": (server,), "internal_hosts": (host,), "timeout_s": 5.0}  # fmt: skip
    found = addresses or ("127.0.0.1",)
    return PostgresIssuer("pg", (KIND,), Settings(**settings | changes), lambda *_: found)


def make(rules: Rules, resolve: Resolve) -> Issuer:
    settings = Settings(
        rules.hosts, rules.plain_hosts, rules.internal_hosts, timeout_s=rules.timeout_s
    )
    return PostgresIssuer("pg", (KIND,), settings, resolve)


class TestPostgresContract(LoginContract):
    @pytest.fixture
    def bench(self) -> Bench:
        return Bench(make, "postgresql", least_s=2.0)


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


def test_without_the_driver_the_error_names_the_extra() -> None:
    def load(name: str) -> Any:
        raise ImportError(name)

    with pytest.raises(ConfigError, match=r"offkey\[postgres\]"):
        _driver(load)


def outbound(at: At) -> Ask:
    return outbound_of(Settings, connect, KIND, "postgresql", at)
