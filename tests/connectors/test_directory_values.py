from __future__ import annotations

import struct
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.directory_values import (
    filetime,
    folded,
    generalized,
    guid,
    moment,
    relative_id,
    stamps,
)

FLAGS = 0x90008


@pytest.mark.parametrize(
    ("ticks", "at"),
    [
        (0, None),
        (2**63 - 1, None),
        (None, None),
        (-1, None),
        (133_801_632_000_000_000, datetime(2025, 1, 1, tzinfo=UTC)),
        (2**63 - 2, None),
    ],
)
def test_both_spellings_of_never_are_never(ticks: int | None, at: datetime | None) -> None:
    assert filetime(ticks) == at


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("20260301120000Z", datetime(2026, 3, 1, 12, tzinfo=UTC)),
        ("20260301120000.123Z", datetime(2026, 3, 1, 12, tzinfo=UTC)),
        ("20260301120000+0200", datetime(2026, 3, 1, 10, tzinfo=UTC)),
        ("000001010000Z", None),
        ("20261301120000Z", None),
        ("00000101000000Z", None),
        ("202603011200Z", datetime(2026, 3, 1, 12, tzinfo=UTC)),
        ("2026030112Z", datetime(2026, 3, 1, 12, tzinfo=UTC)),
        ("2026030112-05", datetime(2026, 3, 1, 17, tzinfo=UTC)),
        ("20260301Z", None),
        ("20260301120000", None),  # a time of nowhere
        ("99991231235959-1200", None),  # its instant is beyond what can be written
        ("\u0662026030112Z", None),
        ("", None),
    ],
)
def test_generalized_time(text: str, at: datetime | None) -> None:
    assert generalized(text) == at


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("133801632000000000", datetime(2025, 1, 1, tzinfo=UTC)),
        ("9223372036854775807", None),
        ("0", None),
        ("20250101000000Z", datetime(2025, 1, 1, tzinfo=UTC)),
        ("2025-01-01T02:00:00+02:00", datetime(2025, 1, 1, tzinfo=UTC)),
        ("2025-01-01", datetime(2025, 1, 1, tzinfo=UTC)),
        ("01/02/2025", None),
        ("", None),
    ],
)
def test_a_sites_own_dates(text: str, at: datetime | None) -> None:
    assert moment(text) == at


@given(st.integers(-(2**70), 2**70))
def test_an_expiry_is_never_the_beginning_of_time(ticks: int) -> None:
    at = filetime(ticks)
    assert at is None or (0 < ticks < 2**63 - 1 and at >= datetime(1601, 1, 1, tzinfo=UTC))


def stamped(*rows: tuple[int, int], version: int = 1) -> bytes:
    head = struct.pack("<IIII", version, 0, len(rows), 0)
    return head + b"".join(
        struct.pack("<IIq16sqq", number, 1, seconds, bytes(16), 7, 7) for number, seconds in rows
    )


def test_stamps_tell_when_an_attribute_was_changed() -> None:
    seconds = 133_801_632_00
    blob = stamped((3, 1), (FLAGS, seconds), (4, 0), (5, 2**62))
    assert stamps(blob)[FLAGS] == datetime(2025, 1, 1, tzinfo=UTC)
    assert set(stamps(blob)) == {3, FLAGS}


@pytest.mark.parametrize(
    "blob",
    [
        b"",
        b"x",
        stamped((FLAGS, 9))[:-1],
        stamped((FLAGS, 9)) + b"x",
        stamped((FLAGS, 9), version=2),
    ],
)
def test_stamps_that_are_cut_or_of_another_version_tell_nothing(blob: bytes) -> None:
    assert stamps(blob) == {}


@given(st.binary(max_size=120))
def test_binary_values_never_fail(blob: bytes) -> None:
    stamps(blob)
    stamps(stamped()[:8] + blob)
    assert len(guid(blob)) in (0, 36)
    number = relative_id(blob)
    assert number is None or 0 <= number < 2**32


def test_the_last_part_of_a_security_identifier() -> None:
    sid = bytes.fromhex("0105000000000005150000002719 2eb29106864b03df6545f4010000")
    assert relative_id(sid) == 500
    assert relative_id(sid[:-1]) is None


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("CN=Jane,OU=P,DC=x", "cn=jane, ou = p ,dc=X", True),
        ("cn=Doe\\, Jane,dc=x", "CN=Doe\\2C Jane,DC=x", True),
        ("cn=J\\C3\\B6rg,dc=x", "cn=Jörg,dc=x", True),
        ("cn=a\\+b,dc=x", "cn=a+b,dc=x", False),
        ("cn=a\\\\,dc=x", "cn=a\\,dc=x", False),
        ("cn=a,dc=x", "cn=b,dc=x", False),
    ],
)
def test_two_spellings_of_one_name_are_equal(one: str, other: str, same: bool) -> None:
    assert (folded(one) == folded(other)) is same


@given(st.text(max_size=30))
def test_a_folded_name_stays_as_it_is(name: str) -> None:
    assert folded(folded(name)) == folded(name)
