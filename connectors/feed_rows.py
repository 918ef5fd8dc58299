"""From a feed's row of texts to a Worker, refusing what a spreadsheet or a shifted column did."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from correlate.model import Employment, Identity, Worker, WorkerId

# Where a zone is not known, a day is taken to end when it first ends anywhere (UTC+14).
EARLIEST_ZONE = "Etc/GMT-14"
_SPREADSHEET = re.compile(r"\d+(\.\d+)?[eE]\+?\d+|\d+\.0+|'.*|#(N/A|REF!|VALUE!|NAME\?)")
_NO_ID = re.compile(r"[@\s\u200b-\u200f\ufeff\x00-\x1f]")
_MAIL = re.compile(r"[^@\s]+@[^@\s]+")
_SHARE = 0.1  # of a column's filled cells that may be wrong before the column is
Row = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Reading:
    """How a feed words things: `columns` name our fields, the rest how their cells are read."""

    columns: Mapping[str, str]
    identities: Mapping[str, str]
    statuses: Mapping[str, Employment]
    list_separator: str
    date_format: str
    default_zone: str

    def cell(self, row: Row, field: str) -> str:
        """Return a field's text, trimmed; empty where the feed has no such column."""
        column = self.columns.get(field, "")
        return row.get(column, "").strip() if column else ""

    def texts(self, row: Row, field: str) -> list[str]:
        """Return a field's list of texts, without empty ones."""
        parts = self.cell(row, field).split(self.list_separator)
        return [part.strip() for part in parts if part.strip()]

    def day(self, row: Row, field: str) -> date | None:
        """Return a field's day; raises ValueError for a text that is none."""
        text = self.cell(row, field)
        # a day has no zone yet; `_instants` gives it the worker's
        return datetime.strptime(text, self.date_format).date() if text else None  # noqa: DTZ007


def doubts(rows: Sequence[Row], how: Reading) -> str:
    """Return why the feed's columns are not what the mapping says, empty when they may be."""
    ids = [how.cell(row, "worker_id") for row in rows]
    if any(_SPREADSHEET.fullmatch(text) for text in ids):
        return "worker ids look damaged by a spreadsheet (1.23E+05, 123.0 or a leading ')"
    if _too_many(ids, lambda text: bool(_NO_ID.search(text))):
        return "worker ids look like mail addresses or names: columns may be swapped"
    mails = [mail for row in rows for mail in how.texts(row, "email")]
    if _too_many(mails, lambda text: not _MAIL.fullmatch(text)):
        return "the mail column does not hold mail addresses: columns may be swapped"
    for field in ("starts", "last_working_day", "ends", "announced"):
        cells = [how.cell(row, field) for row in rows]
        if _too_many(cells, lambda text: not _is_day(text, how.date_format)):
            return f"the dates of `{how.columns[field]}` do not read as {how.date_format}"
    spans = [(_lenient(how, row, "starts"), _lenient(how, row, "ends")) for row in rows]
    both = [(start, end) for start, end in spans if start and end]
    if sum(end < start for start, end in both) > len(both) * _SHARE:
        return "people leave before they start: the date columns may be swapped"
    words = [how.cell(row, "status").casefold() for row in rows]
    if _too_many(words, lambda text: text not in how.statuses):
        return "the status column holds words that `statuses` does not name"
    return ""


def _too_many(cells: Sequence[str], wrong: Callable[[str], bool]) -> bool:
    """Say whether the column is at fault, and not only one cell of it."""
    filled = [text for text in cells if text]
    bad = sum(map(wrong, filled))
    return bad > len(filled) * _SHARE and (bad > 1 or len(cells) == 1)


def _is_day(text: str, form: str) -> bool:
    try:
        datetime.strptime(text, form)  # noqa: DTZ007
    except ValueError:
        return False
    return True


def _lenient(how: Reading, row: Row, field: str) -> date | None:
    try:
        return how.day(row, field)
    except ValueError:
        return None


def worker(row: Row, how: Reading, problem: Callable[[str], None]) -> Worker | None:
    """Return the row's spell; None, told through `problem`, for a row without a usable id."""
    key = how.cell(row, "worker_id")
    if not key or _NO_ID.search(key):
        problem("no usable worker id; the row was left out")
        return None
    status = how.cell(row, "status").casefold()
    if status not in how.statuses and how.columns.get("status"):
        problem("a status that `statuses` does not name")
    days = {field: _day(row, how, field, problem) for field in _DAYS}
    zone = _zone(how.cell(row, "zone") or how.default_zone, problem)
    starts, ends = days["starts"], days["ends"]
    if starts and ends and ends < starts:
        problem("the end lies before the start")
    manager = how.cell(row, "manager")
    return Worker(
        worker_id=WorkerId(key),
        spell=starts.isoformat() if starts else "1",
        name=_name(row, how),
        employment=how.statuses.get(status, Employment.UNKNOWN),
        emails=_emails(row, how, problem),
        identities=tuple(_identities(row, how)),
        worker_type=how.cell(row, "worker_type") or "employee",
        manager=WorkerId(manager) if manager else None,
        starts_at=_midnight(starts, zone),
        announced_at=_midnight(days["announced"], zone),
        last_working_at=_midnight(_next(days["last_working_day"]), zone),
        ends_at=_midnight(_next(ends), zone),
        zone=zone.key,
        precision="day" if zone.key != EARLIEST_ZONE else "day (zone unknown)",
    )


_DAYS = ("starts", "announced", "last_working_day", "ends")


def _day(row: Row, how: Reading, field: str, problem: Callable[[str], None]) -> date | None:
    try:
        return how.day(row, field)
    except ValueError:
        problem(f"`{how.columns[field]}` is not a day written as {how.date_format}")
        return None


def _zone(name: str, problem: Callable[[str], None]) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (OSError, ValueError, KeyError):  # ZoneInfoNotFoundError is a KeyError
        problem("the time zone is not known; a day is taken to end when it first ends anywhere")
        return ZoneInfo(EARLIEST_ZONE)


def _next(day: date | None) -> date | None:
    if day is None or day == date.max:
        return None  # 9999-12-31 is how some systems write "never"
    return day + timedelta(days=1)


def _midnight(day: date | None, zone: ZoneInfo) -> datetime | None:
    if day is None:
        return None
    return datetime.combine(day, time.min, zone).astimezone(UTC)


def _name(row: Row, how: Reading) -> str:
    return how.cell(row, "name") or " ".join(
        part for part in (how.cell(row, "first_name"), how.cell(row, "last_name")) if part
    )


def _emails(row: Row, how: Reading, problem: Callable[[str], None]) -> tuple[str, ...]:
    found = how.texts(row, "email") + how.texts(row, "previous_emails")
    good = [text for text in found if _MAIL.fullmatch(text)]
    if len(good) < len(found):
        problem("a mail address that is none was left out")
    return tuple(dict.fromkeys(good))


def _identities(row: Row, how: Reading) -> Iterable[Identity]:
    for system, column in how.identities.items():
        for handle in row.get(column, "").split(how.list_separator):
            if handle.strip():
                yield Identity(system, handle.strip())
