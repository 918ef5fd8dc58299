"""Going on from the last snapshot of a directory: only what has changed since is read.

What the server says has changed is read with all its attributes and judged as in a whole read, so
that a change is never put together from parts. What a server does not tell of in this way
(entries taken out, or moved to where we do not look) waits for the next whole read; absence is
no departure, so nobody is missed by that.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path

from connectors.directory_values import generalized
from correlate.model import DirectoryAccount, PeopleSnapshot

_FILE = "marks.json"
_MARKS_MAX = 2  # the newest snapshot may be refused by guards: then the one before goes on
_SERVERS_MAX = 32
_OVERLAP = timedelta(hours=1)
_UPDATE = re.compile(r"\d{1,20}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Mark:
    """How far a snapshot (known by its digest) goes: a point for each server that was read.

    A point is the update number of a domain controller (its invocation id is the server), or the
    newest modifyTimestamp. `place` is a digest of all settings that matter.
    """

    follows: str
    place: str
    whole_at: datetime
    points: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Marks:
    """The marks of one feed in a private folder. One that is lost or spoilt means a whole read."""

    folder: Path

    def of(self, snapshot: PeopleSnapshot | None, place: str) -> Mark | None:
        """Return the mark that this snapshot was left with under the same settings."""
        if snapshot is None:
            return None
        fit = (
            mark for mark in self._all() if (mark.follows, mark.place) == (snapshot.digest, place)
        )
        return next(fit, None)

    def keep(self, mark: Mark, before: Mark | None) -> None:
        """Write down a mark and the one it goes on from. A folder that cannot be written is no fault."""
        kept = [mark, *([before] if before and before.follows != mark.follows else [])]
        text = json.dumps([{**asdict(one), "whole_at": one.whole_at.isoformat()} for one in kept])
        with contextlib.suppress(OSError):
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            new = self.folder / f"{_FILE}.new"
            new.write_text(text, encoding="utf-8")
            new.replace(self.folder / _FILE)

    def _all(self) -> Iterable[Mark]:
        try:
            rows = json.loads((self.folder / _FILE).read_text(encoding="utf-8"))
            return [_mark(**row) for row in rows[:_MARKS_MAX]]
        except (OSError, ValueError, TypeError, AttributeError, RecursionError):
            return []


def _mark(follows: str, place: str, whole_at: str, points: Mapping[str, str]) -> Mark:
    """Return a mark as it was written; raises where it was not written by us."""
    at = datetime.fromisoformat(whole_at)
    if at.tzinfo is None:
        raise ValueError("no instant")
    return Mark(follows, place, at, {server: str(point) for server, point in points.items()})


def place_of(*settings: object) -> str:
    """Return a digest of settings: a mark made under others is none."""
    return hashlib.sha256(repr(settings).encode()).hexdigest()


def point_in_force(mark: Mark | None, server: str, now: datetime, hours: float) -> str:
    """Return the point to go on from at this server, empty where the directory is to be read whole:
    `hours` after the last whole read, at a server that is new, or when time went backwards.
    """
    if mark is None:
        return ""
    age = now - mark.whole_at
    if not timedelta(0) <= age < timedelta(hours=hours):
        return ""
    return mark.points.get(server, "")


def updated_since(point: str, reached: str) -> str:
    """Return Active Directory's filter for what has changed since a point; empty where it tells
    nothing, or lies beyond what the server has `reached`: that is a restored one.

    https://learn.microsoft.com/windows/win32/ad/polling-for-changes-using-usnchanged
    """
    if not (_UPDATE.fullmatch(point) and _UPDATE.fullmatch(reached) and int(point) <= int(reached)):
        return ""
    return f"(uSNChanged>={int(point) + 1})"


def modified_since(point: str) -> str:
    """Return the filter for what was modified since a point, empty where it tells nothing. It goes
    back a little: changes reach the server that we ask later than the one they were made at.
    """
    at = generalized(point)
    return f"(modifyTimestamp>={at - _OVERLAP:%Y%m%d%H%M%SZ})" if at else ""


def next_mark(
    mark: Mark | None, taken: PeopleSnapshot, place: str, server: str, point: str, *, whole: bool
) -> Mark:
    """Return the mark of a snapshot. Points of other servers stay: what changed at them since is
    read again from them.
    """
    points = dict(mark.points) if mark is not None else {}
    points.pop(server, None)
    latest = [*points.items(), (server, point)][-_SERVERS_MAX:]
    whole_at = taken.taken_at if whole or mark is None else mark.whole_at
    return Mark(taken.digest, place, whole_at, dict(latest))


def merged(
    last: PeopleSnapshot, read: Iterable[str], accounts: Iterable[DirectoryAccount]
) -> list[DirectoryAccount]:
    """Return the last snapshot's accounts with those of the entries `read` (by id) put in their place."""
    held = {one.account_id: one for one in last.accounts}
    for number in set(read):
        held.pop(number, None)
    held.update({one.account_id: one for one in accounts})
    return list(held.values())


def digest_of(last: PeopleSnapshot, accounts: Iterable[DirectoryAccount], read: str) -> str:
    """Return the digest of a snapshot that went on from `last`: the same one where nothing changed."""
    if set(accounts) == set(last.accounts):
        return last.digest
    return hashlib.sha256(f"{last.digest} {read}".encode()).hexdigest()
