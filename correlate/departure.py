"""Who has left, by what the feeds state and never by what they leave out. The rules:

an end of access    the earlier of the last working day and the spell's end; garden leave lies
                    between the two. A date outweighs a status.
zone not known      the earliest instant counts for what was done with a credential, the latest
                    for who is late: days end 26 hours apart, between UTC+14 and UTC-12.
no date             the directory's date, else the instant at which it was first seen.
to come             LEAVING, a forecast, until access ends. A contract's end is no different.
several spells      only who has no spell in force has left: a rehire, a contractor taken on (the
                    same person, another worker id), one of several employers.
two feeds, one spell, and they disagree   the one that is ranked first is believed, else the
                    spell is in force while either says so.
taken on again      within HANDOVER of the end is the same stay, and no departure at all, also while
                    the new spell is still to begin. Later is a rehire: the departure stays known, so
                    that its cases go on.
called off          a spell that has not begun cannot end: no departure.
on leave, moved     here. Neither is a departure.
embargo             until it ends, nobody has stated an end (`correlate.embargo`).
died, dismissed, resigned   left. No reason is read, kept or told.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from correlate.directory_standing import by_directory, disagreements, left_on
from correlate.embargo import readable
from correlate.model import Employment, Worker
from correlate.precedence import preferred
from correlate.verdict import Departure, Person, Standing, StandingState

HANDOVER = timedelta(days=4)  # a contract ends on a Friday, the employment begins after the weekend
# Offsets in use reach from UTC+14 (Pacific/Kiritimati) to UTC-12 (Etc/GMT+12),
# https://www.iana.org/time-zones
WIDEST = timedelta(hours=26)
ZONE_UNKNOWN = "day (zone unknown)"
SOURCE = "personnel feed"
HERE = Standing(StandingState.HERE)  # most of those who are: one value for all


def standing(person: Person, now: datetime, seen_at: datetime | None = None) -> Standing:
    """Return where a person stands at `now`, by the rules at the head of this file.

    Personnel feeds decide, the directory only adds notes; a person whom no personnel
    feed knows is judged by the directory's own dates (an expiry that has passed is a
    departure, a mere disabling is a suspicion). `seen_at` stands in for the instant of a
    departure that no feed gives a date for: when it was first seen (default: `now`).
    """
    person = readable(person, now)
    if not person.spells:
        return by_directory(person, now)
    stays = _stays(person, now, seen_at or now)
    stated = [one.end for one in stays if one.end]
    found = _of_one(stays[0], now) if len(stays) == 1 else _of_several(stays, now)
    notes = disagreements(person, found.state, now) if person.accounts else []
    if not notes and not stated:
        return found
    stated.sort(key=_by_time)
    return Standing(
        found.state, found.departure, (*found.notes, *notes), tuple(stated), found.past, found.away,
        found.moved_at,
    )  # fmt: skip


def undated(person: Person) -> bool:
    """Return whether a personnel feed states an end of which it gives no date."""
    return any(
        spell.employment is Employment.LEFT and access_ends_at(spell) is None
        for spell in person.spells
    )


def access_ends_at(spell: Worker) -> datetime | None:
    """Return when access should end: the earlier of the last working day and the spell's end."""
    last, end = spell.last_working_at, spell.ends_at
    if last is None or end is None:
        return end if last is None else last
    return min(last, end)


@dataclass(frozen=True, slots=True)
class _Stay:
    """One spell as all feeds together state it: whether it is in force, and when it ends or ended."""

    rows: tuple[Worker, ...]
    current: bool
    end: Departure | None

    def covers(self, at: datetime) -> bool:
        """Whether the stay was in force at `at`, or began within the handover after it."""
        starts = [row.starts_at for row in self.rows if row.starts_at is not None]
        return not starts or min(starts) <= at + HANDOVER

    def to_come(self) -> bool:
        """Whether it is to begin, and was not called off."""
        on = any(row.employment is not Employment.LEFT for row in self.rows)
        return on and not self.current and self.end is None

    def away(self) -> bool:
        return all(row.employment is Employment.ON_LEAVE for row in self.rows)


def _of_one(stay: _Stay, now: datetime) -> Standing:
    """Return what `_of_several` returns of one: most people have no other."""
    if not stay.current:
        if stay.end is None:
            return HERE
        return Standing(StandingState.LEFT, stay.end, tuple(_garden_leave(stay.end, now)))
    away, moved_at = stay.away(), _moved_at([stay], now)
    if stay.end is None and not away and moved_at is None:
        return HERE
    state = StandingState.ON_LEAVE if away else StandingState.HERE
    if stay.end is not None:
        state = StandingState.LEAVING
    return Standing(state, stay.end, away=away, moved_at=moved_at)


def _of_several(stays: Sequence[_Stay], now: datetime) -> Standing:
    current = [stay for stay in stays if stay.current]
    ahead = [stay for stay in stays if stay.to_come()]
    ended = [stay.end for stay in stays if stay.end and not stay.current]
    past = sorted((end for end in ended if not _goes_on(end, current + ahead)), key=_by_time)
    last = max(ended, key=_by_time, default=None)
    if not current and last in past:
        return Standing(StandingState.LEFT, last, tuple(_garden_leave(last, now)))
    notes = ["came back after a departure"] if past else []
    if len(past) < len(ended):
        notes.append("one employment has ended, another goes on")
    state, behind = StandingState.HERE, past[-1] if past else None
    away = bool(current) and all(stay.away() for stay in current)
    if away:
        state = StandingState.ON_LEAVE
    coming = [stay.end for stay in current if stay.end and not _goes_on(stay.end, ahead)]
    if coming and len(coming) == len(current):
        state, behind = StandingState.LEAVING, max(coming, key=_by_time)
    return Standing(
        state, behind, tuple(notes), past=tuple(past), away=away, moved_at=_moved_at(current, now)
    )


def _goes_on(end: Departure, stays: Iterable[_Stay]) -> bool:
    return any(stay.covers(end.effective_at) for stay in stays)


def _moved_at(current: Iterable[_Stay], now: datetime) -> datetime | None:
    moved = (row.moved_at for stay in current for row in stay.rows)
    return max((at for at in moved if at is not None and at <= now), default=None)


def _garden_leave(last: Departure | None, now: datetime) -> Iterable[str]:
    if last and last.ends_at and last.ends_at > now:
        yield f"no longer working, though employed until {last.ends_at:%Y-%m-%d}"


def _stays(person: Person, now: datetime, seen_at: datetime) -> list[_Stay]:
    if len(person.spells) == 1:  # as of most: nothing to prefer, nothing to put together
        name = _name(person, person.spells[0])
        return [_stay(person, name, person.spells, now, seen_at)]
    spells: dict[str, list[Worker]] = {}
    for row in preferred(person.spells):
        spells.setdefault(_name(person, row), []).append(row)
    return [_stay(person, name, tuple(rows), now, seen_at) for name, rows in spells.items()]


def _name(person: Person, row: Worker) -> str:
    """Return a spell's lasting name: its start, with the worker id where the person has several."""
    return row.spell if str(row.worker_id) == str(person.id) else f"{row.worker_id} {row.spell}"


def _stay(
    person: Person, name: str, rows: tuple[Worker, ...], now: datetime, seen_at: datetime
) -> _Stay:
    begun = [(row, access_ends_at(row)) for row in rows if _has_begun(row, now)]
    current = [(row, end) for row, end in begun if _in_force(row, end, now)]
    if current:
        ends = [_dated(person, name, row, end) for row, end in current if end is not None]
        last = _last(ends) if len(ends) == len(current) else None
        return _Stay(tuple([row for row, _ in current]), True, last)  # noqa: FBT003
    over = [_dated(person, name, row, end) for row, end in begun if end is not None and end <= now]
    if not over:
        left = [row for row, end in begun if end is None and row.employment is Employment.LEFT]
        over = [_undated(person, name, row, seen_at) for row in left]
    return _Stay(rows, False, _last(over))  # noqa: FBT003


def _has_begun(row: Worker, now: datetime) -> bool:
    return row.starts_at is None or row.starts_at <= now


def _in_force(row: Worker, end: datetime | None, now: datetime) -> bool:
    return end > now if end is not None else row.employment is not Employment.LEFT


def _dated(person: Person, name: str, row: Worker, end: datetime) -> Departure:
    return Departure(
        person.id, name, end, SOURCE, row.precision, row.announced_at, row.zone,
        row.last_working_at, row.ends_at,
        latest_at=end + WIDEST if row.precision == ZONE_UNKNOWN else None,
    )  # fmt: skip


def _undated(person: Person, name: str, row: Worker, seen_at: datetime) -> Departure:
    known = left_on(person.accounts, row.starts_at, seen_at)
    if known is None:
        return Departure(person.id, name, seen_at, SOURCE, "seen", row.announced_at, row.zone)
    source = f"{SOURCE}, dated by a directory"
    return Departure(person.id, name, known, source, "instant", row.announced_at, row.zone)


def _last(ends: Sequence[Departure]) -> Departure | None:
    return ends[0] if len(ends) == 1 else max(ends, key=_by_time, default=None)


def _by_time(departure: Departure) -> tuple[datetime, str, str, str]:
    """Order departures the same whatever the order of rows and feeds."""
    return departure.effective_at, departure.spell, departure.precision, departure.zone
