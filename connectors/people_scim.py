"""The users of anything that speaks SCIM 2.0. It tells whether an account is active, and no leave date.

Needs a token that may read /Users. Only the attributes that are used are asked for.
https://www.rfc-editor.org/rfc/rfc7643, https://www.rfc-editor.org/rfc/rfc7644 (section 3.4.2)
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from connectors.cloud_directory import Accounts, addresses, exact, objects, rest_to, worker_id
from connectors.json_shape import row, rows
from connectors.listing import Item, bearer, inner, moment, word
from connectors.rest import Rest
from correlate.errors import ConfigError, SourceError
from correlate.model import DirectoryAccount, Identity, PeopleSnapshot, Truth
from correlate.ports import Setup
from correlate.secret import Secret

_ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
_WANTED = (
    *("id", "userName", "displayName", "name", "emails", "active", "userType", "meta"),
    *(f"{_ENTERPRISE}:employeeNumber", f"{_ENTERPRISE}:manager"),
)
_PAGES_MAX = 10_000
# what clients and servers put in the place of a boolean: https://github.com/ssoready/ssoready/issues/155
_ACTIVE = {"true": Truth.YES, "false": Truth.NO}


@dataclass(frozen=True, slots=True)
class Settings:
    """`base_url` is the service's root, as in https://idp.example/scim/v2. `whole_rows` is for
    servers that cannot be asked for single attributes. Whose userType is one of `service_types`
    is a machine. `system` names the ids in identities.
    """

    base_url: str
    token: Secret
    system: str = "scim-id"
    page_size: int = 100
    whole_rows: bool = False
    service_types: tuple[str, ...] = ()
    internal_hosts: tuple[str, ...] = ()
    proxy: str = ""
    ca_file: Path | None = None
    timeout_s: float = 30.0
    spacing_s: float = 0.0
    max_fall_percent: float = 20.0


def connect(settings: Settings, setup: Setup) -> ScimPeople:
    """Return the feed; raises ConfigError for a page without rows."""
    if settings.page_size < 1:
        raise ConfigError(
            "a setting is not usable", where=f"people.{setup.name}.page_size",
            why="a page of no rows leads nowhere", fix="write 1 or more",
        )  # fmt: skip
    accept = {"Accept": "application/scim+json, application/json"}
    rest = rest_to(settings, settings.base_url, setup.name, bearer(settings.token), accept)
    return ScimPeople(setup.name, settings, rest)


@dataclass(frozen=True, slots=True)
class ScimPeople:
    """The users of one service. One that was deleted is absent, and absence is no departure."""

    name: str
    settings: Settings
    rest: Rest

    def snapshot(self, now: datetime, last: PeopleSnapshot | None) -> PeopleSnapshot:
        """Return all users. Raises SourceError when the list ended before its end, or changed
        while it was read.
        """
        found = Accounts(self.name)
        found.add(self._users(), self._account)
        return found.snapshot(now, last, self.settings.max_fall_percent)

    def _users(self) -> Iterator[Item]:
        query = [("count", str(self.settings.page_size))]
        if not self.settings.whole_rows:
            query.append(("attributes", ",".join(_WANTED)))
        seen: set[str] = set()
        start, first = 1, None
        for _ in range(_PAGES_MAX):
            page = row(
                self.rest.get("/Users", [*query, ("startIndex", str(start))]).value, self.name
            )
            total = page.get("totalResults")
            if not isinstance(total, int) or isinstance(total, bool):
                raise self._short("it does not tell how many users there are")
            first = total if first is None else first
            found = rows(page.get("Resources", []), self.name)
            seen.update(exact(one.get("id")) for one in found)
            yield from found
            start += len(found)
            if total != first:
                raise self._short("users came or went while it was read")
            if start > total:
                break
            if not found:
                raise self._short(f"{start - 1} of {total} users came")
        if len(seen) != first:
            raise self._short(f"{len(seen)} different users came, {first} were told of")

    def _short(self, why: str) -> SourceError:
        return SourceError(
            "a list came back short", where=self.name, why=why, fix="run again later"
        )

    def _account(self, item: Item) -> DirectoryAccount:
        number, login = exact(item.get("id")), exact(item.get("userName"))
        extension, name, meta = inner(item, _ENTERPRISE), inner(item, "name"), inner(item, "meta")
        manager = extension.get("manager")
        kind = word(item.get("userType"))
        given = f"{word(name.get('givenName'))} {word(name.get('familyName'))}".strip()
        return DirectoryAccount(
            account_id=number,
            login=login,
            name=word(item.get("displayName")) or word(name.get("formatted")) or given or login,
            emails=addresses(*_primary_first(objects(item.get("emails"))), login),
            worker_id=worker_id(extension.get("employeeNumber")),
            enabled=_active(item.get("active")),
            changed_at=moment(meta.get("lastModified")),
            created_at=moment(meta.get("created")),
            identities=(Identity(self.settings.system, number),),
            manager=exact(manager.get("value") if isinstance(manager, dict) else manager),
            service=Truth.YES if kind in self.settings.service_types else Truth.UNKNOWN,
        )


def _primary_first(mails: list[Item]) -> list[object]:
    return [
        one.get("value") for one in sorted(mails, key=lambda one: one.get("primary") is not True)
    ]


def _active(value: object) -> Truth:
    if isinstance(value, bool):
        return Truth.YES if value else Truth.NO
    return _ACTIVE.get(word(value).casefold(), Truth.UNKNOWN)
