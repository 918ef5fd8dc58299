"""Okta's users, of every status. The plain list leaves out whoever was deactivated, so they are
asked for by themselves; by `filter`, as `search` may lag behind.

Needs a token of a read-only administrator, or the scope okta.users.read. A token ends with the
account of whoever made it: it should be a service's.
https://developer.okta.com/docs/api/openapi/okta-management/management/tag/User/#tag/User/operation/listUsers
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from connectors.cloud_directory import Accounts, addresses, exact, rest_to, worker_id
from connectors.json_shape import rows
from connectors.listing import Item, bearer, inner, moment, word
from connectors.rest import Rest
from correlate.errors import ConfigError
from correlate.model import DirectoryAccount, Identity, PeopleSnapshot, Truth
from correlate.ports import Setup
from correlate.secret import Secret

# A lock after wrong passwords and a password that has to be changed are no departure.
# https://developer.okta.com/docs/concepts/user-lifecycle/
_ENABLED = {
    "STAGED": Truth.UNKNOWN,
    "PROVISIONED": Truth.YES,
    "ACTIVE": Truth.YES,
    "RECOVERY": Truth.YES,
    "LOCKED_OUT": Truth.YES,
    "PASSWORD_EXPIRED": Truth.YES,
    "SUSPENDED": Truth.NO,
    "DEPROVISIONED": Truth.NO,
}
_GONE = ("filter", 'status eq "DEPROVISIONED"')


@dataclass(frozen=True, slots=True)
class Settings:
    """`base_url` is the organisation, as in https://acme.okta.com. `scheme` is "ssws" for an API
    token, "bearer" for an OAuth access token. `worker_id` names the attribute of the profile
    that holds the worker id, `manager` the one that holds the manager's Okta id or login. Whose
    userType is one of `service_types` is a machine.
    """

    base_url: str
    token: Secret
    scheme: str = "ssws"
    worker_id: str = "employeeNumber"
    manager: str = "managerId"
    service_types: tuple[str, ...] = ()
    internal_hosts: tuple[str, ...] = ()
    proxy: str = ""
    ca_file: Path | None = None
    timeout_s: float = 30.0
    spacing_s: float = 0.0
    max_fall_percent: float = 20.0


def connect(settings: Settings, setup: Setup) -> OktaPeople:
    """Return the feed; raises ConfigError for a scheme or an attribute's name that is none."""
    where = f"people.{setup.name}"
    if settings.scheme not in ("ssws", "bearer"):
        raise _config(f"{where}.scheme", 'it is neither "ssws" nor "bearer"')
    if not all(name.isidentifier() for name in (settings.worker_id, settings.manager)):
        raise _config(where, "an attribute's name has letters, digits and _ only")
    secrets = bearer(settings.token)
    if settings.scheme == "ssws":
        secrets = {"Authorization": Secret(f"SSWS {settings.token.reveal()}")}
    rest = rest_to(settings, settings.base_url, setup.name, secrets)
    return OktaPeople(setup.name, settings, rest)


def _config(where: str, why: str) -> ConfigError:
    return ConfigError(
        "a setting is not usable", where=where, why=why, fix="see the connector's docs"
    )


@dataclass(frozen=True, slots=True)
class OktaPeople:
    """The users of one organisation. One that was deleted is absent, and absence is no departure."""

    name: str
    settings: Settings
    rest: Rest

    def snapshot(self, now: datetime, last: PeopleSnapshot | None) -> PeopleSnapshot:
        """Return all users. Raises SourceError when a list ended before its end."""
        found = Accounts(self.name)
        found.add(self._users(), lambda item: self._account(item, found))
        found.add(self._users(_GONE), lambda item: self._account(item, found))
        return found.snapshot(now, last, self.settings.max_fall_percent)

    def _users(self, *more: tuple[str, str]) -> Iterator[Item]:
        profile = [
            *("login", "email", "secondEmail", "firstName", "lastName", "displayName", "userType"),
            *(self.settings.worker_id, self.settings.manager),
        ]
        fields = f"id,status,created,statusChanged,lastUpdated,profile:({','.join(profile)})"
        query = [("limit", "200"), ("fields", fields), *more]
        for page in self.rest.pages("/api/v1/users", query):
            yield from rows(page.value, self.name)

    def _account(self, item: Item, found: Accounts) -> DirectoryAccount:
        profile, number = inner(item, "profile"), exact(item.get("id"))
        status = word(item.get("status"))
        if status not in _ENABLED:
            found.problems.append("a user has a status that is not known here")
        enabled = _ENABLED.get(status, Truth.UNKNOWN)
        login = exact(profile.get("login"))
        given = f"{word(profile.get('firstName'))} {word(profile.get('lastName'))}".strip()
        kind = word(profile.get("userType"))
        return DirectoryAccount(
            account_id=number,
            login=login,
            name=word(profile.get("displayName")) or given or login,
            emails=addresses(profile.get("email"), login, profile.get("secondEmail")),
            worker_id=worker_id(profile.get(self.settings.worker_id)),
            enabled=enabled,
            changed_at=moment(item.get("lastUpdated")),
            created_at=moment(item.get("created")),
            disabled_at=moment(item.get("statusChanged")) if enabled is Truth.NO else None,
            identities=(Identity("okta-id", number),),
            manager=exact(profile.get(self.settings.manager)),
            service=Truth.YES if kind in self.settings.service_types else Truth.UNKNOWN,
        )
