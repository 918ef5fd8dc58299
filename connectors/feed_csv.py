"""From the bytes of a CSV file (RFC 4180) to rows of texts: every cell as it stands, or none."""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import pandas as pd

from connectors.feed_guard import refused
from connectors.feed_people import Personnel
from connectors.feed_rows import Row
from connectors.feed_settings import FeedSettings, personnel
from correlate.errors import ConfigError
from correlate.model import PeopleSnapshot
from correlate.ports import Setup

COLUMNS: Mapping[str, str] = {
    "worker_id": "employee_id",
    "first_name": "first_name",
    "last_name": "last_name",
    "email": "email",
    "previous_emails": "previous_emails",
    "status": "status",
    "worker_type": "worker_type",
    "manager": "manager_id",
    "starts": "hire_date",
    "last_working_day": "last_working_day",
    "ends": "termination_date",
    "zone": "time_zone",
}
IDENTITIES: Mapping[str, str] = {"github": "github_login"}
# what a decoder leaves of bytes that another encoding wrote; NUL is told apart
_CONTROLS = re.compile(r"[\x01-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")


@dataclass(frozen=True, slots=True, kw_only=True)
class CsvSettings(FeedSettings):
    """`columns` are names of the header. `max_age_hours` 0 takes any age.

    A file whose last line has no end may have been cut within it; `last_line_open` takes it.
    """

    encoding: str = "utf-8"
    separator: str = ","
    last_line_open: bool = False
    max_age_hours: float = 36.0
    max_bytes: int = 256 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class CsvForm:
    """How one feed's files are written. `wanted` are the columns that must be there."""

    feed: str
    encoding: str
    separator: str
    last_line_open: bool
    wanted: frozenset[str]

    def rows(self, raw: bytes) -> Sequence[Row]:
        """Return the rows under the header. Raises FeedRefused, which never quotes a cell."""
        text = self._text(raw)
        self._check_shape(text)
        try:
            frame = pd.read_csv(
                io.StringIO(text, newline=""),
                sep=self.separator,
                dtype=str,
                keep_default_na=False,  # a surname may be "NA"
                na_filter=False,
                engine="c",
                index_col=False,
                skip_blank_lines=True,
            )
        except (ValueError, OverflowError):  # ParserError is a ValueError; its text quotes cells
            raise refused(
                self.feed, "it does not parse as CSV", "open it in a text editor"
            ) from None
        return [{str(k): str(v) for k, v in row.items()} for row in frame.to_dict("records")]

    def _text(self, raw: bytes) -> str:
        encoding = self.encoding.lower().replace("_", "-")
        if encoding in ("utf-8", "utf8"):
            encoding = "utf-8-sig"  # takes a byte order mark, needs none
        try:
            text = raw.decode(encoding)
        except (UnicodeError, LookupError):
            raise refused(self.feed, f"it is not {self.encoding}", "set encoding") from None
        if not encoding.startswith("utf") and not raw.isascii() and _is_utf8(raw):
            raise refused(self.feed, f"it is UTF-8, not {self.encoding}", "set encoding")
        if "\x00" in text:
            raise refused(self.feed, "it holds NUL characters", "check the transfer")
        if _CONTROLS.search(text):
            raise refused(
                self.feed, "it holds control characters", "set encoding, or mend the export"
            )
        if text and not self.last_line_open and not text.endswith(("\n", "\r")):
            raise refused(
                self.feed,
                "its last line has no end, so that it may be cut",
                "fetch it again; if that is how it is written, set last_line_open = true",
            )
        return text

    def _check_shape(self, text: str) -> None:
        """Refuse a file whose rows are not all as wide as its header.

        pandas pads short rows, and takes the first column for an index when all are long.
        """
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=self.separator, strict=True)
        try:
            header = next(reader, [])
            self._check_header(header)
            for row in reader:
                if row and len(row) != len(header):
                    raise refused(
                        self.feed,
                        f"line {reader.line_num} has {len(row)} fields, the header {len(header)}",
                        "fetch the file again; if that is how it is, mend it",
                    )
        except csv.Error:
            raise refused(
                self.feed,
                f"line {reader.line_num} is not whole CSV",
                "check quotes and the transfer's end",
            ) from None

    def _check_header(self, header: Sequence[str]) -> None:
        if len(header) <= 1:
            raise refused(self.feed, "its header is one column", "set separator")
        twice = [name for name, times in Counter(header).items() if times > 1]
        if twice:
            raise refused(self.feed, f"{len(twice)} column names stand twice", "mend the export")
        missing = sorted(self.wanted - set(header))
        if missing:
            raise refused(
                self.feed,
                f"columns are missing: {', '.join(missing)}",
                "map the fields in `columns`, empty for those it lacks",
            )


@dataclass(frozen=True, slots=True)
class CsvPersonnel:
    """A personnel feed that comes as CSV, wherever its files are."""

    people: Personnel
    form: CsvForm

    def snapshot(self, raw: bytes, now: datetime, last: PeopleSnapshot | None) -> PeopleSnapshot:
        """Return what a file says. Raises FeedRefused, and then nothing of it is believed."""
        digest = hashlib.sha256(raw).hexdigest()
        return self.people.snapshot(self.form.rows(raw), digest, now, last)


def csv_personnel(settings: CsvSettings, setup: Setup) -> CsvPersonnel:
    """Return the feed without its files; raises ConfigError for settings that cannot be meant.

    A file's header is named as a whole, or not at all.
    """
    if len(settings.separator) != 1:
        raise ConfigError(
            "a separator that is none", where=f"people.{setup.name}.separator",
            why="it is one character", fix='for example "," or ";"',
        )  # fmt: skip
    identities = settings.identities or ({} if settings.columns else IDENTITIES)
    people = personnel(settings, setup, settings.columns or COLUMNS, identities)
    form = CsvForm(
        setup.name, settings.encoding, settings.separator, settings.last_line_open,
        people.how.wanted,
    )  # fmt: skip
    return CsvPersonnel(people, form)


def _is_utf8(raw: bytes) -> bool:
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
