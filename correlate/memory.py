"""Whom a feed no longer lists, as it last stated them. Absence is never a departure, nor a pardon:
personnel systems purge leavers, directories delete accounts, and their tokens live on.
"""

from __future__ import annotations

from dataclasses import replace

from correlate.model import PeopleSnapshot, Truth

_NO_LONGER = " (no longer listed)"


def memory_of(feed: str) -> str:
    """Return the name under which a feed's memory is kept."""
    return f"{feed}{_NO_LONGER}"


def listed_by(feed: str) -> str:
    """Return the feed itself, of a feed or of its memory."""
    return feed.removesuffix(_NO_LONGER)


def remembered(
    memory: PeopleSnapshot | None, last: PeopleSnapshot | None, taken: PeopleSnapshot
) -> PeopleSnapshot:
    """Return everybody whom `memory` or the `last` snapshot knew and `taken` does not.

    A worker is carried only when their id is gone altogether, so that a corrected start
    date leaves no second spell. A carried account is neither enabled nor disabled any
    more; one whose login was given to another account is dropped.
    """
    before = [item for item in (memory, last) if item is not None]
    listed = {worker.worker_id for worker in taken.workers}
    ids = {account.account_id for account in taken.accounts}
    logins = {account.login.casefold() for account in taken.accounts}
    workers = {
        (worker.worker_id, worker.spell): worker
        for item in before
        for worker in item.workers
        if worker.worker_id not in listed
    }
    accounts = {
        account.account_id: replace(account, enabled=Truth.UNKNOWN)
        for item in before
        for account in item.accounts
        if account.account_id not in ids and account.login.casefold() not in logins
    }
    return PeopleSnapshot(
        memory_of(taken.feed),
        taken.taken_at,
        complete=True,
        digest=taken.digest,
        workers=tuple(workers.values()),
        accounts=tuple(accounts.values()),
    )
