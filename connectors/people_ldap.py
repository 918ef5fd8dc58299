"""Reads a directory over LDAP: all of it, or nothing. Between whole reads, what has changed."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

from connectors.directory import (
    DISABLED,
    SERVICE_CLASSES,
    STAMPS,
    Judged,
    Reading,
    identifier,
    reading,
)
from connectors.directory_delta import (
    Mark,
    Marks,
    digest_of,
    merged,
    modified_since,
    next_mark,
    place_of,
    point_in_force,
    updated_since,
)
from connectors.directory_values import generalized, text, values
from connectors.feed_guard import check_fall
from connectors.ldap_line import Entry, Line, Login, opened
from correlate.errors import ConfigError
from correlate.model import PeopleSnapshot
from correlate.ports import Setup
from correlate.secret import Secret

_PROBLEMS_MAX = 200
_READING = 1  # raise it when the same entries are judged otherwise: then all are read anew
_GLOBAL_CATALOG = (3268, 3269)
_SERVICES = "".join(f"(objectClass={name})" for name in SERVICE_CLASSES)
_FILTERS = {
    "openldap": "(objectClass=person)",
    "ad": f"(|(&(objectCategory=person)(objectClass=user)){_SERVICES})",
}
_GONE = "(&(objectClass=user)(isDeleted=TRUE))"
# [MS-ADTS] 3.1.1.3.4.4.1, all bits are set
_DISABLED = f"(userAccountControl:1.2.840.113556.1.4.803:={DISABLED})"
_MODIFIED = "modifyTimestamp"


@dataclass(frozen=True, slots=True)
class Settings:
    """`url` is ldaps://host[:port], or ldap:// with `start_tls`; plain ldap:// is for loopback
    with `allow_plain`. The certificate is verified against `ca_file` or the system's store,
    and must name the host. `disabled_marker` is "attribute=value". `deleted_base`, for "ad",
    also reads deleted accounts below it (the domain's own name). `attributes` maps fields (see
    `connectors.directory.FIELDS`) to the directory's attributes. Within `full_every_hours` of a
    whole read only changed entries are read; 0 reads all of them each time.
    """

    url: str
    base: str
    user: str
    password: Secret
    flavour: str = "openldap"
    filter: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)
    disabled_marker: str = ""
    deleted_base: str = ""
    start_tls: bool = False
    allow_plain: bool = False
    ca_file: Path | None = None
    page_size: int = 500
    timeout_s: float = 30.0
    max_fall_percent: float = 20.0
    full_every_hours: float = 20.0


def connect(settings: Settings, setup: Setup) -> LdapPeople:
    """Return the feed; raises ConfigError for settings that cannot be safe or meant."""
    url = urlsplit(settings.url)
    where = f"people.{setup.name}"
    plain = url.scheme == "ldap" and not settings.start_tls
    if url.scheme not in ("ldap", "ldaps") or not url.hostname:
        raise _config(f"{where}.url", "it is not ldaps://host or ldap://host")
    if plain and not (settings.allow_plain and _is_loopback(url.hostname)):
        raise _config(f"{where}.url", "the password would go over the wire unprotected")
    if settings.flavour == "ad" and url.port in _GLOBAL_CATALOG:
        raise _config(f"{where}.url", "a global catalog lacks attributes, employeeID among them")
    if not settings.user or not len(settings.password):
        raise _config(f"{where}.user", "a bind without a password proves nothing")
    if settings.page_size < 1:
        raise _config(f"{where}.page_size", "a page holds at least one entry")
    try:
        how = reading(settings.flavour, settings.attributes, settings.disabled_marker)
    except ValueError as error:
        raise _config(where, str(error)) from None
    return LdapPeople(setup.name, settings, how, Marks(setup.workdir))


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _config(where: str, why: str) -> ConfigError:
    return ConfigError(
        "a setting is not usable", where=where, why=why, fix="see the connector's docs"
    )


@dataclass(frozen=True, slots=True)
class _Clock:
    """Which server answers, and how far it is; empty where it does not say."""

    server: str = ""
    point: str = ""


class LdapPeople:
    """The accounts of one directory. Absence in it is no departure."""

    def __init__(self, name: str, settings: Settings, how: Reading, marks: Marks) -> None:
        self.name = name
        self._settings, self._how, self._marks = settings, how, marks
        self._ad = settings.flavour == "ad"

    def snapshot(self, now: datetime, last: PeopleSnapshot | None) -> PeopleSnapshot:
        """Return all accounts. Raises SourceError when the answer was cut at any point.

        The mark to go on from is kept before anybody has believed the snapshot: it holds for this
        very snapshot alone.
        """
        mark = self._marks.of(last, self._place())
        with opened(self.name, self._login()) as line:
            clock = self._clock(line)
            since = self._since(mark, clock, now)
            judged, changes = Judged(self._how), set[str]()
            for name, raw in self._entries(line, since):
                judged.add(name, raw)
                changes.add(text(raw, _MODIFIED))
            taken = self._taken(line, judged, now, last if since else None)
        check_fall(taken, last, self._settings.max_fall_percent)
        if mark is not None and since and not self._ad:
            changes.add(mark.points[clock.server])
        point = clock.point if self._ad else _newest(changes)
        if point:
            following = next_mark(mark, taken, self._place(), clock.server, point, whole=not since)
            self._marks.keep(following, mark)
        return taken

    def _login(self) -> Login:
        held = self._settings
        return Login(
            held.url, held.user, held.password, held.start_tls, held.ca_file, held.timeout_s,
            held.page_size,
        )  # fmt: skip

    def _place(self) -> str:
        held = self._settings
        return place_of(
            _READING, held.url, held.base, held.user, held.flavour, held.filter, held.deleted_base,
            held.disabled_marker, sorted(held.attributes.items()),
        )  # fmt: skip

    def _clock(self, line: Line) -> _Clock:
        """Return a domain controller's clock; it is read before the entries, so that none is missed."""
        if not self._ad:
            return _Clock()
        root = line.entry("", ["dsServiceName", "highestCommittedUSN"])
        service = text(root[1], "dsServiceName") if root else ""
        held = line.entry(service, ["invocationId"]) if service else None
        ids = values(held[1], "invocationId") if held else ()
        if not root or not ids:
            return _Clock()
        return _Clock(ids[0].hex(), text(root[1], "highestCommittedUSN"))

    def _since(self, mark: Mark | None, clock: _Clock, now: datetime) -> str:
        """Return the filter for what has changed since the mark, empty where all is to be read."""
        held = point_in_force(mark, clock.server, now, self._settings.full_every_hours)
        return updated_since(held, clock.point) if self._ad else modified_since(held)

    def _entries(self, line: Line, since: str) -> Iterator[Entry]:
        settings, how = self._settings, self._how
        wanted = settings.filter or _FILTERS[settings.flavour]
        if not self._ad:
            yield from line.entries(settings.base, _all_of(wanted, since), [*how.wanted, _MODIFIED])
            return
        # the stamps come first: who is disabled while we read has none, and is read all the same
        asked = line.entries(
            settings.base, _all_of(wanted, since, _DISABLED), [how.attributes["account_id"], STAMPS]
        )
        stamped = {identifier(name, raw, how): values(raw, STAMPS) for name, raw in asked}
        for name, raw in line.entries(settings.base, _all_of(wanted, since), how.wanted):
            yield name, {**raw, STAMPS.casefold(): stamped.get(identifier(name, raw, how), ())}
        if settings.deleted_base:
            yield from line.entries(
                settings.deleted_base, _all_of(_GONE, since), [*how.wanted, STAMPS], deleted=True
            )

    def _taken(
        self, line: Line, judged: Judged, now: datetime, last: PeopleSnapshot | None
    ) -> PeopleSnapshot:
        """Return the snapshot of all that was read, put on top of `last` where that was what changed."""
        if last is None:
            accounts, digest, problems = judged.accounts(), judged.digest, judged.problems
        else:
            known = {one.account_id for one in last.accounts} | judged.ids
            accounts = merged(last, judged.ids, judged.accounts(self._elsewhere(line, known)))
            digest = digest_of(last, accounts, judged.digest)
            problems = [*last.problems, *judged.problems]
        return PeopleSnapshot(
            self.name, now, complete=True, digest=digest, accounts=tuple(accounts),
            problems=tuple(dict.fromkeys(problems))[:_PROBLEMS_MAX],
        )  # fmt: skip

    def _elsewhere(self, line: Line, known: set[str]) -> Callable[[str], str]:
        """Return how to find the id of a known account by the name of its entry."""

        @cache
        def find(name: str) -> str:
            found = line.entry(name, [self._how.attributes["account_id"]])
            number = identifier(*found, self._how) if found else ""
            return number if number in known else ""

        return find


def _all_of(*filters: str) -> str:
    parts = [part for part in filters if part]
    return f"(&{''.join(parts)})" if len(parts) > 1 else parts[0]


def _newest(changes: set[str]) -> str:
    """Return the latest GeneralizedTime, none where an entry does not tell when it was changed."""
    ats = {generalized(text): text for text in changes}
    return "" if not ats or None in ats else ats[max(at for at in ats if at is not None)]
