"""Who has left: dates decide, absence says nothing, coming back counts."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import datetime, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from correlate.departure import ZONE_UNKNOWN, access_ends_at, standing
from correlate.linking import link
from correlate.model import DirectoryAccount, Employment, PersonId, Worker
from correlate.verdict import Departure, Person, Standing, StandingState
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


def human(*rows: Worker, accounts: tuple[DirectoryAccount, ...] = ()) -> Person:
    """One person with these rows, whatever worker ids they carry."""
    return Person(PersonId("1"), "Jane", rows, accounts)


NO_ZONE = replace(worker("1", end="2026-11-20"), precision=ZONE_UNKNOWN)
EMBARGOED = replace(worker("1", end="2026-10-31", employment=LEFT), embargo_until=day("2026-12-01"))
CONTRACT = replace(worker("7", start="2024-01-01", end="2026-10-30"), worker_type="contractor")


@pytest.mark.parametrize(
    ("rows", "state", "effective", "note"),
    [
        ([worker("1", start="2018-01-01", end="2020-01-01"), worker("1", start="2023-01-01")],
         "here", "2020-01-01", "came back"),
        ([worker("1", end="2027-03-31")], "leaving", "2027-03-31", ""),
        ([worker("1", end="2020-01-31", employment=LEFT)], "left", "2020-01-31", ""),
        ([NO_ZONE], "left", "2026-11-20", ""),
        ([replace(CONTRACT, ends_at=day("2027-01-31"))], "leaving", "2027-01-31", ""),
        ([replace(CONTRACT, ends_at=None)], "here", "", ""),
        ([CONTRACT, worker("1", start="2026-11-02")], "here", "", "another goes on"),
        ([CONTRACT, worker("1", start="2026-12-01")], "left", "2026-10-30", ""),
        ([replace(CONTRACT, ends_at=day("2026-12-31")), worker("1", start="2027-01-01")],
         "here", "", ""),
        ([replace(CONTRACT, ends_at=day("2026-11-20")), worker("1", start="2026-11-23")],
         "here", "", "another goes on"),
        ([replace(CONTRACT, ends_at=day("2026-12-31")), worker("1", start="2027-02-01")],
         "leaving", "2026-12-31", ""),
        ([worker("1", start="2024-01-01", end="2026-10-30"), worker("1", start="2026-10-31")],
         "here", "", "another goes on"),
        ([replace(worker("1"), moved_at=day("2026-05-01"), unit="Sales")], "here", "", ""),
        ([worker("1", employment=LEAVE)], "on_leave", "", ""),
        ([worker("1", last_day="2026-11-01", end="2027-01-31")], "left", "2026-11-01",
         "employed until 2027-01-31"),
        ([replace(worker("1"), legal_hold=True)], "here", "", ""),
        ([EMBARGOED], "here", "", ""),
        ([replace(EMBARGOED, embargo_until=day("2026-11-19"))], "left", "2026-10-31", ""),
        ([replace(worker("1", end="2026-10-31"), employer="A"), replace(worker("8"), employer="B")],
         "here", "", "another goes on"),
        ([worker("1", end="2026-10-31", employment=LEFT), worker("1")], "here", "", ""),
        ([worker("1", end="2026-10-31"), worker("1", end="2026-11-10")], "left", "2026-11-10", ""),
        ([worker("1", start="2027-01-01", employment=LEFT)], "here", "", ""),
        ([worker("1", start="2027-01-01", end="2026-11-01")], "here", "", ""),
        ([CONTRACT, worker("1", start="2026-11-01", employment=LEFT)], "left", "2026-11-20", ""),
        ([replace(CONTRACT, ends_at=day("2026-11-20")), worker("1", start="2026-11-23", employment=LEFT)],
         "left", "2026-11-20", ""),
    ],
    ids=[
        "rehire", "future-dated leave", "back-dated leave", "zone not known", "contract end",
        "contract without end", "contractor taken on", "contractor taken on later",
        "future-dated conversion", "conversion over a weekend", "future-dated, then a gap",
        "taken on anew under the same id", "mover", "leave of absence", "garden leave",
        "legal hold", "embargo", "embargo over", "one of several employers",
        "two feeds disagree", "two feeds, two dates", "hire called off", "hire called off by its end", "taken on and gone at once",
        "conversion called off",
    ],
)  # fmt: skip
def test_every_edge_case_has_its_rule(
    rows: list[Worker], state: str, effective: str, note: str
) -> None:
    held = standing(human(*rows), NOW)
    at = held.departure.effective_at if held.departure else None
    assert (held.state.value, f"{at:%Y-%m-%d}" if at else "") == (state, effective)
    assert note in "; ".join(held.notes)
    assert bool(note) == bool(held.notes)


def test_a_departure_keeps_all_that_was_stated_of_it() -> None:
    row = replace(
        worker("1", last_day="2026-11-01", end="2026-12-31"), zone="Asia/Tokyo",
        announced_at=day("2026-09-01"),
    )  # fmt: skip
    assert standing(human(row), NOW).departure == Departure(
        PersonId("1"), "2020-01-01", day("2026-11-01"), "personnel feed", "day", day("2026-09-01"),
        "Asia/Tokyo", day("2026-11-01"), day("2026-12-31"),
    )  # fmt: skip


@pytest.mark.parametrize(("row", "hours"), [(NO_ZONE, 26), (worker("1", end="2026-11-20"), 0)])
def test_a_day_without_a_zone_is_early_for_risk_and_late_for_whoever_is_late(
    row: Worker, hours: int
) -> None:
    left = standing(human(row), NOW).departure
    assert left is not None
    assert left.due_from - left.effective_at == timedelta(hours=hours)


def test_no_reason_of_a_leave_has_a_place_to_be_kept_in() -> None:
    kept = {spec.name for kind in (Worker, Departure, Standing) for spec in fields(kind)}
    assert not {name for name in kept if "reason" in name or "death" in name}


@pytest.mark.parametrize(
    ("rows", "away"),
    [
        ([worker("1", employment=LEAVE)], True),
        ([worker("1", employment=LEAVE, end="2027-03-31")], True),
        ([worker("1", employment=LEAVE), worker("8")], False),
        ([worker("1", employment=LEAVE, end="2026-03-31")], False),
    ],
    ids=["on leave", "and leaving", "but at work elsewhere", "and gone"],
)
def test_who_is_away(rows: list[Worker], away: bool) -> None:
    assert standing(human(*rows), NOW).away is away


@pytest.mark.parametrize(
    ("joined", "expected", "precision"),
    [
        ({"leaves_at": day("2026-10-01"), "disabled_at": day("2026-09-01")}, "2026-10-01", "instant"),
        ({"disabled_at": day("2026-09-01")}, "2026-09-01", "instant"),
        ({"disabled_at": day("2019-09-01")}, "2026-11-20", "seen"),
        ({"leaves_at": day("2027-10-01")}, "2026-11-20", "seen"),
        ({}, "2026-11-20", "seen"),
    ],
    ids=["the directory's leave", "when it was disabled", "before the spell", "to come", "no date"],
)  # fmt: skip
def test_a_leave_without_a_date_takes_the_directorys(
    joined: dict[str, datetime], expected: str, precision: str
) -> None:
    theirs = replace(account("j", worker_id="1"), **joined)  # type: ignore[arg-type]
    left = standing(human(worker("1", employment=LEFT), accounts=(theirs,)), NOW).departure
    assert left is not None
    assert (f"{left.effective_at:%Y-%m-%d}", left.precision) == (expected, precision)


def test_all_spells_are_stated_though_only_one_departure_is_in_effect() -> None:
    rows = [
        worker("1", start="2018-01-01", end="2020-01-01"),
        worker("1", start="2022-01-01", end="2024-01-01"),
        worker("1", start="2025-01-01", end="2027-01-01"),
    ]
    held = standing(human(*rows), NOW)
    assert [one.spell for one in held.stated] == ["2018-01-01", "2022-01-01", "2025-01-01"]
    assert [one.spell for one in held.past] == ["2018-01-01", "2022-01-01"]
    assert held.state is StandingState.LEAVING


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


ROWS = st.lists(
    st.builds(
        lambda number, start, end, last, employment: worker(
            number, start=str(start), end=str(end or ""), last_day=str(last or ""), employment=employment
        ),
        st.sampled_from(["1", "8"]), DAYS, st.none() | DAYS, st.none() | DAYS, st.sampled_from(Employment),
    ),
    max_size=4,
)  # fmt: skip


@given(ROWS, DAYS, st.randoms())
def test_the_order_of_rows_does_not_matter(rows: list[Worker], at: object, random: Random) -> None:
    now = day(str(at))
    shuffled = list(rows)
    random.shuffle(shuffled)
    one, other = standing(human(*rows), now), standing(human(*shuffled), now)
    assert replace(one, notes=()) == replace(other, notes=())
    assert sorted(one.notes) == sorted(other.notes)


@given(ROWS, DAYS, DAYS)
def test_a_spell_in_force_added_never_makes_a_leaver(
    rows: list[Worker], at: object, start: object
) -> None:
    now = day(str(at))
    more = worker("9", start=str(start))
    before, after = standing(human(*rows), now), standing(human(*rows, more), now)
    assert after.state is not StandingState.LEFT or before.state is StandingState.LEFT
    if more.starts_at is not None and more.starts_at <= now:
        assert after.state is not StandingState.LEFT


@given(ROWS, DAYS, DAYS)
def test_time_alone_takes_no_departure_back(rows: list[Worker], one: object, two: object) -> None:
    now, later = sorted((day(str(one)), day(str(two))))
    begins = any(row.starts_at and now < row.starts_at <= later for row in rows)
    if standing(human(*rows), now, seen_at=now).state is StandingState.LEFT and not begins:
        assert standing(human(*rows), later, seen_at=now).state is StandingState.LEFT
