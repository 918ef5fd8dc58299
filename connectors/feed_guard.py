"""When a people feed that arrived whole is still not to be believed."""

from __future__ import annotations

from datetime import datetime, timedelta

from correlate.errors import FeedRefused
from correlate.model import Employment, PeopleSnapshot, Truth

_SMALL = 3  # so few rows fewer are never a fall: small companies lose a fifth in a week


def refused(feed: str, why: str, fix: str) -> FeedRefused:
    """Return the refusal of a feed, worded for whoever looks after it."""
    return FeedRefused("a people feed was refused", where=feed, why=why, fix=fix)


def check_age(feed: str, written_at: datetime, now: datetime, hours: float) -> None:
    """Raise FeedRefused for a feed written more than `hours` ago; 0 switches the check off."""
    if hours and now - written_at > timedelta(hours=hours):
        old = (now - written_at) // timedelta(hours=1)
        raise refused(
            feed,
            f"it was written {old} hours ago",
            "find out why no newer one came, or raise max_age_hours",
        )


def check_fall(taken: PeopleSnapshot, last: PeopleSnapshot | None, percent: float) -> None:
    """Raise FeedRefused when rows, or people who are here, fell by more than `percent`."""
    if last is None:
        return
    pairs = {
        "rows": (_rows(last), _rows(taken)),
        "people who are here": (_here(last), _here(taken)),
    }
    for what, (before, after) in pairs.items():
        fall = before - after
        if fall > _SMALL and fall > before * percent / 100:
            raise refused(
                taken.feed,
                f"{what} fell from {before} to {after}",
                "compare the feed with its source; if it is right, set max_fall_percent for one run",
            )


def _rows(taken: PeopleSnapshot) -> int:
    return len(taken.workers) + len(taken.accounts)


def _here(taken: PeopleSnapshot) -> int:
    here = (Employment.ACTIVE, Employment.ON_LEAVE)
    workers = sum(worker.employment in here for worker in taken.workers)
    return workers + sum(a.enabled is Truth.YES and not a.deleted for a in taken.accounts)
