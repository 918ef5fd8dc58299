from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from connectors.people_ldap import LdapPeople, Settings, connect
from connectors.store_sql import SqlStore
from correlate.errors import (
    AuthError,
    ConfigError,
    FeedRefused,
    OffkeyError,
    SourceError,
    Unavailable,
)
from correlate.memory import memory_of
from correlate.model import CoverageState, DirectoryAccount, PeopleSnapshot, Truth
from correlate.ports import Setup
from correlate.secret import Secret
from jobs.people import everybody, read_people
from tests.connectors.ldap_relay import Relay, relay
from tests.jobs.stage import fresh_store
from tests.services import Slapd, free_port, slapd

NOW = datetime(2026, 3, 2, tzinfo=UTC)
BASE = "dc=example,dc=test"
PASSWORD = "rea" + "der-1"
COUNT = 120
PAGES = 20


def _ldif() -> str:
    blocks = [
        f"dn: {BASE}\nobjectClass: dcObject\nobjectClass: organization\ndc: example\no: Example\n",
        *(
            f"dn: cn={cn},{BASE}\nobjectClass: organizationalRole\nobjectClass: simpleSecurityObject\n"
            f"cn: {cn}\nuserPassword: {PASSWORD}\n"
            for cn in ("reader", "small")
        ),
        f"dn: ou=people,{BASE}\nobjectClass: organizationalUnit\nou: people\n",
        f"dn: ou=other,{BASE}\nobjectClass: referral\nobjectClass: extensibleObject\nou: other\nref: ldap://127.0.0.1:1/ou=other\n",
    ]
    extra = {
        1: "pwdAccountLockedTime: 000001010000Z\n",
        2: "pwdAccountLockedTime: 20260301120000Z\n",
        3: "objectClass: shadowAccount\nshadowExpire: 20514\n",
        4: "employeeType: Disabled\n",
        5: "objectClass: shadowAccount\nshadowExpire: -1\n",
    }
    blocks += [
        f"dn: uid=u{n},ou=people,{BASE}\nobjectClass: inetOrgPerson\nuid: u{n}\ncn: User {n}\n"
        f"sn: {n}\nmail: u{n}@example.test\nmail: alias{n}@example.test\n"
        f"employeeNumber: {n:06d}\n{extra.get(n, '')}"
        for n in range(1, COUNT + 1)
    ]
    return "\n".join(blocks)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Slapd]:
    with slapd(tmp_path_factory.mktemp("slapd"), _ldif(), BASE, PASSWORD) as running:
        yield running


@dataclass(frozen=True, slots=True)
class Night:
    """A store that holds one whole read."""

    store: SqlStore
    folder: Path
    held: PeopleSnapshot


def feed(server: Slapd, workdir: Path = Path(os.devnull), **changes: Any) -> LdapPeople:
    settings = Settings(
        url=f"ldaps://localhost:{server.tls_port}",
        base=BASE,
        user=server.user,
        password=Secret(PASSWORD),
        disabled_marker="employeeType=disabled",
        ca_file=server.ca_file,
        page_size=40,
        timeout_s=5.0,
    )
    return connect(replace(settings, **changes), Setup("ldap", workdir))


def by_login(taken: PeopleSnapshot) -> dict[str, DirectoryAccount]:
    return {one.login: one for one in taken.accounts}


pytestmark = pytest.mark.service


def test_all_pages_are_read_over_a_verified_connection(server: Slapd) -> None:
    taken = feed(server).snapshot(NOW, None)
    assert (len(taken.accounts), taken.complete, taken.problems) == (COUNT, True, ())
    one = by_login(taken)["u7"]
    assert one.worker_id == "000007"
    assert one.emails == ("u7@example.test", "alias7@example.test")
    assert one.enabled is Truth.YES
    assert one.changed_at is not None
    assert len(one.account_id) == 36
    assert feed(server).snapshot(NOW, None).digest == taken.digest


def test_locks_markers_and_expiry_are_judged_by_the_raw_values(server: Slapd) -> None:
    held = by_login(feed(server).snapshot(NOW, None))
    assert held["u1"].enabled is Truth.NO  # locked for good
    assert held["u2"].enabled is Truth.YES  # a lock after wrong passwords is no departure
    assert held["u3"].expires_at == datetime(2026, 3, 2, tzinfo=UTC)
    assert held["u4"].enabled is Truth.NO
    assert held["u5"].expires_at is None


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
def test_start_tls_is_verified_too(server: Slapd, host: str) -> None:
    url = f"ldap://{host}:{server.plain_port}"
    assert len(feed(server, url=url, start_tls=True).snapshot(NOW, None).accounts) == COUNT
    with pytest.raises(Unavailable):
        feed(server, url=url, start_tls=True, ca_file=None).snapshot(NOW, None)


def test_an_untrusted_certificate_gets_no_password(server: Slapd) -> None:
    with pytest.raises(Unavailable):
        feed(server, ca_file=None).snapshot(NOW, None)


def test_a_truncated_answer_is_an_error_though_the_library_says_true(server: Slapd) -> None:
    small = feed(server, user=f"cn=small,{BASE}")
    with pytest.raises(SourceError, match="size limit"):
        small.snapshot(NOW, None)


def test_a_truncated_answer_leaves_the_last_whole_read_in_force(
    server: Slapd, night: Night
) -> None:
    small = feed(server, user=f"cn=small,{BASE}")
    report = read_people([small], night.store, NOW, 0)
    assert [part.state for part in report.coverage] == [CoverageState.FAILED]
    assert "size limit" in report.coverage[0].reason
    assert _held(night.store) == night.held


def test_a_wrong_password_is_our_own_fault(server: Slapd) -> None:
    with pytest.raises(AuthError) as caught:
        feed(server, password=Secret("wr" + "ong-1")).snapshot(NOW, None)
    assert "ong-1" not in str(caught.value)


def test_a_wrong_base_and_a_wrong_filter_are_errors(server: Slapd) -> None:
    wrong: list[dict[str, Any]] = [{"base": "dc=nowhere"}, {"filter": "(((unbalanced"}]
    for changes in wrong:
        with pytest.raises(OffkeyError):
            feed(server, **changes).snapshot(NOW, None)


def test_a_directory_that_is_down_is_unavailable(server: Slapd) -> None:
    with pytest.raises(Unavailable):
        feed(server, url=f"ldaps://localhost:{free_port()}").snapshot(NOW, None)


def test_a_directory_that_shrank_is_refused(server: Slapd) -> None:
    last = feed(server).snapshot(NOW, None)
    few = feed(server, filter="(&(objectClass=person)(uid=u1*))")
    with pytest.raises(FeedRefused, match="fell from"):
        few.snapshot(NOW, last)


def through(server: Slapd, line: Relay, workdir: Path, **changes: Any) -> LdapPeople:
    """Return a feed over a relay, in pages of which there are PAGES."""
    url = f"ldap://127.0.0.1:{line.port}"
    small: dict[str, Any] = {
        "url": url,
        "allow_plain": True,
        "page_size": COUNT // PAGES,
        **changes,
    }
    return feed(server, workdir, **small)


@pytest.fixture(scope="module")
def night(server: Slapd, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Night]:
    folder = tmp_path_factory.mktemp("night")
    store = fresh_store(folder)
    with relay(server.plain_port) as line:
        report = read_people([through(server, line, folder)], store, NOW, 0)
        assert (report.problems, line.entries) == ((), COUNT)
    yield Night(store, folder, _held(store))
    store.close()


def _held(store: SqlStore) -> PeopleSnapshot:
    with store.transaction() as tx:
        held = tx.people.last_snapshot("ldap")
    assert held is not None
    return held


@pytest.mark.parametrize(
    ("place", "page"),
    [("bind", 0), *product(("entry", "end"), range(1, PAGES + 1)), *product(("after",), range(1, PAGES))],
)  # fmt: skip
def test_a_line_cut_anywhere_leaves_the_last_whole_read_in_force(
    server: Slapd, night: Night, place: str, page: int
) -> None:
    with relay(server.plain_port, place, page) as line:
        one = through(server, line, night.folder, full_every_hours=0.0)
        with pytest.raises(SourceError):
            one.snapshot(NOW, night.held)
        report = read_people([one], night.store, NOW, 0)
    assert [part.state for part in report.coverage] == [CoverageState.FAILED]
    assert _held(night.store) == night.held
    with night.store.transaction() as tx:
        assert everybody(tx, NOW).leavers() == ["directory:u3"]  # it expired before
        memory = tx.people.last_snapshot(memory_of("ldap"))
    assert memory is not None
    assert memory.accounts == ()


@pytest.mark.parametrize(
    "changes",
    [
        {"url": "ldap://directory.example"},
        {"url": "ldap://directory.example", "allow_plain": True},
        {"url": "ldap://127.0.0.1"},
        {"url": "ldap://128.0.0.1", "allow_plain": True},
        {"url": "ldaps://dc.example:3269", "flavour": "ad"},
        {"url": "https://directory.example"},
        {"password": Secret("")},
        {"user": ""},
        {"page_size": 0},
        {"flavour": "novell"},
        {"attributes": {"logn": "uid"}},
        {"disabled_marker": "employeeType"},
    ],
)
def test_settings_that_are_unsafe_or_meaningless_are_refused(changes: dict[str, Any]) -> None:
    nowhere = Slapd(1, 1, Path("/nonexistent"), BASE, "cn=x", "y")
    with pytest.raises(ConfigError):
        feed(nowhere, **changes)
