"""A leave that nobody may learn of yet: until its embargo ends it reads as if it had not been stated.

A feed sets an embargo on one spell, an operator on a person. An operator's hides the end of every
spell that no later one followed: that somebody left years ago and came back is known. Under either
a directory's accounts tell nothing of a leave: an account is often disabled before its holder is told.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from correlate.model import DirectoryAccount, Employment, Truth, Worker
from correlate.verdict import Person


def readable(person: Person, now: datetime) -> Person:
    """Return the person as they may be read at `now`: no end that is under embargo stands in their
    spells, their accounts, nor in what they hold, and nothing tells of the embargo.
    """
    sealed = _runs(person.embargo_until, now)
    if not sealed and not any(_runs(row.embargo_until, now) for row in person.spells):
        return person
    spells = tuple(
        _endless(row)
        if _runs(row.embargo_until, now) or (sealed and not _followed(row, person.spells))
        else row
        for row in person.spells
    )
    hidden = {row.ends_at for row, kept in zip(person.spells, spells, strict=True) if row != kept}
    hidden |= {account.expires_at for account in person.accounts}
    holdings = tuple(
        replace(hold, until=None) if hold.until in hidden else hold for hold in person.holdings
    )
    accounts = tuple(map(_in_use, person.accounts))
    return replace(
        person, spells=spells, accounts=accounts, holdings=holdings, left_seen_at=None,
        embargo_until=None,
    )  # fmt: skip


def was_sealed(person: Person) -> bool:
    """Return whether an embargo was ever set on the person or a spell, so that what they held may not
    be readable as it stands.
    """
    return person.embargo_until is not None or any(
        row.embargo_until is not None for row in person.spells
    )


def lifted(person: Person) -> Person:
    """Return the person without any embargo."""
    spells = tuple(replace(row, embargo_until=None) for row in person.spells)
    return replace(person, spells=spells, embargo_until=None)


def _runs(until: datetime | None, now: datetime) -> bool:
    return until is not None and now < until


def _endless(row: Worker) -> Worker:
    left = row.employment is Employment.LEFT
    return replace(
        row, ends_at=None, last_working_at=None, announced_at=None, embargo_until=None,
        employment=Employment.ACTIVE if left else row.employment,
    )  # fmt: skip


def _followed(row: Worker, spells: tuple[Worker, ...]) -> bool:
    """Whether another spell began after this one, at its end or later."""
    end = row.ends_at or row.last_working_at or row.starts_at
    began = (other.starts_at for other in spells if other.spell != row.spell)
    return end is not None and any(at is not None and at >= end for at in began)


def _in_use(account: DirectoryAccount) -> DirectoryAccount:
    off = account.enabled is Truth.NO
    return replace(
        account, enabled=Truth.YES if off else account.enabled, deleted=False, expires_at=None,
        leaves_at=None, disabled_at=None,
    )  # fmt: skip
