"""When a people feed that arrived whole is still not to be believed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from correlate.departure import access_ends_at
from correlate.errors import FeedRefused
from correlate.model import Employment, PeopleSnapshot, Truth, Worker

_SMALL = 3  # so few rows fewer are never a fall: small companies lose a fifth in a week
_SOME = 20  # of so many people somebody has left at some time


@dataclass(frozen=True, slots=True)
class Limits:
    """How far a feed may go. `expect_leavers`: it is meant to list those who left, too."""

    min_rows: int = 1
    max_fall_percent: float = 20.0
    max_bad_rows_percent: float = 1.0
    expect_leavers: bool = True


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


def check_leavers(taken: PeopleSnapshot, last: PeopleSnapshot | None, limits: Limits) -> None:
    """Raise FeedRefused for a personnel feed in which everybody has left, or nobody ever did
    though some had before or so many would have: the default lists of HR systems hold no leavers.
    """
    left = sum(_has_left(worker, taken.taken_at) for worker in taken.workers)
    if left == len(taken.workers):
        raise refused(taken.feed, "it says that everybody has left", "check status and dates")
    if left or not limits.expect_leavers:
        return
    before = last is not None and any(_has_left(one, last.taken_at) for one in last.workers)
    if before or len(taken.workers) > _SOME:
        raise refused(
            taken.feed,
            "nobody in it has ever left",
            "let it list those who left, too; if nobody has, set expect_leavers = false",
        )


def _has_left(worker: Worker, at: datetime) -> bool:
    end = access_ends_at(worker)
    return worker.employment is Employment.LEFT if end is None else end <= at


def _rows(taken: PeopleSnapshot) -> int:
    return len(taken.workers) + len(taken.accounts)


def _here(taken: PeopleSnapshot) -> int:
    workers = sum(not _has_left(worker, taken.taken_at) for worker in taken.workers)
    return workers + sum(a.enabled is Truth.YES and not a.deleted for a in taken.accounts)
