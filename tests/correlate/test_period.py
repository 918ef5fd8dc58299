"""A period is what its name says, to the instant."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from correlate.errors import ConfigError
from correlate.period import parse_period
from tests.correlate.cast import day


@pytest.mark.parametrize(
    ("text", "first", "after"),
    [
        ("2026", "2026-01-01", "2027-01-01"),
        ("2026-Q1", "2026-01-01", "2026-04-01"),
        ("2026-Q4", "2026-10-01", "2027-01-01"),
        ("2026-12", "2026-12-01", "2027-01-01"),
        ("2028-02", "2028-02-01", "2028-03-01"),
        ("2026-07-01..2026-09-30", "2026-07-01", "2026-10-01"),
        ("2026-07-01..2026-07-01", "2026-07-01", "2026-07-02"),
    ],
)
def test_a_name_means_its_first_instant_up_to_the_one_after(
    text: str, first: str, after: str
) -> None:
    made = parse_period(text)
    assert (made.name, made.start, made.end) == (text, day(first), day(after))
    assert made.has(made.start)
    assert not made.has(made.end)
    assert not made.has(None)


@pytest.mark.parametrize(
    "text",
    ["", "26", "2026-Q5", "2026-13", "2026-00", "0000", "9999-Q4", "2026-02-30..2026-03-01",
     "2026-03-02..2026-03-01", "2026-1-1..2026-2-1", "2026\n", "2026-Q3 "],
)  # fmt: skip
def test_what_no_calendar_has_is_refused(text: str) -> None:
    with pytest.raises(ConfigError):
        parse_period(text)


@given(st.datetimes(datetime(2001, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
def test_every_instant_lies_in_one_quarter_and_one_month_of_its_year(at: datetime) -> None:
    quarters = [parse_period(f"{at.year}-Q{number}") for number in range(1, 5)]
    months = [parse_period(f"{at.year}-{number:02}") for number in range(1, 13)]
    assert sum(one.has(at) for one in quarters) == 1
    assert sum(one.has(at) for one in months) == 1
    assert parse_period(str(at.year)).has(at)


def test_what_began_before_and_goes_on_meets_it() -> None:
    period = parse_period("2026-Q3")
    long_before, within = period.start - timedelta(days=900), period.start + timedelta(days=3)
    assert period.meets(long_before, None)
    assert period.meets(long_before, within)
    assert period.meets(within, within)
    assert not period.meets(long_before, period.start - timedelta(seconds=1))
    assert not period.meets(period.end, None)
