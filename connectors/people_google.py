"""Google Workspace's users. Deleted ones come in a list of their own, for some twenty days.

Needs a service account with domain-wide delegation for the one scope below, and an
administrator who may read users for it to act as.
https://developers.google.com/workspace/admin/directory/reference/rest/v1/users,
https://developers.google.com/identity/protocols/oauth2/service-account#httprest
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from urllib.parse import urlencode

from connectors.cloud_directory import (
    Accounts,
    addresses,
    exact,
    named,
    objects,
    rest_to,
    texts,
    worker_id,
)
from connectors.listing import Item, bearer, chained, inner, moment, word
from connectors.oauth import asked_token
from connectors.rest import Rest
from connectors.signed_statement import signed_statement
from correlate.errors import ConfigError
from correlate.model import DirectoryAccount, Identity, PeopleSnapshot, Truth
from correlate.ports import Setup
from correlate.secret import Secret

_SCOPE = "https://www.googleapis.com/auth/admin.directory.user.readonly"
_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_KIND = "admin#directory#users"
_PATH = "/admin/directory/v1/users"
_USER = (
    "id,primaryEmail,name/fullName,aliases,nonEditableAliases,externalIds,relations,suspended,"
    "suspensionReason,suspensionTime,archived,archivalTime,creationTime,deletionTime,orgUnitPath"
)
# what Google does by itself, as after a spam wave, is nobody's leave
_GOOGLES_OWN = frozenset({"ABUSE", "WEB_LOGIN_REQUIRED"})
_FIX = "give the JSON file that Google made for the service account"


@dataclass(frozen=True, slots=True)
class Settings:
    """`key` is the service account's key, the JSON file as Google gave it; `subject` the
    administrator to act as. `customer` may name another one's id. Whoever stands in or below one
    of `service_units` (organisational units, as in "/Machines") is a machine.
    """

    key: Secret
    subject: str
    customer: str = "my_customer"
    service_units: tuple[str, ...] = ()
    base_url: str = "https://admin.googleapis.com"
    token_url: str = "https://oauth2.googleapis.com/token"  # noqa: S105  # an address
    internal_hosts: tuple[str, ...] = ()
    proxy: str = ""
    ca_file: Path | None = None
    timeout_s: float = 30.0
    spacing_s: float = 0.0
    max_fall_percent: float = 20.0


def connect(settings: Settings, setup: Setup) -> GooglePeople:
    """Return the feed. Asks nothing yet."""
    rest = rest_to(settings, settings.base_url, setup.name, {})
    return GooglePeople(setup.name, settings, rest)


@dataclass(frozen=True, slots=True)
class GooglePeople:
    """The users of one customer, of all its domains. Absence is no departure."""

    name: str
    settings: Settings
    rest: Rest

    def snapshot(self, now: datetime, last: PeopleSnapshot | None) -> PeopleSnapshot:
        """Return all users. Raises SourceError when a list ended before its end, ConfigError for
        a key that is none.
        """
        rest = replace(self.rest, secrets=bearer(self._token(now)))
        found = Accounts(self.name)
        found.add(self._users(rest, "false"), lambda item: self._account(item, gone=False))
        found.add(self._users(rest, "true"), lambda item: self._account(item, gone=True))
        return found.snapshot(now, last, self.settings.max_fall_percent)

    def _token(self, now: datetime) -> Secret:
        where = f"people.{self.name}.key"
        mail, pem = _key(self.settings.key, where)
        at, settings = int(now.timestamp()), self.settings
        claims = {
            "iss": mail,
            "sub": settings.subject,
            "scope": _SCOPE,
            "aud": settings.token_url,
            "iat": at,
            "exp": at + 3600,
        }
        statement = signed_statement(claims, pem, where, _FIX)
        form: dict[str, str | Secret] = {"grant_type": _GRANT, "assertion": statement}
        return asked_token(self.rest.http, settings.token_url, form, self.name)

    def _users(self, rest: Rest, deleted: str) -> Iterator[Item]:
        query = (
            ("customer", self.settings.customer),
            ("maxResults", "500"),
            ("projection", "basic"),
            ("showDeleted", deleted),  # "true" gives deleted ones only
            ("fields", f"kind,nextPageToken,users({_USER})"),
        )
        first = rest.address(_PATH, query)

        def held(page: Item) -> object:
            # an empty list is left out of its page
            return page.get("users", [] if page.get("kind") == _KIND else None)

        def follow(page: Item) -> str:
            token = named(page, "nextPageToken", self.name)
            return f"{first}&{urlencode({'pageToken': token})}" if token else ""

        return chained(rest, first, held, follow)

    def _account(self, item: Item, *, gone: bool) -> DirectoryAccount:
        number, mail = exact(item.get("id")), exact(item.get("primaryEmail"))
        enabled = Truth.NO if gone else _enabled(item)
        times = ("deletionTime", "suspensionTime", "archivalTime")
        ended = [at for at in (moment(item.get(name)) for name in times) if at is not None]
        return DirectoryAccount(
            account_id=number,
            login=mail,
            name=word(inner(item, "name").get("fullName")) or mail,
            emails=addresses(
                mail, *texts(item.get("aliases")), *texts(item.get("nonEditableAliases"))
            ),
            worker_id=worker_id(_typed(item, "externalIds", "organization")),
            enabled=enabled,
            deleted=gone,
            created_at=moment(item.get("creationTime")),
            disabled_at=min(ended, default=None) if enabled is Truth.NO else None,
            identities=(Identity("google-id", number),),
            manager=exact(_typed(item, "relations", "manager")),
            service=Truth.YES if self._machine(word(item.get("orgUnitPath"))) else Truth.UNKNOWN,
        )

    def _machine(self, unit: str) -> bool:
        folders = (one.rstrip("/") for one in self.settings.service_units)
        return any(unit == folder or unit.startswith(f"{folder}/") for folder in folders)


def _key(key: Secret, where: str) -> tuple[str, Secret]:
    """Return the account's address and its private key. Of its addresses for tokens none is used."""
    try:
        held = json.loads(key.reveal())
        return str(held["client_email"]), Secret(str(held["private_key"]))
    except (ValueError, LookupError, TypeError, RecursionError):
        why = "it is no key of a service account"
    raise ConfigError("A key cannot be used", where=where, why=why, fix=_FIX)


def _typed(item: Item, name: str, kind: str) -> object:
    """Return the value of the first entry of a kind."""
    found = (one.get("value") for one in objects(item.get(name)) if one.get("type") == kind)
    return next(found, None)


def _enabled(item: Item) -> Truth:
    suspended, archived = item.get("suspended"), item.get("archived")
    if archived is True:
        return Truth.NO
    if suspended is True:
        own = word(item.get("suspensionReason")) in _GOOGLES_OWN
        return Truth.UNKNOWN if own else Truth.NO
    return Truth.YES if suspended is False else Truth.UNKNOWN
