"""Azure DevOps' lists of each user's personal access tokens. They tell no last use.

https://learn.microsoft.com/en-us/rest/api/azure/devops/tokenadmin/personal-access-tokens/list
https://learn.microsoft.com/en-us/rest/api/azure/devops/graph/users/list
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from connectors.json_shape import as_text, row, rows, unexpected
from connectors.listing import (
    Item,
    Lists,
    cursored,
    lasting,
    moment,
    name_of,
    rest_of,
    word,
    words,
)
from connectors.rest import Query, Rest, segment
from correlate.listed import InventoryRow, InventorySnapshot, RowState
from correlate.model import Identity, Truth
from correlate.ports import Setup
from correlate.secret import Secret

_NEEDS = "a token of an organisation administrator with the scopes Token Administration and Graph"
_GRAPH, _TOKENS = "7.1-preview.1", "7.1-preview.1"


@dataclass(frozen=True, slots=True)
class Settings:
    """`organisation` is its name in the address; `token` is an administrator's (a PAT, sent as Basic)."""

    organisation: str
    token: Secret
    base_url: str = "https://vssps.dev.azure.com"
    internal_hosts: tuple[str, ...] = ()
    proxy: str = ""
    ca_file: Path | None = None
    timeout_s: float = 30.0
    spacing_s: float = 0.0


def connect(settings: Settings, setup: Setup) -> AzureDevopsInventory:
    """Return the lists. Asks nothing yet."""
    secrets = {
        "Authorization": Secret(
            "Basic " + base64.b64encode(f":{settings.token.reveal()}".encode()).decode()
        )
    }
    base = f"{settings.base_url.rstrip('/')}/{segment(settings.organisation)}"
    return AzureDevopsInventory(setup.name, rest_of(settings, base, setup.name, secrets))


@dataclass(frozen=True, slots=True)
class AzureDevopsInventory:
    """`Inventory` of one organisation: a list for each user, those deleted at their origin too."""

    name: str
    rest: Rest

    def snapshot(self, now: datetime) -> InventorySnapshot:
        """Read the users and each one's tokens."""
        lists, users = Lists(self.name, now), dict[str, Item]()
        for descriptor in lists.names("users", _NEEDS, self._users(users)):
            lists.read(
                f"user {descriptor}", _NEEDS, self._tokens(descriptor, users[descriptor], now)
            )
        return lists.snapshot()

    def _users(self, users: dict[str, Item]) -> Iterator[str]:
        token, seen = "", set[str]()
        while True:
            query = [("api-version", _GRAPH), *([("continuationToken", token)] if token else [])]
            answer = self.rest.get("/_apis/graph/users", query)
            for item in rows(row(answer.value, self.name).get("value"), self.name):
                descriptor = name_of(item, "descriptor", self.name)
                users[descriptor] = item
                yield descriptor
            token = answer.headers.get("x-ms-continuationtoken", "").strip()
            if not token:
                return
            if token in seen:
                raise unexpected(self.name)
            seen.add(token)

    def _tokens(self, descriptor: str, user: Item, now: datetime) -> Iterator[InventoryRow]:
        path = f"/_apis/tokenadmin/personalaccesstokens/{segment(descriptor)}"
        mail, name = word(user.get("mailAddress")), word(user.get("principalName"))
        mails = [one for one in dict.fromkeys((mail, name)) if "@" in one]
        gone = " (deleted at its origin)" if user.get("isDeletedInOrigin") is True else ""
        query = [("api-version", _TOKENS), ("isPublic", "false"), ("pageSize", "100")]
        for item in cursored(self.rest, path, query, "value", _further):
            expires_at = moment(item.get("validTo"))
            valid = item.get("isValid")
            state = RowState.UNKNOWN if not isinstance(valid, bool) else RowState.ACTIVE
            if valid is False:
                past = expires_at is not None and expires_at <= now
                state = RowState.EXPIRED if past else RowState.REVOKED
            yield InventoryRow(
                source=self.name,
                container="",
                row_id=name_of(item, "authorizationId", self.name),
                issuer="azure",
                what="Azure DevOps PAT",
                state=lasting(state, expires_at, now),
                name=word(item.get("displayName")),
                owners=(
                    Identity("azure-devops", descriptor),
                    *(Identity("mail", one) for one in mails),
                ),
                owner_name=(word(user.get("displayName")) or descriptor) + gone,
                created_at=moment(item.get("validFrom")),
                expires_at=expires_at,
                expires=Truth.YES if expires_at else Truth.UNKNOWN,
                scopes=words(item.get("scope")),
                revoke_hint="Revoke it as administrator: POST _apis/tokenadmin/revocations.",
            )


def _further(page: Item) -> Query:
    token = as_text(page.get("continuationToken"))
    return [("continuationToken", token)] if token else ()
