"""What a directory's accounts say of where their holder stands. Feeds of both sorts decide so:

personnel feed   directory          outcome
left             enabled            left; a note that the account is still enabled
left             disabled           left
left, no date    leaves, disabled   left, on the directory's date
here             disabled           here (a leave, a lock, a suspension); a note
here             deleted            here; a note, for one of the two is wrong
here             leaves             here; a note with the directory's date
none             enabled            here, in no personnel feed
none             leaves             leaving, then left (Entra's employeeLeaveDateTime)
none             expired            left: contractors are often known to a directory only
none             disabled, deleted  suspected: on watch, never a leaver by that alone

A machine's account says nothing of a person. An account whose state is not told is neither
enabled nor disabled.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from correlate.model import DirectoryAccount, Truth
from correlate.verdict import Departure, Person, Standing, StandingState

SPELL = "directory"
_ALONE = "known to a directory only"


def by_directory(person: Person, now: datetime) -> Standing:
    """Return where a person stands whom no personnel feed knows.

    One account in use outweighs all that have ended. A suspected leaver's departure is dated by
    when the last account was disabled, where the directory tells.
    """
    accounts = _theirs(person.accounts)
    in_use = [one for one in accounts if _open(one, now)]
    if in_use:
        return _in_use(person, in_use)
    ended = [at for one in accounts if (at := _ends_at(one)) is not None and at <= now]
    if ended:
        by_date = any(one.leaves_at == max(ended) for one in accounts)
        left = _departure(person, max(ended), "instant" if by_date else "day")
        on = any(_enabled(one) for one in accounts)
        notes = (_ALONE, "the account is still enabled") if on and by_date else (_ALONE,)
        return Standing(StandingState.LEFT, left, notes, (left,))
    if any(one.deleted or one.enabled is Truth.NO for one in accounts):
        return _suspected(person, accounts)
    return Standing(StandingState.HERE)


def disagreements(person: Person, state: StandingState, now: datetime) -> list[str]:
    """Return what the directory says against a standing that a personnel feed gave."""
    accounts, notes = _theirs(person.accounts), []
    if state is StandingState.LEFT and any(map(_enabled, accounts)):
        notes.append("left by the personnel feed, but the directory account is still enabled")
    if state in (StandingState.HERE, StandingState.LEAVING):
        if any(one.deleted for one in accounts):
            notes.append("here by the personnel feed, but the directory account is deleted")
        elif any(one.enabled is Truth.NO for one in accounts):
            notes.append("here by the personnel feed, but the directory account is disabled")
    if state is StandingState.HERE:
        leaves = [one.leaves_at for one in accounts if one.leaves_at is not None]
        if leaves:
            verb, on = "left" if min(leaves) <= now else "leave", f"{min(leaves):%Y-%m-%d}"
            notes.append(
                f"here by the personnel feed, but the directory says that they {verb} on {on}"
            )
    return notes


def left_on(
    accounts: Iterable[DirectoryAccount], since: datetime | None, until: datetime
) -> datetime | None:
    """Return the directory's date of a leave that the personnel feed gives none for, between
    `since` and `until`: when the holder leaves, else when an account was first disabled.
    """
    theirs = _theirs(accounts)
    for dates in ([one.leaves_at for one in theirs], [one.disabled_at for one in theirs]):
        known = [at for at in dates if at is not None and at <= until]
        within = [at for at in known if since is None or at >= since]
        if within:
            return min(within)
    return None


def _in_use(person: Person, accounts: list[DirectoryAccount]) -> Standing:
    leaves = [one.leaves_at for one in accounts if one.leaves_at is not None]
    if len(leaves) < len(accounts):
        return Standing(StandingState.HERE)
    coming = _departure(person, max(leaves), "instant")
    return Standing(StandingState.LEAVING, coming, (_ALONE,), (coming,))


def _suspected(person: Person, accounts: list[DirectoryAccount]) -> Standing:
    dates = [one.disabled_at for one in accounts if one.disabled_at is not None]
    since = _departure(person, max(dates), "instant") if dates else None
    on = f" on {since.effective_at:%Y-%m-%d}" if since else ""
    note = f"account disabled or deleted{on}; in no personnel feed"
    return Standing(StandingState.SUSPECTED, since, (note,))


def _departure(person: Person, at: datetime, precision: str) -> Departure:
    return Departure(person.id, SPELL, at, "directory", precision)


def _theirs(accounts: Iterable[DirectoryAccount]) -> list[DirectoryAccount]:
    return [one for one in accounts if one.service is not Truth.YES]


def _ends_at(account: DirectoryAccount) -> datetime | None:
    dates = [at for at in (account.leaves_at, account.expires_at) if at is not None]
    return min(dates, default=None)


def _enabled(account: DirectoryAccount) -> bool:
    return account.enabled is Truth.YES and not account.deleted


def _open(account: DirectoryAccount, now: datetime) -> bool:
    ends = _ends_at(account)
    return _enabled(account) and (ends is None or ends > now)
