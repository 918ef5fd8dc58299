"""Active Directory as Samba's domain controller speaks it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors.ldap_line import Login, opened
from connectors.people_ldap import LdapPeople, Settings, connect
from connectors.public_half import fingerprint, listed
from correlate.errors import AuthError, Unavailable
from correlate.model import DirectoryAccount, Identity, PeopleSnapshot, Truth
from correlate.ports import Setup
from correlate.secret import Secret
from tests.samba import BASE, Samba, samba, secret_of

pytestmark = pytest.mark.service

NOW = datetime.now(UTC)  # the server's own clock writes the times
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI" + "A" * 43 + " jane@laptop"
NEVER = 2**63 - 1
PAST, PAST_AT = 133_801_632_000_000_000, datetime(2025, 1, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Samba]:
    with samba(tmp_path_factory.mktemp("samba")) as running:
        yield running


def feed(server: Samba, workdir: Path, base: str = BASE, **changes: Any) -> LdapPeople:
    settings = Settings(
        url=f"ldaps://{server.host}", base=base, user=server.user, password=Secret(server.password),
        flavour="ad", ca_file=server.ca_file, page_size=3, timeout_s=10.0,
    )  # fmt: skip
    return connect(replace(settings, **changes), Setup("ad", workdir))


def unit(server: Samba, name: str) -> str:
    """Make an organisational unit for one test; return its name."""
    base = f"OU={name},{BASE}"
    server.change(f"dn: {base}\nchangetype: add\nobjectClass: organizationalUnit\n")
    return base


def added(base: str, name: str, rest: str = "", sort: str = "user", flags: int = 512) -> str:
    return (
        f"dn: CN={name},{base}\nchangetype: add\nobjectClass: {sort}\n"
        f"sAMAccountName: {name}\nuserAccountControl: {flags}\n{rest}\n\n"
    )


def modified(base: str, name: str, attribute: str, *values: object) -> str:
    lines = "".join(f"{attribute}: {value}\n" for value in values)
    return f"dn: CN={name},{base}\nchangetype: modify\nreplace: {attribute}\n{lines}\n"


def by_login(taken: PeopleSnapshot) -> dict[str, DirectoryAccount]:
    return {one.login: one for one in taken.accounts}


def by_id(taken: PeopleSnapshot) -> dict[str, DirectoryAccount]:
    return {one.account_id: one for one in taken.accounts}


ENABLED: Mapping[str, Truth] = {
    "plain": Truth.YES,
    "off": Truth.NO,
    "expired": Truth.YES,  # its end tells, not its flags
    "never0": Truth.YES,
    "nevermax": Truth.YES,
    "mustchange": Truth.YES,
}


@pytest.mark.parametrize("how", [{}, {"start_tls": True}])
def test_accounts_are_judged_by_what_the_controller_says(
    server: Samba, tmp_path: Path, how: dict[str, Any]
) -> None:
    base = unit(server, f"states{len(how)}")
    if how:
        how = {**how, "url": f"ldap://{server.host}"}
    end = "x" if how else "y"
    server.change(
        added(base, f"plain{end}", "employeeID: 000123\nmail: jane@example.test\ndisplayName: Jane\n"
              "proxyAddresses: SMTP:jane@example.test\nproxyAddresses: smtp:jd@example.test\n"
              f"altSecurityIdentities: {KEY}\naltSecurityIdentities: X509:<I>CN=ca<S>CN=jane")
        + added(base, f"off{end}", f"manager: CN=plain{end},{base}", flags=514)
        + added(base, f"expired{end}", f"accountExpires: {PAST}")
        + added(base, f"never0{end}", "accountExpires: 0")
        + added(base, f"nevermax{end}", f"accountExpires: {NEVER}")
        + added(base, f"mustchange{end}", "pwdLastSet: 0")
        + added(base, f"robot{end}$", "msDS-ManagedPasswordInterval: 30", "msDS-GroupManagedServiceAccount", 4096)
        + added(base, f"lone{end}$", "", "msDS-ManagedServiceAccount", 4096)
        + added(base, f"laptop{end}$", "", "computer", 4096)
    )  # fmt: skip
    taken = feed(server, tmp_path, base, attributes={"ssh_keys": "altSecurityIdentities"}, **how)
    found = {
        login.removesuffix("$").removesuffix(end): one
        for login, one in by_login(taken.snapshot(NOW, None)).items()
    }
    assert set(found) == {*ENABLED, "robot", "lone"}  # a computer is nobody's account
    assert {name: found[name].enabled for name in ENABLED} == ENABLED
    ends = {name for name, one in found.items() if one.expires_at is not None}
    assert (ends, found["expired"].expires_at) == ({"expired"}, PAST_AT)
    jane = found["plain"]
    assert (jane.worker_id, jane.name) == ("000123", "Jane")
    assert sorted(jane.emails) == ["jane@example.test", "jd@example.test"]
    (line,) = listed(KEY)
    assert jane.identities == (Identity("ssh-key", fingerprint(line)),)
    assert jane.created_at is not None
    assert (found["off"].manager, jane.manager) == (jane.account_id, "")
    assert {name for name, one in found.items() if one.service is Truth.YES} == {"robot", "lone"}
    assert {name for name, one in found.items() if one.disabled_at is not None} == {"off"}


def test_built_ins_are_no_people_and_references_no_entries(server: Samba, tmp_path: Path) -> None:
    logins = set(by_login(feed(server, tmp_path).snapshot(NOW, None)))
    assert "reader" in logins
    assert not logins & {"krbtgt", "Guest", "Administrator", "LOCALHOST$"}


def test_the_time_of_disabling_is_not_that_of_a_later_change(server: Samba, tmp_path: Path) -> None:
    base = unit(server, "stamps")
    server.change(added(base, "joe"))
    server.change(modified(base, "joe", "userAccountControl", 514))
    one = feed(server, tmp_path, base)
    first = by_login(one.snapshot(NOW, None))["joe"]
    assert first.disabled_at is not None
    assert first.created_at is not None
    assert first.created_at <= first.disabled_at
    server.change(modified(base, "joe", "telephoneNumber", 1))
    assert by_login(one.snapshot(NOW, None))["joe"].disabled_at == first.disabled_at


def test_a_lock_after_wrong_passwords_is_no_departure(server: Samba, tmp_path: Path) -> None:
    base = unit(server, "locks")
    password = f"P4-{server.password}"
    server.change(added(base, "clumsy", f"unicodePwd:: {secret_of(password)}"))
    limit = f"dn: {BASE}\nchangetype: modify\nreplace: lockoutThreshold\nlockoutThreshold: %d\n\n"
    right = {"user": "clumsy@example.test", "password": Secret(password)}
    assert feed(server, tmp_path, base, **right).snapshot(NOW, None).accounts
    server.change(limit % 1)
    try:
        with pytest.raises(AuthError):
            feed(server, tmp_path, base, user=right["user"], password=Secret("wrong")).snapshot(
                NOW, None
            )
        with pytest.raises(AuthError):  # locked indeed
            feed(server, tmp_path, base, **right).snapshot(NOW, None)
        assert (
            by_login(feed(server, tmp_path, base).snapshot(NOW, None))["clumsy"].enabled
            is Truth.YES
        )
    finally:
        server.change(limit % 0)


def test_a_renamed_account_keeps_its_id(server: Samba, tmp_path: Path) -> None:
    base = unit(server, "names")
    server.change(
        added(base, "maiden")
        + added(base, "boss")
        + added(base, "aide", f"manager: CN=boss,{base}")
    )
    one = feed(server, tmp_path, base)
    before = by_login(one.snapshot(NOW, None))
    server.change(modified(base, "maiden", "sAMAccountName", "married"))
    server.rename(f"CN=maiden,{base}", f"CN=Jane\\, Doe,{base}")
    server.rename(f"CN=boss,{base}", f"CN=Big Boss,{base}")
    after = by_login(one.snapshot(NOW, None))
    assert set(after) == {"married", "boss", "aide"}
    assert after["married"].account_id == before["maiden"].account_id
    assert after["aide"].manager == before["boss"].account_id


def test_deleted_wins_over_the_flags_with_and_without_the_recycle_bin(
    server: Samba, tmp_path: Path
) -> None:
    base = unit(server, "gone")
    mails = "mail: {0}@example.test\nuserPrincipalName: {0}@example.test"
    server.change("".join(added(base, name, mails.format(name)) for name in ("early", "late")))
    # who may see deleted accounts is the domain's own decision; here the administrator may
    admin = {"user": "administrator@example.test", "deleted_base": BASE}
    one = feed(server, tmp_path, base, **admin)
    before = by_login(one.snapshot(NOW, None))
    server.delete(f"CN=early,{base}")
    server.enable_recycle_bin()
    server.delete(f"CN=late,{base}")
    after = by_login(one.snapshot(NOW, None))
    for name in ("early", "late"):
        found = after[name]
        assert (found.account_id, found.deleted) == (before[name].account_id, True)
        assert found.enabled is Truth.NO
        assert found.disabled_at is not None
    assert (after["early"].emails, after["late"].emails) == ((), ("late@example.test",))
    assert not by_login(feed(server, tmp_path, base).snapshot(NOW, None))


def test_ranges_are_followed_to_their_end(server: Samba, tmp_path: Path) -> None:
    base = unit(server, "ranges")
    values = [f"smtp:a{n}@example.test" for n in range(1_700)]
    server.change(added(base, "many") + modified(base, "many", "proxyAddresses", *values))
    (found,) = feed(server, tmp_path, base).snapshot(NOW, None).accounts
    assert len(found.emails) == 1_700
    url = f"ldaps://{server.host}"
    login = Login(url, server.user, Secret(server.password), False, server.ca_file, 10.0, 100)  # noqa: FBT003
    # this server gives ranges only when asked for one; the steps after the first are ours
    with opened("ad", login) as line:
        ((_, raw),) = line.entries(base, "(cn=many)", ["proxyAddresses;range=0-499", "cn"])
    assert sorted(raw["proxyaddresses"]) == sorted(value.encode() for value in values)
    assert raw["cn"] == (b"many",)


def test_what_changed_is_put_on_top_and_gives_what_a_whole_read_gives(
    server: Samba, tmp_path: Path
) -> None:
    base = unit(server, "deltas")
    server.change("".join(added(base, f"d{n}", f"employeeID: {n:03d}") for n in range(8)))
    admin = {"user": "administrator@example.test", "deleted_base": BASE}
    one, now = feed(server, tmp_path, base, **admin), NOW
    last = one.snapshot(now, None)

    def renamed() -> None:
        server.rename(f"CN=d5,{base}", f"CN=d5x,{base}")
        # an entry's name is not read, and the stamp of its last change counts whole seconds
        server.change(modified(base, "d5x", "employeeID", "099"))

    steps: tuple[Callable[[], None], ...] = (
        lambda: server.change(modified(base, "d1", "userAccountControl", 514)),
        lambda: server.change(modified(base, "d2", "manager", f"CN=d3,{base}")),
        lambda: server.change(modified(base, "d2", "manager")),  # cleared
        lambda: server.change(added(base, "d8") + modified(base, "d4", "employeeID")),
        renamed,
        lambda: server.delete(f"CN=d6,{base}"),
        lambda: None,
    )
    for step in steps:
        step()
        now += timedelta(minutes=15)
        taken = one.snapshot(now, last)
        assert by_id(taken) == by_id(
            feed(server, tmp_path / "w", base, **admin).snapshot(now, None)
        )
        assert (taken.digest == last.digest) is (step is steps[-1])
        last = taken
    mark, *_ = json.loads((tmp_path / "marks.json").read_text(encoding="utf-8"))
    assert mark["whole_at"] == NOW.isoformat()  # no read after the first was whole


def test_a_restored_or_another_controller_is_read_whole(server: Samba, tmp_path: Path) -> None:
    base = unit(server, "restored")
    server.change(added(base, "one"))
    feed_, path = feed(server, tmp_path, base), tmp_path / "marks.json"
    last = feed_.snapshot(NOW, None)
    (mark,) = json.loads(path.read_text(encoding="utf-8"))
    ((invocation, point),) = mark["points"].items()
    for hour, points in enumerate(
        ({"0" * 32: point}, {invocation: str(int(point) + 10_000)}), start=1
    ):
        path.write_text(json.dumps([{**mark, "points": points}]), encoding="utf-8")
        feed_.snapshot(NOW + timedelta(hours=hour), last)
        (kept, *_) = json.loads(path.read_text(encoding="utf-8"))
        assert kept["whole_at"] == (NOW + timedelta(hours=hour)).isoformat()
        assert kept["points"].keys() == {*points, invocation}


def test_a_controller_that_wants_tls_is_given_no_password_twice(
    server: Samba, tmp_path: Path
) -> None:
    plain = feed(server, tmp_path, url=f"ldap://{server.host}", allow_plain=True)
    with pytest.raises(AuthError, match="asks for TLS"):
        plain.snapshot(NOW, None)
    with pytest.raises(Unavailable):
        feed(server, tmp_path, ca_file=None).snapshot(NOW, None)


@pytest.mark.long
def test_a_domain_of_five_thousand_is_read_to_its_end(server: Samba, tmp_path: Path) -> None:
    base = unit(server, "many")
    server.add_users(base, 5_000)
    one = feed(server, tmp_path, base, page_size=500)
    taken = one.snapshot(NOW, None)
    assert {account.worker_id for account in taken.accounts} == {f"{n:06d}" for n in range(5_000)}
    server.change(modified(base, "Many 77", "userAccountControl", 514))
    after = one.snapshot(NOW + timedelta(minutes=15), taken)
    changed = set(after.accounts) - set(taken.accounts)
    assert [(account.login, account.enabled) for account in changed] == [("many77", Truth.NO)]
