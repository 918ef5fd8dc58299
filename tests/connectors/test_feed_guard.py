from __future__ import annotations

from datetime import timedelta

import pytest

from connectors.feed_guard import Limits, check_age, check_fall, check_leavers
from correlate.errors import FeedRefused
from correlate.model import PeopleSnapshot
from tests.correlate.cast import NOW, account, snapshot, worker

LIMITS = Limits()


def table(here: int, left: int, first: int = 0) -> PeopleSnapshot:
    stay = [worker(str(n), f"p{n}@x.example") for n in range(first, first + here)]
    gone = [worker(f"g{n}", f"g{n}@x.example", end="2025-01-31") for n in range(left)]
    return snapshot(*stay, *gone)


def test_a_feed_of_the_last_hours_is_young_and_zero_takes_any_age() -> None:
    check_age("hr", NOW - timedelta(hours=36), NOW, 36.0)
    check_age("hr", NOW - timedelta(days=900), NOW, 0.0)
    with pytest.raises(FeedRefused, match="37 hours ago"):
        check_age("hr", NOW - timedelta(hours=37), NOW, 36.0)


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ((50, 5), (30, 5), "rows fell from 55 to 35"),
        ((50, 5), (30, 25), "here fell from 50 to 30"),  # by their dates, whatever their status
        ((50, 5), (41, 5), ""),
        ((5, 0), (2, 0), ""),  # so few are never a fall
    ],
)
def test_rows_and_people_who_are_here_may_fall_by_so_much(
    before: tuple[int, int], after: tuple[int, int], told: str
) -> None:
    if not told:
        check_fall(table(*after), table(*before), 20.0)
        return
    with pytest.raises(FeedRefused, match=told):
        check_fall(table(*after), table(*before), 20.0)


def test_a_first_reading_cannot_fall() -> None:
    check_fall(table(1, 0), None, 20.0)


@pytest.mark.parametrize(
    ("taken", "last"),
    [
        (table(0, 5), None),  # everybody left
        (table(21, 0), None),  # so many, and nobody ever left
        (table(5, 0), table(5, 1)),  # some had left before
    ],
)
def test_a_feed_that_cannot_tell_of_leavers_is_refused(
    taken: PeopleSnapshot, last: PeopleSnapshot | None
) -> None:
    with pytest.raises(FeedRefused):
        check_leavers(taken, last, LIMITS)


def test_a_feed_may_be_without_leavers_when_it_is_young_or_said_to_be() -> None:
    check_leavers(table(20, 0), None, LIMITS)
    check_leavers(table(50, 1), None, LIMITS)
    check_leavers(table(50, 0), table(50, 3), Limits(expect_leavers=False))
    with pytest.raises(FeedRefused, match="everybody"):
        check_leavers(table(0, 5), None, Limits(expect_leavers=False))


def test_who_is_about_to_leave_shows_no_leavers() -> None:
    """A list of those who are here has future ends, too."""
    coming = [worker(str(n), end="2099-01-31") for n in range(21)]
    with pytest.raises(FeedRefused):
        check_leavers(snapshot(*coming), None, LIMITS)


def test_accounts_count_as_they_are_enabled() -> None:
    before = snapshot(accounts=tuple(account(f"a{n}") for n in range(10)))
    with pytest.raises(FeedRefused):
        check_fall(snapshot(accounts=before.accounts[:5]), before, 20.0)
