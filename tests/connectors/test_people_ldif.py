from __future__ import annotations

import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from connectors.people_ldif import LdifPeople, Settings, connect, entries
from correlate.errors import ConfigError, FeedRefused
from correlate.model import Truth
from correlate.ports import Setup
from sample_data.feeds import directory_ldif

NOW = datetime(2026, 3, 2, tzinfo=UTC)
JANE = (
    b"dn: uid=jane,dc=x\nobjectClass: person\nuid: jane\ncn:: SsO2cmc=\nmail: jane@ex\n ample.com\n"
)


def feed(tmp_path: Path, data: bytes, **changes: object) -> LdifPeople:
    path = tmp_path / "d.ldif"
    path.write_bytes(data)
    os.utime(path, (NOW.timestamp(),) * 2)
    return connect(replace(Settings(path), **changes), Setup("ldif", tmp_path))  # type: ignore[arg-type]


def test_an_entry_is_read_with_folds_and_base64(tmp_path: Path) -> None:
    (one,) = feed(tmp_path, b"version: 1\r\n# note\r\n" + JANE).snapshot(NOW, None).accounts
    assert (one.login, one.name, one.emails) == ("jane", "Jörg", ("jane@example.com",))
    assert (one.account_id, one.enabled) == ("uid=jane,dc=x", Truth.YES)


def test_the_sample_company_is_read_whole(tmp_path: Path) -> None:
    taken = feed(tmp_path, directory_ldif().encode()).snapshot(NOW, None)
    assert len(taken.accounts) == directory_ldif().count("\nuid: ")
    assert any(one.enabled is Truth.NO for one in taken.accounts)
    assert taken.problems == ()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"uid: jane\n",
        JANE + JANE,
        JANE.replace(b"uid: jane", b"uid jane"),
        JANE.replace(b"SsO2cmc=", b"SsO2!"),
        JANE.replace(b"uid: jane", b"uid:< file:///etc/hosts"),
        JANE.replace(b"objectClass", b"changetype: add\nobjectClass"),
        JANE.replace(b"person", b"device"),
    ],
)
def test_what_is_no_whole_export_is_refused(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(FeedRefused):
        feed(tmp_path, data).snapshot(NOW, None)


def test_a_stale_large_or_missing_export_is_refused(tmp_path: Path) -> None:
    one = feed(tmp_path, JANE)
    with pytest.raises(FeedRefused, match="hours ago"):
        one.snapshot(NOW + timedelta(days=3), None)
    with pytest.raises(FeedRefused, match="max_bytes"):
        feed(tmp_path, JANE, max_bytes=10).snapshot(NOW, None)
    (tmp_path / "d.ldif").unlink()
    with pytest.raises(FeedRefused, match="cannot be read"):
        one.snapshot(NOW, None)


def test_attributes_and_marker_are_settings(tmp_path: Path) -> None:
    data = JANE + b"employeeType: gone\nworkerId: 007\n"
    one = feed(
        tmp_path, data, attributes={"worker_id": "workerId"}, disabled_marker="employeeType=gone"
    )
    (found,) = one.snapshot(NOW, None).accounts
    assert (found.worker_id, found.enabled) == ("007", Truth.NO)
    with pytest.raises(ConfigError):
        feed(tmp_path, data, flavour="nds")


def test_an_entry_at_the_very_end_counts() -> None:
    assert len(list(entries(JANE.rstrip(b"\n")))) == 1


def test_ranges_of_one_export_are_joined_and_half_of_them_refused(tmp_path: Path) -> None:
    ranges = b"proxyAddresses;range=0-0: smtp:a@x\nproxyAddresses;range=1-*: smtp:b@x\n"
    aliases = {"aliases": "proxyAddresses"}
    (one,) = feed(tmp_path, JANE + ranges, attributes=aliases).snapshot(NOW, None).accounts
    assert one.emails == ("jane@example.com", "a@x", "b@x")
    half = ranges.partition(b"\n")[0] + b"\n"
    with pytest.raises(FeedRefused, match="not read to its end"):
        feed(tmp_path, JANE + half, attributes=aliases).snapshot(NOW, None)


def test_a_manager_is_found_among_the_entries(tmp_path: Path) -> None:
    data = (
        JANE
        + b"manager: UID=Joe, dc=x\n\n"
        + JANE.replace(b"jane,dc=x", b"joe,dc=x").replace(b"uid: jane", b"uid: joe")
    )
    jane, joe = feed(tmp_path, data).snapshot(NOW, None).accounts
    assert (jane.manager, joe.manager) == (joe.account_id, "")
