"""Reads a personnel feed from the newest CSV file of an SFTP folder."""

from __future__ import annotations

import fnmatch
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from connectors.feed_csv import CsvPersonnel, CsvSettings, csv_personnel
from connectors.feed_guard import check_age, refused
from connectors.sftp import Folder, RemoteFile, SftpServer, host_key
from correlate.errors import ConfigError
from correlate.model import PeopleSnapshot
from correlate.ports import Setup
from correlate.secret import Secret

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Settings(CsvSettings):
    """`host_key` is the server's public key ("ssh-ed25519 AAAA..."), from its operator and not
    from the network; `private_key` (with `passphrase`) or `password` is our login.

    `pattern` is a name, a name with * and ?, or one with a date in it (strptime, as in
    people_%Y-%m-%d.csv): the newest is read, by that date or by when it was written. Names that
    end in one of `unfinished` are still being sent. `done_marker`, when set, is appended to the
    name: the file counts as sent only when that second file is there. A file that was written
    less than `settle_seconds` ago may still grow.
    """

    host: str
    user: str
    host_key: str
    pattern: str
    folder: str = "."
    port: int = 22
    private_key: Secret | None = None
    passphrase: Secret | None = None
    password: Secret | None = None
    unfinished: tuple[str, ...] = (".tmp", ".part", ".filepart", ".crdownload")
    done_marker: str = ""
    settle_seconds: float = 60.0
    timeout_s: float = 300.0


def connect(settings: Settings, setup: Setup) -> SftpPeople:
    """Return the feed; raises ConfigError for settings that cannot be meant. Asks nothing yet."""
    where = f"people.{setup.name}"
    try:
        key = host_key(settings.host_key)
    except ValueError as error:
        raise ConfigError(
            "a setting that cannot be meant", where=f"{where}.host_key", why=str(error),
            fix='as in "ssh-ed25519 AAAA...", from the server\'s operator',
        ) from None  # fmt: skip
    if (settings.private_key is None) == (settings.password is None):
        raise ConfigError(
            "a setting that cannot be meant", where=f"{where}.private_key",
            why="there is no login, or there are two", fix="give private_key or password",
        )  # fmt: skip
    server = SftpServer(
        setup.name, settings.host, settings.port, settings.user, key, settings.private_key,
        settings.passphrase, settings.password, settings.timeout_s,
    )  # fmt: skip
    return SftpPeople(setup.name, settings, csv_personnel(settings, setup), server)


@dataclass(frozen=True, slots=True)
class SftpPeople:
    """The newest file of a folder. Absence in it means nothing."""

    name: str
    settings: Settings
    feed: CsvPersonnel
    server: SftpServer

    def snapshot(self, now: datetime, last: PeopleSnapshot | None) -> PeopleSnapshot:
        """Return what the newest file says. Raises FeedRefused, and then nothing of it is
        believed.
        """
        with self.server.open(self.settings.folder) as folder:
            raw = self._raw(folder, now)
        return self.feed.snapshot(raw, now, last)

    def _raw(self, folder: Folder, now: datetime) -> bytes:
        """Return the file's bytes; refuse one that is stale, too large or still being written."""
        known, files = self.settings, folder.files()
        found, dated_at = self._newest(files)
        names = {one.name for one in files}
        if known.done_marker and found.name + known.done_marker not in names:
            raise refused(self.name, "its done marker is not there", "wait for the transfer to end")
        if found.size > known.max_bytes:
            raise refused(self.name, f"it has more than {known.max_bytes} bytes", "raise max_bytes")
        if dated_at - _DAY > now:
            raise refused(self.name, "the newest file is dated in the future", "check its name")
        check_age(self.name, min(dated_at, found.written_at), now, known.max_age_hours)
        if now - found.written_at < timedelta(seconds=known.settle_seconds):
            raise refused(
                self.name, "it was written a moment ago",
                "run again later; if it is always so, compare the clocks or set settle_seconds",
            )  # fmt: skip
        raw = folder.read(found.name, known.max_bytes)
        if len(raw) != found.size or folder.look(found.name) != found:
            raise refused(
                self.name, "it changed while it was read", "let the sender rename it when done"
            )
        return raw

    def _newest(self, files: Sequence[RemoteFile]) -> tuple[RemoteFile, datetime]:
        """Return the newest file that is meant, and the instant up to which it can tell."""
        known = self.settings
        meant = [
            (dated_at, one.name, one)
            for one in files
            if not one.name.endswith(known.unfinished)
            and not (known.done_marker and one.name.endswith(known.done_marker))
            and (dated_at := self._dated_at(one)) is not None
        ]
        if not meant:
            raise refused(self.name, "no file of that name is there", "check folder and pattern")
        dated_at, _, found = max(meant)
        return found, dated_at

    def _dated_at(self, one: RemoteFile) -> datetime | None:
        """Return when a file is of, None for one that is not meant: the end of the day in its
        name, else when it was written.
        """
        pattern = self.settings.pattern
        if "%" not in pattern:
            return one.written_at if fnmatch.fnmatchcase(one.name, pattern) else None
        try:
            return datetime.strptime(one.name, pattern).replace(tzinfo=UTC) + _DAY
        except ValueError:
            return None
