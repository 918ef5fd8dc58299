from __future__ import annotations

import struct
import uuid
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.directory import FIELDS, JUDGED, STAMPS, Judged, Reading, account, expiry, reading
from connectors.directory_values import Raw
from connectors.public_half import fingerprint, listed
from correlate.model import DirectoryAccount, Identity, Truth

AD = reading("ad", {}, "")
LDAP = reading("openldap", {}, "")
NUMBER = uuid.UUID("01234567-89ab-cdef-0123-456789abcdef")


def ad(**values: str) -> DirectoryAccount | None:
    raw: dict[str, tuple[bytes, ...]] = {
        "objectguid": (NUMBER.bytes_le,),
        "samaccountname": (b"jane",),
    }
    raw |= {
        name.casefold(): tuple(v.encode() for v in value.split("|"))
        for name, value in values.items()
    }
    return account("CN=Jane", raw, AD, lambda _: None)


def test_an_account_is_known_by_its_guid_and_all_its_addresses() -> None:
    found = ad(
        userAccountControl="512", mail="jane@example.com", displayName="Jane", employeeID="000123",
        proxyAddresses="SMTP:Jane@example.com|smtp:jd@example.com|X500:/o=x", whenChanged="20260301120000.0Z",
    )  # fmt: skip
    assert found == DirectoryAccount(
        account_id=str(NUMBER),
        login="jane",
        name="Jane",
        emails=("jane@example.com", "Jane@example.com", "jd@example.com"),
        worker_id=found.worker_id if found else None,
        enabled=Truth.YES,
        changed_at=datetime(2026, 3, 1, 12, tzinfo=UTC),
    )
    assert found is not None
    assert found.worker_id == "000123"


@pytest.mark.parametrize(
    ("values", "enabled"),
    [
        ({"userAccountControl": "512"}, Truth.YES),
        ({"userAccountControl": "514"}, Truth.NO),
        ({"userAccountControl": "66050"}, Truth.NO),
        ({}, Truth.UNKNOWN),
        ({"userAccountControl": "many"}, Truth.UNKNOWN),
        ({"userAccountControl": "512", "isDeleted": "TRUE"}, Truth.NO),
    ],
)
def test_the_disabled_bit_and_deletion_are_judged(values: dict[str, str], enabled: Truth) -> None:
    found = ad(**values)
    assert found is not None
    assert found.enabled is enabled
    assert found.deleted is ("isDeleted" in values)


@pytest.mark.parametrize(
    "values",
    [{"userAccountControl": "4096"}, {"userAccountControl": "8192"},
     {"userAccountControl": "514", "isCriticalSystemObject": "TRUE"}],
)  # fmt: skip
def test_machines_and_built_ins_are_no_people(values: dict[str, str]) -> None:
    assert ad(**values) is None


def test_an_expired_account_tells_when() -> None:
    found = ad(userAccountControl="512", accountExpires="133801632000000000")
    assert found is not None
    assert (found.enabled, found.expires_at) == (Truth.YES, datetime(2025, 1, 1, tzinfo=UTC))


def test_an_inactive_entry_of_389_is_disabled() -> None:
    raw = {"uid": (b"joe",), "entryuuid": (b"x",), "nsaccountlock": (b"true",)}
    found = account("uid=joe", raw, reading("openldap", {}, ""), lambda _: None)
    assert found is not None
    assert found.enabled is Truth.NO


def test_the_digest_does_not_depend_on_order() -> None:
    one, two = Judged(AD), Judged(AD)
    entries: list[tuple[str, Raw]] = [("a", {"uid": (b"a",)}), ("b", {"uid": (b"b", b"c")})]
    for name, raw in entries:
        one.add(name, raw)
    for name, raw in reversed(entries):
        two.add(name, raw)
    assert one.digest == two.digest
    assert len(one.problems) == 2


ALL = {name: name for name in FIELDS}
READINGS = [
    reading("ad", {}, ""),
    reading("openldap", {}, "employeeType=gone"),
    reading("openldap", ALL, "uid=x", id_from_name=True),
    reading("ad", ALL | {"account_id": "objectGUID"}, ""),
]
NAMES = sorted(
    {STAMPS.casefold(), "objectclass", "employeetype"}
    | {name.casefold() for how in READINGS for name in how.attributes.values() if name}
    | {name.casefold() for held in JUDGED.values() for name in held}
)
EDGES = st.sampled_from([
    b"", b"0", b"-1", b"1", b"9223372036854775806", b"9223372036854775807", b"9223372036854775808",
    b"99999999999999999999", b"-9223372036854775808", b"000001010000Z", b"00000101000000Z",
    b"19700101000000Z", b"99991231235959Z", b"99991231235959-1200", b"00010101000000+1400", b"TRUE",
    b"ssh-rsa AAAA", b"SMTP:a@b", b"\xff\xfe", "\u0661".encode(), b"1e9", b" 5 ", b"x" * 5_000,
])  # fmt: skip
VALUES = st.lists(EDGES | st.binary(max_size=40), max_size=3).map(tuple)


@given(
    st.text(max_size=20), st.dictionaries(st.sampled_from(NAMES), VALUES), st.sampled_from(READINGS)
)
def test_whatever_an_entry_holds_it_is_judged_without_fault(
    name: str, raw: Raw, how: Reading
) -> None:
    judged = Judged(how)
    judged.add(name, raw)
    for found in judged.accounts():
        assert found.login
        assert found.account_id
        instants = (
            found.expires_at,
            found.changed_at,
            found.created_at,
            found.leaves_at,
            found.disabled_at,
        )
        assert all(at is None or at.utcoffset() == UTC.utcoffset(None) for at in instants)


NEVER_AD = (b"0", b"-1", b"9223372036854775807", b"9223372036854775808", b"", b"never", b"1e9")
NEVER_LDAP = (b"000001010000Z", b"00000101000000Z", b"19700101000000Z", b"0", b"", b"never")


@pytest.mark.parametrize("value", NEVER_AD)
def test_no_spelling_of_never_is_an_end(value: bytes) -> None:
    assert expiry({"accountexpires": (value,)}, AD) is None


@pytest.mark.parametrize("attribute", ["krbprincipalexpiration", "pwdendtime"])
@pytest.mark.parametrize("value", NEVER_LDAP)
def test_no_spelling_of_never_is_an_end_elsewhere(attribute: str, value: bytes) -> None:
    assert expiry({attribute: (value,), "shadowexpire": (b"-1",)}, LDAP) is None


def test_of_several_ends_the_first_counts() -> None:
    raw = {"shadowexpire": (b"20514",), "pwdendtime": (b"20260101000000Z",)}
    assert expiry(raw, LDAP) == datetime(2026, 1, 1, tzinfo=UTC)
    raw = {"shadowexpire": (b"20514",), "krbprincipalexpiration": (b"20270101000000Z",)}
    assert expiry(raw, LDAP) == datetime(2026, 3, 2, tzinfo=UTC)


def test_public_keys_are_identities_and_other_values_none() -> None:
    key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI" + "A" * 43
    how = reading("openldap", {"ssh_keys": "sshPublicKey"}, "")
    raw = {
        "uid": (b"jane",),
        "entryuuid": (b"1",),
        "sshpublickey": (
            f"from=*.x {key} jane".encode(),
            key.encode(),
            b"X509:<S>CN=jane",
            b"\xff",
        ),
    }
    found = account("uid=jane", raw, how, pytest.fail)
    (line,) = listed(key)
    assert found is not None
    assert found.identities == (Identity("ssh-key", fingerprint(line)),)
    unasked = account("uid=jane", raw, LDAP, pytest.fail)
    assert unasked is not None
    assert unasked.identities == ()


@pytest.mark.parametrize(
    ("sort", "service"),
    [
        ("msDS-GroupManagedServiceAccount", True),
        ("msds-managedserviceaccount", True),
        ("msDS-DelegatedManagedServiceAccount", True),
        ("computer", False),
    ],
)
def test_service_accounts_are_told_from_machines_by_their_class(sort: str, service: bool) -> None:
    found = ad(userAccountControl="4096", objectClass=f"top|person|user|computer|{sort}")
    assert (found is not None) is service
    assert found is None or found.service is Truth.YES


@pytest.mark.parametrize(
    ("last", "builtin"), [(500, True), (999, True), (1000, False), (5012, False)]
)
def test_windows_own_accounts_are_known_by_their_number(last: int, builtin: bool) -> None:
    sid = bytes.fromhex("01050000000000051500000027192eb29106864b03df6545") + struct.pack(
        "<I", last
    )
    raw: Raw = {"objectguid": (NUMBER.bytes_le,), "samaccountname": (b"x",), "objectsid": (sid,)}
    assert (account("CN=x", raw, AD, pytest.fail) is None) is builtin


def test_when_it_was_disabled_is_told_only_of_who_is() -> None:
    stamp = struct.pack("<IIII", 1, 0, 2, 0) + b"".join(
        struct.pack("<IIq16sqq", number, 1, 13_380_163_200 + late, bytes(16), 1, 1)
        for number, late in ((0x90008, 0), (0x20030, 60))
    )
    base: Raw = {
        "objectguid": (NUMBER.bytes_le,),
        "samaccountname": (b"x",),
        STAMPS.casefold(): (stamp,),
    }

    def told(**more: bytes) -> datetime | None:
        raw = {**base, **{name: (value,) for name, value in more.items()}}
        found = account("CN=x", raw, AD, pytest.fail)
        assert found is not None
        return found.disabled_at

    assert told(useraccountcontrol=b"512") is None
    assert told(useraccountcontrol=b"514") == datetime(2025, 1, 1, tzinfo=UTC)
    assert told(useraccountcontrol=b"514", isdeleted=b"TRUE") == datetime(2025, 1, 1, tzinfo=UTC)
    deleted = told(useraccountcontrol=b"512", isdeleted=b"TRUE")
    assert deleted == datetime(2025, 1, 1, 0, 1, tzinfo=UTC)


def test_a_manager_is_an_account_of_the_same_read() -> None:
    judged = Judged(LDAP)
    for number, (name, boss) in enumerate(
        [("uid=a,dc=x", "UID=b, dc=X"), ("uid=b,dc=x", "uid=gone,dc=x"), ("uid=c,dc=x", "")],
        start=1,
    ):
        raw = {"uid": (b"u",), "entryuuid": (str(number).encode(),), "manager": (boss.encode(),)}
        judged.add(name, raw)
    assert [one.manager for one in judged.accounts()] == ["2", "", ""]
    assert [one.manager for one in judged.accounts(lambda name: f"<{name}>")] == [
        "2", "<uid=gone,dc=x>", "",
    ]  # fmt: skip


def test_of_two_entries_with_one_id_the_later_one_counts() -> None:
    judged = Judged(LDAP)
    judged.add("uid=a", {"uid": (b"a",), "entryuuid": (b"1",)})
    judged.add("uid=b", {"uid": (b"b",), "entryuuid": (b"1",)})
    assert [one.login for one in judged.accounts()] == ["b"]
    judged.add("uid=b", {"entryuuid": (b"1",)})
    assert (judged.accounts(), judged.ids) == ([], {"1"})


@pytest.mark.parametrize(
    ("written", "at", "problems"),
    [("20260301000000Z", datetime(2026, 3, 1, tzinfo=UTC), 0), ("soon", None, 1), ("", None, 0)],
)
def test_a_leave_date_is_read_or_is_a_problem(
    written: str, at: datetime | None, problems: int
) -> None:
    how = reading("openldap", {"leaves_at": "endDate"}, "")
    raw = {"uid": (b"u",), "entryuuid": (b"1",), "enddate": (written.encode(),)}
    said: list[str] = []
    found = account("uid=u", raw, how, said.append)
    assert found is not None
    assert (found.leaves_at, len(said)) == (at, problems)
    assert not any("soon" in text for text in said)
