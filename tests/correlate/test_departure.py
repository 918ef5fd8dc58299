"""Who has left: dates decide, absence says nothing, coming back counts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from correlate.departure import access_ends_at, standing
from correlate.linking import link
from correlate.model import DirectoryAccount, Employment, Truth, Worker
from correlate.verdict import StandingState
from tests.correlate.cast import NOW, account, day, snapshot, worker

LEFT, LEAVE = Employment.LEFT, Employment.ON_LEAVE


def stands(*workers: Worker, accounts: tuple[DirectoryAccount, ...] = ()) -> tuple[str, str]:
    people = link([snapshot(*workers), snapshot(accounts=accounts, feed="ldap")])
    (person,) = people.persons.values()
    held = standing(person, NOW)
    departure = held.departure
    return held.state.value, f"{departure.effective_at:%Y-%m-%d}" if departure else ""


@pytest.mark.parametrize(
    ("spells", "expected"),
    [
        ([worker("1")], ("here", "")),
        ([worker("1", end="2026-10-31", employment=LEFT)], ("left", "2026-10-31")),
        ([worker("1", end="2026-10-31")], ("left", "2026-10-31")),
        ([worker("1", end="2027-03-31")], ("leaving", "2027-03-31")),
        ([worker("1", end="2027-03-31", employment=LEFT)], ("leaving", "2027-03-31")),
        ([worker("1", employment=LEAVE)], ("on_leave", "")),
        ([worker("1", end="2027-01-31", last_day="2026-11-01")], ("left", "2026-11-01")),
        ([worker("1", employment=LEFT)], ("left", "2026-11-20")),
        (
            [worker("1", start="2018-01-01", end="2020-01-01", employment=LEFT), worker("1", start="2023-01-01")],
            ("here", "2020-01-01"),
        ),
        (
            [worker("1", start="2018-01-01", end="2026-01-01"), worker("1", start="2027-01-01")],
            ("left", "2026-01-01"),
        ),
        (
            [worker("1", start="2018-01-01", end="2027-01-01"), worker("1", start="2019-01-01")],
            ("here", ""),
        ),
        ([worker("1", start="2027-01-01")], ("here", "")),
    ],
    ids=[
        "active", "left", "a date outweighs a status", "future-dated", "future-dated though left",
        "leave of absence", "garden leave ends at the last working day", "left without a date",
        "rehired", "rehire still to come", "two employments, one ends", "hire still to come",
    ],
)  # fmt: skip
def test_by_personnel_feed(spells: list[Worker], expected: tuple[str, str]) -> None:
    assert stands(*spells) == expected


@pytest.mark.parametrize(
    ("only", "expected"),
    [
        (account("c"), ("here", "")),
        (account("c", expires="2026-09-30"), ("left", "2026-09-30")),
        (account("c", expires="2027-09-30"), ("here", "")),
        (account("c", enabled=Truth.NO), ("suspected", "")),
        (account("c", enabled=Truth.UNKNOWN), ("here", "")),
        (account("c", deleted=True), ("suspected", "")),
    ],
)
def test_by_directory_alone(only: DirectoryAccount, expected: tuple[str, str]) -> None:
    assert stands(accounts=(only,)) == expected


@pytest.mark.parametrize(
    ("row", "joined", "state", "note"),
    [
        (
            worker("1"),
            account("a", worker_id="1", enabled=Truth.NO),
            StandingState.HERE,
            "disabled",
        ),
        (worker("1"), account("a", worker_id="1", deleted=True), StandingState.HERE, "deleted"),
        (
            worker("1", end="2026-01-31"),
            account("a", worker_id="1"),
            StandingState.LEFT,
            "still enabled",
        ),
    ],
)
def test_the_directory_only_adds_notes(
    row: Worker, joined: DirectoryAccount, state: StandingState, note: str
) -> None:
    people = link([snapshot(row), snapshot(accounts=(joined,), feed="ldap")])
    held = standing(people.persons[next(iter(people.persons))], NOW)
    assert held.state is state
    assert note in held.notes[0]


DAYS = st.dates(min_value=day("2020-01-01").date(), max_value=day("2030-01-01").date())


@given(st.lists(st.tuples(DAYS, st.none() | DAYS), min_size=1, max_size=4), DAYS)
def test_nobody_with_a_current_open_spell_is_a_leaver(
    spans: list[tuple[object, object]], at: object
) -> None:
    rows = [worker("1", start=str(start), end=str(end) if end else "") for start, end in spans]
    now = day(str(at))
    (person,) = link([snapshot(*rows)]).persons.values()
    current = any(
        row.starts_at is not None
        and row.starts_at <= now
        and (access_ends_at(row) is None or access_ends_at(row) > now)  # type: ignore[operator]
        for row in rows
    )
    held = standing(person, now)
    assert not (current and held.state is StandingState.LEFT)
    if held.state is StandingState.LEFT:
        assert held.departure is not None
        assert held.departure.effective_at <= now
