"""Until when somebody stands where they stand, so that nobody need look again before."""

from __future__ import annotations

from datetime import UTC, datetime

from correlate.departure import undated
from correlate.model import Worker
from correlate.verdict import Person

# The edition of the rules of `correlate.departure`, `directory_standing`, `embargo` and `precedence`: raised
# whenever they make something else of anybody, which makes void what was kept.
RULES = "1"
FOR_EVER = datetime.max.replace(tzinfo=UTC)


def stands_until(person: Person, now: datetime, seen_at: datetime | None = None) -> datetime:
    """Return until when `standing` says of the same person what it says at `now`: the next instant
    that any feed tells of, or FOR_EVER; `now` where it may say something else at any instant.
    """
    if seen_at is None and undated(person):
        return now
    told = (at for row in person.spells for at in _instants(row))
    of_accounts = (at for row in person.accounts for at in (row.leaves_at, row.expires_at))
    ahead = (
        at for at in (*told, *of_accounts, person.embargo_until) if at is not None and at > now
    )
    return min(ahead, default=FOR_EVER)


def _instants(row: Worker) -> tuple[datetime | None, ...]:
    return row.starts_at, row.last_working_at, row.ends_at, row.moved_at, row.embargo_until
