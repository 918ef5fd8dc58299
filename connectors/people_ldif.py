"""Reads a directory's export in LDIF (RFC 2849), for where no login to the directory is to be had."""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from connectors.directory import Judged, Reading, reading
from connectors.directory_ranges import RANGED, whole
from connectors.directory_values import Raw
from connectors.feed_guard import check_age, check_fall, refused
from correlate.errors import ConfigError
from correlate.model import PeopleSnapshot
from correlate.ports import Setup

_PROBLEMS_MAX = 200


@dataclass(frozen=True, slots=True)
class Settings:
    """An export holds the operational attributes only if they were asked for ("*" and "+").

    Where it holds no entryUUID, an entry's name stands in for it. `max_age_hours` 0 takes
    any age.
    """

    path: Path
    flavour: str = "openldap"
    attributes: Mapping[str, str] = field(default_factory=dict)
    disabled_marker: str = ""
    person_class: str = "person"
    max_age_hours: float = 36.0
    max_bytes: int = 1024 * 1024 * 1024
    max_fall_percent: float = 20.0


def connect(settings: Settings, setup: Setup) -> LdifPeople:
    """Return the feed; raises ConfigError for a mapping that cannot be meant."""
    try:
        how = reading(
            settings.flavour, settings.attributes, settings.disabled_marker, id_from_name=True
        )
    except ValueError as error:
        raise ConfigError(
            "a setting is not usable", where=f"people.{setup.name}", why=str(error),
            fix="see the connector's docs",
        ) from None  # fmt: skip
    return LdifPeople(setup.name, settings, how)


class LdifPeople:
    """The accounts of one export. Absence in it is no departure."""

    def __init__(self, name: str, settings: Settings, how: Reading) -> None:
        self.name = name
        self._settings, self._how = settings, how

    def snapshot(self, now: datetime, last: PeopleSnapshot | None) -> PeopleSnapshot:
        """Return all accounts of the export. Raises FeedRefused, and then none is believed."""
        raw = self._raw(now)
        judged, wanted = Judged(self._how), self._settings.person_class.casefold().encode()
        try:
            for name, attributes in entries(raw):
                classes = [value.lower() for value in attributes.get("objectclass", ())]
                if wanted in classes:
                    judged.add(name, attributes)
        except ValueError as error:
            raise refused(self.name, str(error), "export it again") from None
        accounts = tuple(judged.accounts())
        if not accounts:
            raise refused(self.name, "it holds no account", "check person_class and attributes")
        taken = PeopleSnapshot(
            self.name, now, complete=True, digest=hashlib.sha256(raw).hexdigest(),
            accounts=accounts, problems=tuple(judged.problems[:_PROBLEMS_MAX]),
        )  # fmt: skip
        check_fall(taken, last, self._settings.max_fall_percent)
        return taken

    def _raw(self, now: datetime) -> bytes:
        try:
            found = self._settings.path.stat()
            if found.st_size > self._settings.max_bytes:
                raise refused(self.name, "it is above max_bytes", "raise max_bytes")
            raw = self._settings.path.read_bytes()
        except OSError as error:
            why = f"the file cannot be read ({type(error).__name__})"
            raise refused(self.name, why, "check path and permission") from None
        if len(raw) != found.st_size:
            raise refused(self.name, "it changed while it was read", "rename it when it is done")
        written_at = datetime.fromtimestamp(found.st_mtime, UTC)
        check_age(self.name, written_at, now, self._settings.max_age_hours)
        return raw


def entries(raw: bytes) -> Iterator[tuple[str, Raw]]:
    """Yield each entry's name and attributes. Raises ValueError for anything else, and for an
    attribute that was exported in part.
    """
    held: dict[str, list[bytes]] = {}
    name = ""
    for number, line in _unfolded(raw):
        if not line:
            if name:
                yield name, _closed(held)
            name, held = "", {}
            continue
        attribute, value = _pair(number, line)
        if not name and attribute == "version":
            continue
        if not name and attribute != "dn":
            raise ValueError(f"line {number}: an entry does not begin with its name")
        if attribute == "changetype":
            raise ValueError(f"line {number}: it is a list of changes, not an export")
        if attribute == "dn":
            if name:
                raise ValueError(f"line {number}: no empty line before the next entry")
            name = value.decode("utf-8", "replace")
        else:
            key = attribute if RANGED.fullmatch(attribute) else attribute.partition(";")[0]
            held.setdefault(key, []).append(value)
    if name:
        yield name, _closed(held)


def _closed(held: Raw) -> Raw:
    return whole(held, lambda _: held)


def _unfolded(raw: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield logical lines with the number of their first; comments are left out."""
    pending: bytes | None = None
    start = 0
    for number, line in enumerate(_lines(raw), start=1):
        if line.startswith(b" ") and pending is not None:
            pending += line[1:]
            continue
        if pending is not None and not pending.startswith(b"#"):
            yield start, pending
        pending, start = line, number
    if pending is not None and not pending.startswith(b"#"):
        yield start, pending


def _lines(raw: bytes) -> Iterable[bytes]:
    return (line.removesuffix(b"\r") for line in raw.split(b"\n"))


def _pair(number: int, line: bytes) -> tuple[str, bytes]:
    attribute, colon, rest = line.partition(b":")
    if not colon or not attribute or not attribute.isascii():
        raise ValueError(f"line {number}: not an attribute and its value")
    if rest.startswith(b"<"):
        raise ValueError(f"line {number}: its value stands in another file")
    if rest.startswith(b":"):
        try:
            value = base64.b64decode(rest[1:].strip(), validate=True)
        except binascii.Error:
            raise ValueError(f"line {number}: not base64") from None
    else:
        value = rest.lstrip(b" ")
    return attribute.decode("ascii").casefold(), value
