"""What a directory says alone, and what it says against the personnel feed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from correlate.departure import standing
from correlate.model import DirectoryAccount, Employment, PersonId, Truth, Worker
from correlate.verdict import Person
from tests.correlate.cast import NOW, account, day, worker

NO, UNKNOWN, YES = Truth.NO, Truth.UNKNOWN, Truth.YES
LEAVES = replace(account("c"), leaves_at=day("2026-10-01"))
WILL_LEAVE = replace(account("c"), leaves_at=day("2027-10-01"))
DISABLED = replace(account("c", enabled=NO), disabled_at=day("2026-08-01"))
MACHINE = replace(account("svc", enabled=NO), service=YES)
HERE = worker("1")
GONE = worker("1", end="2026-01-31")


def stands(accounts: tuple[DirectoryAccount, ...], *rows: Worker) -> tuple[str, str, str]:
    held = standing(Person(PersonId("1"), "Jane", rows, accounts), NOW)
    at = held.departure.effective_at if held.departure else None
    return held.state.value, f"{at:%Y-%m-%d}" if at else "", "; ".join(held.notes)


@pytest.mark.parametrize(
    ("accounts", "expected", "note"),
    [
        ((account("c"),), ("here", ""), ""),
        ((account("c", expires="2026-09-30"),), ("left", "2026-09-30"), "a directory only"),
        ((account("c", expires="2027-09-30"),), ("here", ""), ""),
        ((account("c", enabled=NO),), ("suspected", ""), "in no personnel feed"),
        ((account("c", enabled=UNKNOWN),), ("here", ""), ""),
        ((account("c", deleted=True),), ("suspected", ""), "disabled or deleted"),
        ((DISABLED,), ("suspected", "2026-08-01"), "on 2026-08-01"),
        ((LEAVES,), ("left", "2026-10-01"), "still enabled"),
        ((replace(LEAVES, enabled=NO),), ("left", "2026-10-01"), "a directory only"),
        ((WILL_LEAVE,), ("leaving", "2027-10-01"), "a directory only"),
        ((LEAVES, account("d")), ("here", ""), ""),
        ((DISABLED, account("d")), ("here", ""), ""),
        ((WILL_LEAVE, account("d")), ("here", ""), ""),
        ((MACHINE,), ("here", ""), ""),
        ((MACHINE, DISABLED), ("suspected", "2026-08-01"), ""),
        ((), ("here", ""), ""),
    ],
    ids=[
        "enabled", "expired", "expires later", "disabled", "not told", "deleted", "disabled on a day",
        "leave passed, enabled", "leave passed, disabled", "leave to come", "another in use",
        "disabled, another in use", "leave to come, another without", "a machine's", "and a person's",
        "none",
    ],
)  # fmt: skip
def test_whom_no_personnel_feed_knows(
    accounts: tuple[DirectoryAccount, ...], expected: tuple[str, str], note: str
) -> None:
    state, at, notes = stands(accounts)
    assert (state, at) == expected
    assert note in notes


@pytest.mark.parametrize(
    ("row", "joined", "state", "note"),
    [
        (GONE, account("a"), "left", "still enabled"),
        (GONE, account("a", enabled=NO), "left", ""),
        (HERE, account("a", enabled=NO), "here", "is disabled"),
        (HERE, account("a", deleted=True), "here", "is deleted"),
        (HERE, LEAVES, "here", "they left on 2026-10-01"),
        (HERE, WILL_LEAVE, "here", "they leave on 2027-10-01"),
        (HERE, account("a"), "here", ""),
        (HERE, MACHINE, "here", ""),
        (worker("1", employment=Employment.ON_LEAVE), account("a", enabled=NO), "on_leave", ""),
        (worker("1", end="2027-01-31"), account("a", enabled=NO), "leaving", "is disabled"),
        (worker("1", end="2027-01-31"), WILL_LEAVE, "leaving", ""),
    ],
)
def test_where_a_personnel_feed_decides_the_directory_only_adds_notes(
    row: Worker, joined: DirectoryAccount, state: str, note: str
) -> None:
    found, _, notes = stands((joined,), row)
    assert (found, note in notes, bool(note)) == (state, True, bool(notes))
