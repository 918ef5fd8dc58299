"""Reads a personnel feed from a CSV file: every cell as text, the whole file or none of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from connectors.feed_csv import CsvPersonnel, CsvSettings, csv_personnel
from connectors.feed_guard import check_age, refused
from correlate.model import PeopleSnapshot
from correlate.ports import Setup


@dataclass(frozen=True, slots=True)
class Settings(CsvSettings):
    """`done_marker`, when set, is appended to the file's name: the file counts as written only
    when that second file is there.
    """

    path: Path
    done_marker: str = ""


def connect(settings: Settings, setup: Setup) -> CsvPeople:
    """Return the feed; raises ConfigError for a mapping that cannot be meant."""
    return CsvPeople(setup.name, settings, csv_personnel(settings, setup))


@dataclass(frozen=True, slots=True)
class CsvPeople:
    """One file that lists everybody, those who left included. Absence in it means nothing."""

    name: str
    settings: Settings
    feed: CsvPersonnel

    def snapshot(self, now: datetime, last: PeopleSnapshot | None) -> PeopleSnapshot:
        """Return what the file says. Raises FeedRefused, and then nothing of it is believed."""
        return self.feed.snapshot(self._raw(now), now, last)

    def _raw(self, now: datetime) -> bytes:
        """Return the file's bytes; refuse one that is stale, too large or still being written."""
        path, known = self.settings.path, self.settings
        if known.done_marker and not path.with_name(path.name + known.done_marker).is_file():
            raise refused(self.name, "its done marker is not there", "wait for the transfer to end")
        try:
            before = path.stat()
            if before.st_size > known.max_bytes:
                raise refused(
                    self.name, f"it has more than {known.max_bytes} bytes", "raise max_bytes"
                )
            raw = path.read_bytes()
            after = path.stat()
        except OSError as error:
            raise refused(
                self.name,
                f"the file cannot be read ({type(error).__name__})",
                "check path and permission",
            ) from None
        if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
            raise refused(
                self.name, "it changed while it was read", "let the sender rename it when done"
            )
        check_age(self.name, datetime.fromtimestamp(after.st_mtime, UTC), now, known.max_age_hours)
        return raw
