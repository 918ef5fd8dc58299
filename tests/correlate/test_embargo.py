"""Under embargo no end of a spell can be read, in no field; after it, all of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from correlate.departure import standing
from correlate.embargo import lifted, readable
from correlate.linking import link
from correlate.model import Employment, Truth, Worker
from correlate.verdict import StandingState
from tests.correlate.cast import NOW, account, day, snapshot, worker

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


BEFORE = worker("1", "jane@x.example", start="2010-01-01", end="2015-01-01")
HER_ACCOUNT = account("jane", "jane@x.example", worker_id="1", enabled=Truth.NO, deleted=True)


def test_an_operators_word_hides_the_last_end_and_what_the_directory_tells() -> None:
    off = replace(HER_ACCOUNT, leaves_at=day("2026-12-05"), disabled_at=day("2026-11-19"))
    (person,) = link([snapshot(BEFORE, STATED, accounts=(off,))]).persons.values()
    sealed = replace(person, embargo_until=NOW + timedelta(hours=1), left_seen_at=NOW)
    found = readable(sealed, NOW)
    assert found.spells == (BEFORE, worker("1", "jane@x.example"))
    assert found.accounts == (account("jane", "jane@x.example", worker_id="1"),)
    assert (found.embargo_until, found.left_seen_at) == (None, None)
    assert standing(sealed, NOW) == standing(found, NOW)
    assert standing(sealed, NOW).state is StandingState.HERE
    assert [one.spell for one in standing(sealed, NOW).past] == [BEFORE.spell]


@pytest.mark.parametrize("number", ["1", ""])
def test_nothing_differs_from_somebody_of_whom_no_leave_was_stated(number: str) -> None:
    off = replace(account("ext", "e@x.example", enabled=Truth.NO, expires="2026-11-01"))
    workers = (replace(STATED, emails=("e@x.example",)),) if number else ()
    plain = (worker("1", "e@x.example"),) if number else ()
    (left,) = link([snapshot(*workers, accounts=(off,))]).persons.values()
    (here,) = link([snapshot(*plain, accounts=(account("ext", "e@x.example"),))]).persons.values()
    assert readable(replace(left, embargo_until=day("2027-01-01")), NOW) == here


def test_a_contract_that_followed_an_undated_end_stays_told() -> None:
    undated = replace(BEFORE, ends_at=None, employment=Employment.LEFT)
    (person,) = link([snapshot(undated, worker("1", "jane@x.example"))]).persons.values()
    sealed = replace(person, embargo_until=day("2027-01-01"))
    assert [row.employment for row in readable(sealed, NOW).spells] == [
        Employment.LEFT, Employment.ACTIVE,
    ]  # fmt: skip
