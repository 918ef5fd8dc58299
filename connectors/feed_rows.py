"""From a feed's row of texts to a Worker, refusing what a spreadsheet or a shifted column did."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from connectors.feed_dates import (
    EARLIEST_ZONE,
    begins,
    day_of,
    is_over,
    order_doubt,
    reads,
    when,
)
from correlate.model import Employment, Identity, Worker, WorkerId

FIELDS = (
    "worker_id", "person_key", "name", "first_name", "last_name", "email", "previous_emails",
    "status", "worker_type", "employer", "unit", "manager", "starts", "announced", "moved",
    "last_working_day", "ends", "zone", "legal_hold", "embargo_until",
)  # fmt: skip
_SPREADSHEET = re.compile(r"\d+(\.\d+)?[eE]\+?\d+|\d+\.0+|'.*|#(N/A|REF!|VALUE!|NAME\?)")
_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2064\ufeff]")
_NO_ID = re.compile(rf"[@\s]|{_UNSEEN.pattern}")
_MAIL = re.compile(r"[^@\s]+@[^@\s]+")
_YES, _NO = frozenset({"true", "yes", "y", "1"}), frozenset({"", "false", "no", "n", "0"})
_DAYS = ("starts", "announced", "moved", "last_working_day", "ends")
_SHARE = 0.1  # of a column's filled cells that may be wrong before the column is
Row = Mapping[str, str]
Note = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Reading:
    """How a feed words things: `columns` name our fields, the rest how their cells are read.

    `trusted_dates`: somebody has compared the order of day and month with the source.
    """

    columns: Mapping[str, str]
    identities: Mapping[str, str]
    statuses: Mapping[str, Employment]
    list_separator: str
    date_format: str
    default_zone: str
    trusted_dates: bool = False

    @property
    def wanted(self) -> frozenset[str]:
        """The feed's columns that are read."""
        return frozenset(c for c in (*self.columns.values(), *self.identities.values()) if c)

    def cell(self, row: Row, field: str) -> str:
        """Return a field's text, trimmed; empty where the feed has no such column."""
        column = self.columns.get(field, "")
        return row.get(column, "").strip() if column else ""

    def texts(self, row: Row, field: str) -> list[str]:
        """Return a field's list of texts, without empty ones."""
        parts = self.cell(row, field).split(self.list_separator)
        return [part.strip() for part in parts if part.strip()]

    def moment(self, row: Row, field: str) -> date | datetime | None:
        """Return a field's day or instant; raises ValueError for a text that is none."""
        text = self.cell(row, field)
        return when(text, self.date_format) if text else None


def doubts(rows: Sequence[Row], how: Reading) -> str:
    """Return why the feed's columns are not what the mapping says, empty when they may be."""
    ids = [how.cell(row, "worker_id") for row in rows]
    if any(_SPREADSHEET.fullmatch(text) for text in ids):
        return "worker ids look damaged by a spreadsheet (1.23E+05, 123.0 or a leading ')"
    if _too_many(ids, lambda text: bool(_NO_ID.search(text))):
        return "worker ids look like mail addresses or names: columns may be swapped"
    mails = [mail for row in rows for mail in how.texts(row, "email")]
    if _too_many(mails, lambda text: not _is_mail(text)):
        return "the mail column does not hold mail addresses: columns may be swapped"
    words = [how.cell(row, "status").casefold() for row in rows]
    if _too_many(words, lambda text: text not in how.statuses):
        return "the status column holds words that `statuses` does not name"
    return _date_doubts(rows, how)


def _date_doubts(rows: Sequence[Row], how: Reading) -> str:
    columns = {field: [how.cell(row, field) for row in rows] for field in _DAYS}
    for field, cells in columns.items():
        if _too_many(cells, lambda text: not reads(text, how.date_format)):
            return f"the dates of `{how.columns[field]}` do not read as {how.date_format}"
    embargoes = [text for row in rows if (text := how.cell(row, "embargo_until"))]
    if not all(reads(text, how.date_format) for text in embargoes):
        return f"an embargo does not read as {how.date_format} or as an instant with its zone"
    dates = [text for cells in (*columns.values(), embargoes) for text in cells if text]
    doubt = order_doubt(dates, how.date_format, trusted=how.trusted_dates)
    if doubt:
        return doubt
    utc = ZoneInfo("UTC")
    spans = [(_lenient(how, row, "starts"), _lenient(how, row, "ends")) for row in rows]
    both = [(day_of(a, utc), day_of(b, utc)) for a, b in spans if a and b]
    early = sum(end < start for start, end in both)
    if early > len(both) * _SHARE and (early > 1 or len(rows) == 1):
        return "people leave before they start: the date columns may be swapped"
    return ""


def _too_many(cells: Sequence[str], wrong: Callable[[str], bool]) -> bool:
    """Say whether the column is at fault, and not only one cell of it."""
    filled = [text for text in cells if text]
    bad = sum(map(wrong, filled))
    return bad > len(filled) * _SHARE and (bad > 1 or len(cells) == 1)


def _is_mail(text: str) -> bool:
    return bool(_MAIL.fullmatch(text)) and not _UNSEEN.search(text)


def _lenient(how: Reading, row: Row, field: str) -> date | datetime | None:
    try:
        return how.moment(row, field)
    except ValueError:
        return None


def worker(row: Row, how: Reading, now: datetime, problem: Note) -> Worker | None:
    """Return the row's spell; None, told through `problem`, for a row without a usable id."""
    key = how.cell(row, "worker_id")
    if not key or _NO_ID.search(key):
        problem("no usable worker id; the row was left out")
        return None
    zone = _zone(how.cell(row, "zone") or how.default_zone, problem)
    days = {field: _moment(row, how, field, problem) for field in _DAYS}
    starts = days["starts"]
    spell = day_of(starts, zone) if starts else None
    ends = {name: _end(days[name], spell, zone, problem) for name in ("last_working_day", "ends")}
    manager = _reference(row, how, "manager", problem)
    return Worker(
        worker_id=WorkerId(key),
        spell=spell.isoformat() if spell else "1",
        name=_name(row, how),
        employment=_employment(row, how, (begins(starts, zone), *ends.values()), now, problem),
        emails=_emails(row, how, problem),
        identities=tuple(_identities(row, how, problem)),
        worker_type=how.cell(row, "worker_type") or "employee",
        manager=WorkerId(manager) if manager else None,
        starts_at=begins(starts, zone),
        announced_at=begins(days["announced"], zone),
        last_working_at=ends["last_working_day"],
        ends_at=ends["ends"],
        zone=zone.key,
        precision=_precision([days["last_working_day"], days["ends"]], zone),
        person_key=_reference(row, how, "person_key", problem),
        employer=how.cell(row, "employer"),
        unit=how.cell(row, "unit"),
        moved_at=begins(days["moved"], zone),
        legal_hold=_hold(row, how, problem),
        embargo_until=is_over(how.moment(row, "embargo_until"), zone),
    )


def _employment(
    row: Row, how: Reading, span: tuple[datetime | None, ...], now: datetime, problem: Note
) -> Employment:
    """Return the standing that the feed states. Who is not here yet has not left: some feeds
    call a future hire inactive.
    """
    status = how.cell(row, "status").casefold()
    if status not in how.statuses and how.columns.get("status"):
        problem("a status that `statuses` does not name")
    stated = how.statuses.get(status, Employment.UNKNOWN)
    starts, *ends = span
    if stated is Employment.LEFT and starts and starts > now and not any(ends):
        return Employment.UNKNOWN
    return stated


def _moment(row: Row, how: Reading, field: str, problem: Note) -> date | datetime | None:
    try:
        return how.moment(row, field)
    except ValueError:
        problem(f"`{how.columns[field]}` is not a day written as {how.date_format}")
        return None


def _end(
    moment: date | datetime | None, spell: date | None, zone: ZoneInfo, problem: Note
) -> datetime | None:
    """Return when an end is reached. One before the start belongs to an earlier spell, or to none."""
    if moment and spell and day_of(moment, zone) < spell:
        problem("the end lies before the start and was left out")
        return None
    return is_over(moment, zone)


def _precision(ends: Sequence[date | datetime | None], zone: ZoneInfo) -> str:
    """Return how exact the earlier of the ends is: that is when access ends."""
    known = [(over, end) for end in ends if (over := is_over(end, zone)) is not None]
    if known and isinstance(min(known, key=lambda pair: pair[0])[1], datetime):
        return "instant"
    return "day" if zone.key != EARLIEST_ZONE else "day (zone unknown)"


def _zone(name: str, problem: Note) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (OSError, ValueError, KeyError):  # ZoneInfoNotFoundError is a KeyError
        problem("the time zone is not known; a day is taken to end when it first ends anywhere")
        return ZoneInfo(EARLIEST_ZONE)


def _name(row: Row, how: Reading) -> str:
    return how.cell(row, "name") or " ".join(
        part for part in (how.cell(row, "first_name"), how.cell(row, "last_name")) if part
    )


def _reference(row: Row, how: Reading, field: str, problem: Note) -> str:
    """Return a key that leads to other rows; one that was damaged would lead nowhere, or astray."""
    text = how.cell(row, field)
    if _SPREADSHEET.fullmatch(text) or _UNSEEN.search(text):
        problem(f"`{how.columns[field]}` looks damaged and was left out")
        return ""
    return text


def _hold(row: Row, how: Reading, problem: Note) -> bool:
    """Return whether a legal hold is stated: a word that nobody knows may mean one."""
    word = how.cell(row, "legal_hold").casefold()
    if word not in _YES | _NO:
        problem("a legal hold that is neither yes nor no; it was taken for yes")
    return word not in _NO


def _emails(row: Row, how: Reading, problem: Note) -> tuple[str, ...]:
    found = how.texts(row, "email") + how.texts(row, "previous_emails")
    good = [text for text in found if _is_mail(text)]
    if len(good) < len(found):
        problem("a mail address that is none was left out")
    return tuple(dict.fromkeys(good))


def _identities(row: Row, how: Reading, problem: Note) -> Iterator[Identity]:
    for system, column in how.identities.items():
        for text in row.get(column, "").split(how.list_separator):
            handle = text.strip()
            if _UNSEEN.search(handle):
                problem(f"`{column}` holds unseen characters and was left out")
            elif handle:
                yield Identity(system, handle)
