from __future__ import annotations

import uuid
from datetime import UTC, datetime

import pytest

from connectors.directory import Judged, account, reading
from connectors.directory_values import Raw
from correlate.model import DirectoryAccount, Truth

AD = reading("ad", {}, "")
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
