"""Reads a personnel feed from a CSV file: every cell as text, the whole file or none of it."""

from __future__ import annotations

import csv
import hashlib
import io
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd

from connectors.feed_guard import check_age, check_fall, refused
from connectors.feed_rows import Reading, Row, doubts, worker
from correlate.errors import ConfigError, FeedRefused
from correlate.model import Employment, PeopleSnapshot, Worker
from correlate.ports import Setup

COLUMNS: Mapping[str, str] = {
    "worker_id": "employee_id",
    "name": "",
    "first_name": "first_name",
    "last_name": "last_name",
    "email": "email",
    "previous_emails": "previous_emails",
    "status": "status",
    "worker_type": "worker_type",
    "manager": "manager_id",
    "starts": "hire_date",
    "announced": "",
    "last_working_day": "last_working_day",
    "ends": "termination_date",
    "zone": "time_zone",
}
IDENTITIES: Mapping[str, str] = {"github": "github_login"}
STATUSES: Mapping[str, str] = {
    "active": "active",
    "on leave": "on_leave",
    "on_leave": "on_leave",
    "leave": "on_leave",
    "terminated": "left",
    "left": "left",
    "inactive": "left",
}
_PROBLEMS_MAX = 200


@dataclass(frozen=True, slots=True)
class Settings:
    """`columns` names the feed's column for each of our fields (without it: COLUMNS),
    `identities` the column that holds a person's handle in a system, `statuses` what the
    feed's status words mean (active, on_leave, left, unknown).

    `done_marker`, when set, is appended to the file's name: the file counts as written only
    when that second file is there. `max_age_hours` 0 takes any age.
    """

    path: Path
    columns: Mapping[str, str] = field(default_factory=dict)
    identities: Mapping[str, str] = field(default_factory=dict)
    statuses: Mapping[str, str] = field(default_factory=lambda: dict(STATUSES))
    encoding: str = "utf-8"
    separator: str = ","
    list_separator: str = ";"
    date_format: str = "%Y-%m-%d"
    default_zone: str = "UTC"
    done_marker: str = ""
    max_age_hours: float = 36.0
    max_bytes: int = 256 * 1024 * 1024
    min_rows: int = 1
    max_fall_percent: float = 20.0
    max_bad_rows_percent: float = 1.0


def connect(settings: Settings, setup: Setup) -> CsvPeople:
    """Return the feed; raises ConfigError for a mapping that cannot be meant."""
    where = f"people.{setup.name}"
    columns = settings.columns or COLUMNS
    if len(settings.separator) != 1 or not settings.list_separator:
        raise ConfigError(
            "a separator that is none", where=f"{where}.separator",
            why="`separator` is one character, `list_separator` at least one",
            fix='for example "," and ";"',
        )  # fmt: skip
    unknown = sorted(set(columns) - set(COLUMNS))
    if (
        unknown
        or not columns.get("worker_id")
        or not (columns.get("status") or columns.get("ends"))
    ):
        raise ConfigError(
            "a mapping that cannot be meant", where=f"{where}.columns",
            why=f"unknown: {', '.join(unknown)}" if unknown else "it lacks worker_id, status or ends",
            fix="known are " + ", ".join(COLUMNS),
        )  # fmt: skip
    try:
        statuses = {k.casefold(): Employment(v) for k, v in settings.statuses.items()}
    except ValueError:
        raise ConfigError(
            "an unknown standing", where=f"{where}.statuses", why="a value is none of ours",
            fix="use active, on_leave, left or unknown",
        ) from None  # fmt: skip
    how = Reading(
        columns, settings.identities or ({} if settings.columns else IDENTITIES), statuses,
        settings.list_separator, settings.date_format, settings.default_zone,
    )  # fmt: skip
    return CsvPeople(setup.name, settings, how)


class CsvPeople:
    """One file that lists everybody, those who left included. Absence in it means nothing."""

    def __init__(self, name: str, settings: Settings, how: Reading) -> None:
        self.name = name
        self._settings, self._how = settings, how

    def snapshot(self, now: datetime, last: PeopleSnapshot | None) -> PeopleSnapshot:
        """Return what the file says. Raises FeedRefused, and then nothing of it is believed."""
        raw = self._raw(now)
        rows = self._rows(raw)
        doubt = doubts(rows, self._how)
        if doubt:
            raise self._refused(doubt, "check the columns mapping and the export")
        problems: list[str] = []
        workers = tuple(self._workers(rows, problems))
        self._check_bad_rows(len(rows), len(workers))
        workers = self._unique(workers, problems)
        digest = hashlib.sha256(raw).hexdigest()
        whole = len(workers) == len(rows)
        taken = PeopleSnapshot(
            self.name, now, whole, digest, workers, problems=tuple(problems[:_PROBLEMS_MAX])
        )
        check_fall(taken, last, self._settings.max_fall_percent)
        return taken

    def _raw(self, now: datetime) -> bytes:
        """Return the file's bytes; refuse one that is stale, too large or still being written."""
        path, known = self._settings.path, self._settings
        if known.done_marker and not path.with_name(path.name + known.done_marker).is_file():
            raise self._refused("its done marker is not there", "wait for the transfer to end")
        try:
            before = path.stat()
            if before.st_size > known.max_bytes:
                raise self._refused(f"it has more than {known.max_bytes} bytes", "raise max_bytes")
            raw = path.read_bytes()
            after = path.stat()
        except OSError as error:
            raise self._refused(
                f"the file cannot be read ({type(error).__name__})", "check path and permission"
            ) from None
        if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
            raise self._refused(
                "it changed while it was read", "let the sender rename it when done"
            )
        check_age(self.name, datetime.fromtimestamp(after.st_mtime, UTC), now, known.max_age_hours)
        return raw

    def _text(self, raw: bytes) -> str:
        encoding = self._settings.encoding.lower().replace("_", "-")
        if encoding in ("utf-8", "utf8"):
            encoding = "utf-8-sig"  # takes a byte order mark, needs none
        try:
            text = raw.decode(encoding)
        except (UnicodeError, LookupError):
            raise self._refused(f"it is not {self._settings.encoding}", "set encoding") from None
        if not encoding.startswith("utf") and not raw.isascii() and _is_utf8(raw):
            raise self._refused(f"it is UTF-8, not {self._settings.encoding}", "set encoding")
        if "\x00" in text:
            raise self._refused("it holds NUL characters", "check the transfer")
        return text

    def _rows(self, raw: bytes) -> Sequence[Row]:
        text = self._text(raw)
        self._check_shape(text)
        try:
            frame = pd.read_csv(
                io.StringIO(text),
                sep=self._settings.separator,
                dtype=str,
                keep_default_na=False,  # a surname may be "NA"
                na_filter=False,
                engine="c",
                index_col=False,
                skip_blank_lines=True,
            )
        except (ValueError, OverflowError):  # ParserError is a ValueError; its text quotes cells
            raise self._refused("it does not parse as CSV", "open it in a text editor") from None
        if len(frame) < self._settings.min_rows:
            raise self._refused(f"it has {len(frame)} rows", "check the export, or set min_rows")
        return [{str(k): str(v) for k, v in row.items()} for row in frame.to_dict("records")]

    def _check_shape(self, text: str) -> None:
        """Refuse a file whose rows are not all as wide as its header.

        pandas pads short rows, and takes the first column for an index when all are long.
        """
        reader = csv.reader(
            io.StringIO(text, newline=""), delimiter=self._settings.separator, strict=True
        )
        try:
            header = next(reader, [])
            self._check_header(header)
            for row in reader:
                if row and len(row) != len(header):
                    why = f"line {reader.line_num} has {len(row)} fields, the header {len(header)}"
                    raise self._refused(why, "fetch the file again; if that is how it is, mend it")
        except csv.Error:
            why = f"line {reader.line_num} is not whole CSV"
            raise self._refused(why, "check quotes and the transfer's end") from None

    def _check_header(self, header: Sequence[str]) -> None:
        if len(header) <= 1:
            raise self._refused("its header is one column", "set separator")
        twice = [name for name, times in Counter(header).items() if times > 1]
        if twice:
            raise self._refused(f"{len(twice)} column names stand twice", "mend the export")
        wanted = {c for c in (*self._how.columns.values(), *self._how.identities.values()) if c}
        missing = sorted(wanted - set(header))
        if missing:
            why = f"columns are missing: {', '.join(missing)}"
            raise self._refused(why, "map the fields in `columns`, empty for those it lacks")

    def _workers(self, rows: Sequence[Row], problems: list[str]) -> Iterator[Worker]:
        for number, row in enumerate(rows, start=1):

            def note(text: str, number: int = number) -> None:
                problems.append(f"row {number}: {text}")

            found = worker(row, self._how, note)
            if found is not None:
                yield found

    def _check_bad_rows(self, rows: int, good: int) -> None:
        bad = rows - good
        if bad > rows * self._settings.max_bad_rows_percent / 100 or good == 0:
            raise self._refused(f"{bad} of {rows} rows have no usable worker id", "mend the export")

    def _unique(self, workers: Sequence[Worker], problems: list[str]) -> tuple[Worker, ...]:
        """Return each spell once; two that differ are a feed at odds with itself."""
        kept: dict[tuple[str, str], Worker] = {}
        for one in workers:
            other = kept.setdefault((one.worker_id, one.spell), one)
            if other is not one and other != one:
                why = "a worker id stands twice with the same start and differing data"
                raise self._refused(why, "mend the export: a spell is one row")
            if other is not one:
                problems.append("a row stands twice")
        return tuple(kept.values())

    def _refused(self, why: str, fix: str) -> FeedRefused:
        return refused(self.name, why, fix)


def _is_utf8(raw: bytes) -> bool:
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
