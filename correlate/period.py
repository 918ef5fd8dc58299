"""A span of time as auditors write it: a year, a quarter, a month, or from one day to another."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from correlate.errors import ConfigError

_MONTHS = 12
_NAMED = re.compile(r"(\d{4})(?:-Q([1-4])|-(0[1-9]|1[0-2]))?")
_SPAN = re.compile(r"(\d{4}-\d\d-\d\d)\.\.(\d{4}-\d\d-\d\d)")


@dataclass(frozen=True, slots=True)
class Period:
    """From `start` up to, and without, `end`; both in UTC. `name` is as it was written."""

    name: str
    start: datetime
    end: datetime

    def has(self, at: datetime | None) -> bool:
        """Whether an instant lies in it; None does not."""
        return at is not None and self.start <= at < self.end

    def meets(self, first: datetime, last: datetime | None) -> bool:
        """Whether it has any of the time from `first` to `last` (None: still)."""
        return first < self.end and (last is None or last >= self.start)


def parse_period(text: str) -> Period:
    """Return the period that is meant by "2026", "2026-Q3", "2026-07" or "2026-07-01..2026-09-30", whose
    last day is part of it; days are days of UTC. Raises ConfigError for anything else.
    """
    named, span = _NAMED.fullmatch(text), _SPAN.fullmatch(text)
    try:
        if named:
            return _of_months(text, *named.groups())
        if span:
            first, last = map(date.fromisoformat, span.groups())
            if first <= last:
                return Period(text, _midnight(first), _midnight(last + timedelta(days=1)))
    except (ValueError, OverflowError):
        pass  # a day that no calendar has
    raise ConfigError(
        "That is no period", where=text[:40], why="no year, quarter, month or span of days reads so",
        fix='write it like "2026", "2026-Q3", "2026-07" or "2026-07-01..2026-09-30"',
    )  # fmt: skip


def _of_months(text: str, year: str, quarter: str | None, month: str | None) -> Period:
    first = 3 * int(quarter) - 2 if quarter else int(month or 1)
    count = 3 if quarter else 1 if month else _MONTHS
    begins = date(int(year), first, 1)
    after = first + count - 1
    ends = date(begins.year + after // _MONTHS, after % _MONTHS + 1, 1)
    return Period(text, _midnight(begins), _midnight(ends))


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
