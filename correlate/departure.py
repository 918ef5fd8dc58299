"""Who has left, by what the feeds state and never by what they leave out."""

from __future__ import annotations

from datetime import datetime

from correlate.model import DirectoryAccount, Employment, PersonId, Truth, Worker
from correlate.verdict import Departure, Person, Standing, StandingState


def standing(person: Person, now: datetime, seen_at: datetime | None = None) -> Standing:
    """Return where a person stands at `now`.

    Personnel feeds decide, the directory only adds notes; a person whom no personnel
    feed knows is judged by the directory's own dates (an expiry that has passed is a
    departure, a mere disabling is a suspicion). `seen_at` stands in for the instant of a
    departure that the feed gives no date for: when it was first seen (default: `now`).
    """
    if not person.spells:
        return _by_directory(person, now)
    state, departure = _by_spells(person, now, seen_at or now)
    return Standing(state, departure, tuple(_disagreements(person, state)))


def access_ends_at(spell: Worker) -> datetime | None:
    """Return when access should end: the earlier of the last working day and the spell's end."""
    ends = [end for end in (spell.last_working_at, spell.ends_at) if end is not None]
    return min(ends, default=None)


def _by_spells(
    person: Person, now: datetime, seen_at: datetime
) -> tuple[StandingState, Departure | None]:
    ended: list[Departure] = []
    coming: list[Departure] = []
    current: list[Worker] = []
    for spell in person.spells:
        end = access_ends_at(spell)
        if end is None and spell.employment is Employment.LEFT:
            ended.append(_departure(person.id, spell, seen_at, "seen"))
        elif end is not None and end <= now:
            ended.append(_departure(person.id, spell, end, spell.precision))
        elif spell.starts_at is None or spell.starts_at <= now:
            current.append(spell)
            if end is not None:
                coming.append(_departure(person.id, spell, end, spell.precision))
    last_ended = max(ended, key=lambda departure: departure.effective_at, default=None)
    if not current:
        state = StandingState.LEFT if last_ended else StandingState.HERE
        return state, last_ended
    if len(coming) == len(current):
        return StandingState.LEAVING, max(coming, key=lambda departure: departure.effective_at)
    if all(spell.employment is Employment.ON_LEAVE for spell in current):
        return StandingState.ON_LEAVE, last_ended
    return StandingState.HERE, last_ended  # rehired, or still in another employment


def _departure(person: PersonId, spell: Worker, at: datetime, precision: str) -> Departure:
    return Departure(
        person, spell.spell, at, "personnel feed", precision, spell.announced_at, spell.zone
    )


def _by_directory(person: Person, now: datetime) -> Standing:
    if any(_open(account, now) for account in person.accounts):
        return Standing(StandingState.HERE)
    expired = [
        account.expires_at
        for account in person.accounts
        if account.expires_at is not None and account.expires_at <= now
    ]
    if expired:
        departure = Departure(person.id, "directory", max(expired), "directory", "day")
        return Standing(StandingState.LEFT, departure, ("known to a directory only",))
    if any(account.deleted or account.enabled is Truth.NO for account in person.accounts):
        return Standing(
            StandingState.SUSPECTED, None, ("account disabled or deleted; in no personnel feed",)
        )
    return Standing(StandingState.HERE)


def _open(account: DirectoryAccount, now: datetime) -> bool:
    expired = account.expires_at is not None and account.expires_at <= now
    return account.enabled is Truth.YES and not account.deleted and not expired


def _disagreements(person: Person, state: StandingState) -> list[str]:
    notes = []
    if state is StandingState.LEFT and any(
        account.enabled is Truth.YES and not account.deleted for account in person.accounts
    ):
        notes.append("left by the personnel feed, but the directory account is still enabled")
    if state in (StandingState.HERE, StandingState.LEAVING):
        if any(account.deleted for account in person.accounts):
            notes.append("here by the personnel feed, but the directory account is deleted")
        elif any(account.enabled is Truth.NO for account in person.accounts):
            notes.append("here by the personnel feed, but the directory account is disabled")
    return notes
