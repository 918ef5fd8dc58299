"""Microsoft Entra ID's users, deleted ones of the last 30 days included, through Microsoft Graph.

The app needs the application permissions User.Read.All and, for leave dates,
User-LifeCycleInfo.Read.All. Without the latter Graph may answer 403, or leave the date blank
without a word; so what was granted is read from the token, and a lack of it is said.
https://learn.microsoft.com/graph/api/user-list, https://learn.microsoft.com/graph/api/resources/user,
https://learn.microsoft.com/graph/api/directory-deleteditems-list
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from http import HTTPStatus
from pathlib import Path

from connectors.cloud_directory import (
    Accounts,
    addresses,
    exact,
    named,
    rest_to,
    texts,
    worker_id,
)
from connectors.feed_guard import refused
from connectors.listing import Item, bearer, chained, inner, moment, word
from connectors.oauth import asked_token
from connectors.rest import Rest, segment
from correlate.model import DirectoryAccount, Identity, PeopleSnapshot, Truth
from correlate.ports import Setup
from correlate.secret import Secret

_LEAVE = "employeeLeaveDateTime"
_MAY_READ_LEAVE = {"User-LifeCycleInfo.Read.All", "User-LifeCycleInfo.ReadWrite.All"}
_FIELDS = (
    *("id", "userPrincipalName", "displayName", "mail", "otherMails", "proxyAddresses"),
    *("accountEnabled", "createdDateTime", "employeeId", "employeeType", "userType"),
    *("onPremisesSyncEnabled", "onPremisesSamAccountName"),
)
_USERS = "/v1.0/users"
_LISTS: Mapping[str, Mapping[str, str]] = {
    _USERS: {"$expand": "manager($select=id)"},
    "/v1.0/directory/deletedItems/microsoft.graph.user": {},
}
_AGENT = "#microsoft.graph.agentUser"
_FORBIDDEN = frozenset({HTTPStatus.FORBIDDEN.value})
_NEXT = "@odata.nextLink"
_FIX = "grant the app User-LifeCycleInfo.Read.All, or set leave_dates = false"


@dataclass(frozen=True, slots=True)
class Settings:
    """`tenant` is its id or domain, `client_id` and `client_secret` are the app's. Guests are left
    out without `guests`. Whose employeeType is one of `service_types` is a machine, as is every
    agent user. National clouds have other addresses
    (https://learn.microsoft.com/graph/deployments).
    """

    tenant: str
    client_id: str
    client_secret: Secret
    leave_dates: bool = True
    guests: bool = True
    service_types: tuple[str, ...] = ()
    base_url: str = "https://graph.microsoft.com"
    login_url: str = "https://login.microsoftonline.com"
    internal_hosts: tuple[str, ...] = ()
    proxy: str = ""
    ca_file: Path | None = None
    timeout_s: float = 30.0
    spacing_s: float = 0.0
    max_fall_percent: float = 20.0


def connect(settings: Settings, setup: Setup) -> EntraPeople:
    """Return the feed. Asks nothing yet."""
    rest = rest_to(settings, settings.base_url, setup.name, {})
    return EntraPeople(setup.name, settings, rest)


@dataclass(frozen=True, slots=True)
class EntraPeople:
    """The users of one tenant. Absence is no departure."""

    name: str
    settings: Settings
    rest: Rest

    def snapshot(self, now: datetime, last: PeopleSnapshot | None) -> PeopleSnapshot:
        """Return all users. Raises SourceError when a list ended before its end, and FeedRefused
        when leave dates that were told before may no longer be read.
        """
        token = self._token()
        rest = replace(self.rest, secrets=bearer(token))
        granted = _granted(token)
        found = Accounts(self.name)
        dated = self.settings.leave_dates and (granted is None or bool(granted & _MAY_READ_LEAVE))
        dated = dated and self._may_read_leave(rest)
        for path, more in _LISTS.items():
            gone = path != _USERS
            fields = (
                *_FIELDS,
                *([_LEAVE] if dated else ()),
                *(["deletedDateTime"] if gone else ()),
            )
            query = {"$top": "999", "$select": ",".join(fields), **more}
            items = (one for one in _pages(rest, path, query) if self._wanted(one))
            found.add(items, partial(self._account, gone=gone))
        taken = found.snapshot(now, last, self.settings.max_fall_percent)
        if dated or not self.settings.leave_dates:
            return taken
        if last is not None and any(one.leaves_at for one in last.accounts):
            raise refused(self.name, "leave dates may no longer be read", _FIX)
        return replace(taken, problems=(f"no leave date is told: {_FIX}", *taken.problems))

    def _token(self) -> Secret:
        settings = self.settings
        form: dict[str, str | Secret] = {
            "grant_type": "client_credentials",
            "client_id": settings.client_id,
            "client_secret": settings.client_secret,
            "scope": f"{settings.base_url.rstrip('/')}/.default",
        }
        url = f"{settings.login_url.rstrip('/')}/{segment(settings.tenant)}/oauth2/v2.0/token"
        return asked_token(self.rest.http, url, form, self.name)

    def _may_read_leave(self, rest: Rest) -> bool:
        query = (("$top", "1"), ("$select", f"id,{_LEAVE}"))
        return rest.get(_USERS, query, also=_FORBIDDEN).status != HTTPStatus.FORBIDDEN

    def _wanted(self, item: Item) -> bool:
        return self.settings.guests or word(item.get("userType")) != "Guest"

    def _account(self, item: Item, *, gone: bool) -> DirectoryAccount:
        number = exact(item.get("id"))
        # a deleted user's name begins with its id, without dashes, so that another may take the name
        login = exact(item.get("userPrincipalName"))
        login = login.removeprefix(number.replace("-", "")) if gone else login
        sam = exact(item.get("onPremisesSamAccountName"))
        synced = item.get("onPremisesSyncEnabled") is True
        machine = word(item.get("employeeType")) in self.settings.service_types
        return DirectoryAccount(
            account_id=number,
            login=login,
            name=word(item.get("displayName")) or login,
            emails=addresses(*_mails(item, login)),
            worker_id=worker_id(item.get("employeeId")),
            enabled=Truth.NO if gone else _truth(item.get("accountEnabled")),
            deleted=gone,
            created_at=moment(item.get("createdDateTime")),
            leaves_at=moment(item.get(_LEAVE)),
            disabled_at=moment(item.get("deletedDateTime")) if gone else None,
            identities=(
                Identity("entra-id", number),
                *([Identity("login", sam)] if synced and sam else ()),
            ),
            manager=exact(inner(item, "manager").get("id")),
            service=Truth.YES if machine or item.get("@odata.type") == _AGENT else Truth.UNKNOWN,
        )


def _granted(token: Secret) -> set[str] | None:
    """Return the permissions that an app's token says it carries, None where it cannot be read.
    Nothing rests on them but what is asked for.
    """
    try:
        part = token.reveal().split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
        return set(filter(None, map(word, claims["roles"])))
    except (ValueError, LookupError, TypeError, RecursionError):
        return None


def _pages(rest: Rest, path: str, query: Mapping[str, str]) -> Iterator[Item]:
    """https://learn.microsoft.com/graph/paging: the next page's address holds the whole query."""
    url = rest.address(path, tuple(query.items()))
    return chained(
        rest, url, lambda page: page.get("value"), lambda page: named(page, _NEXT, rest.system)
    )


def _mails(item: Item, login: str) -> list[object]:
    """Return the addresses, the main one first. proxyAddresses are "SMTP:main", "smtp:other"; a
    guest's login is made of an address elsewhere and is none itself.
    """
    proxied = [text.partition(":") for text in map(exact, texts(item.get("proxyAddresses")))]
    return [
        item.get("mail"),
        *(address for scheme, _, address in proxied if scheme.casefold() == "smtp"),
        "" if "#EXT#" in login else login,
        *texts(item.get("otherMails")),
    ]


def _truth(value: object) -> Truth:
    if isinstance(value, bool):
        return Truth.YES if value else Truth.NO
    return Truth.UNKNOWN
