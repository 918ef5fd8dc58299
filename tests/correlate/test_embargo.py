"""Under embargo no end of a spell can be read, in no field; after it, all of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from correlate.embargo import lifted, readable
from correlate.linking import link
from correlate.model import Employment, Worker
from tests.correlate.cast import NOW, day, snapshot, worker

STATED = replace(
    worker(
        "1", "jane@x.example", end="2026-12-31", last_day="2026-12-05", employment=Employment.LEFT
    ),
    announced_at=day("2026-11-01"),
)


@pytest.mark.parametrize(
    ("hours", "shown"),
    [(1, worker("1", "jane@x.example")), (0, STATED), (-1, STATED)],
    ids=["under embargo", "just over", "over"],
)
def test_what_can_be_read(hours: int, shown: Worker) -> None:
    row = replace(STATED, embargo_until=NOW + timedelta(hours=hours))
    (person,) = link([snapshot(row)]).persons.values()
    found = readable(person, NOW)
    assert replace(found.spells[0], embargo_until=None) == shown
    assert lifted(person).spells == (STATED,)
    assert {hold.until for hold in found.holdings} == {shown.ends_at}


def test_who_is_on_leave_stays_on_leave() -> None:
    away = replace(STATED, employment=Employment.ON_LEAVE, embargo_until=day("2027-01-01"))
    (person,) = link([snapshot(away)]).persons.values()
    (shown,) = readable(person, NOW).spells
    assert (shown.employment, shown.ends_at) == (Employment.ON_LEAVE, None)


def test_what_is_under_no_embargo_is_left_alone() -> None:
    before = worker("1", "jane@x.example", start="2010-01-01", end="2015-01-01")
    (person,) = link([snapshot(before)]).persons.values()
    assert readable(person, NOW) is person
    sealed = replace(STATED, embargo_until=day("2027-01-01"))
    (both,) = link([snapshot(before, sealed)]).persons.values()
    ends = {hold.until for hold in readable(both, NOW).holdings}
    assert ends == {before.ends_at, None}
