"""JupyterHub's lists of its users' API tokens.

https://jupyterhub.readthedocs.io/en/stable/reference/rest-api.html
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from connectors.json_shape import as_text, row, rows
from connectors.listing import (
    Item,
    Lists,
    cursored,
    inner,
    lasting,
    moment,
    name_of,
    rest_of,
    told,
    word,
    words,
)
from connectors.rest import Query, Rest, segment
from correlate.listed import InventoryRow, InventorySnapshot, RowState
from correlate.model import Identity, Truth
from correlate.ports import Setup
from correlate.secret import Secret

_NEEDS = "the scopes list:users, read:users:name and read:tokens"


@dataclass(frozen=True, slots=True)
class Settings:
    """`base_url` is the hub's API, as in https://hub.example/hub/api."""

    base_url: str
    token: Secret
    page_size: int = 100
    internal_hosts: tuple[str, ...] = ()
    proxy: str = ""
    ca_file: Path | None = None
    timeout_s: float = 30.0
    spacing_s: float = 0.0


def connect(settings: Settings, setup: Setup) -> JupyterhubInventory:
    """Return the lists. Asks nothing yet."""
    secrets = {"Authorization": Secret(f"token {settings.token.reveal()}")}
    headers = {"Accept": "application/jupyterhub-pagination+json"}
    rest = rest_of(settings, settings.base_url, setup.name, secrets, headers)
    return JupyterhubInventory(setup.name, rest, settings.page_size)


@dataclass(frozen=True, slots=True)
class JupyterhubInventory:
    """`Inventory` of one hub: a list for each user."""

    name: str
    rest: Rest
    page_size: int

    def snapshot(self, now: datetime) -> InventorySnapshot:
        """Read the users and each one's tokens."""
        lists = Lists(self.name, now)
        for user in lists.names("users", _NEEDS, self._users()):
            lists.read(f"user {user}", _NEEDS, self._tokens(user, now))
        return lists.snapshot()

    def _users(self) -> Iterator[str]:
        query = [("limit", str(self.page_size))]
        for item in cursored(self.rest, "/users", query, "items", _further):
            yield name_of(item, "name", self.name)

    def _tokens(self, user: str, now: datetime) -> Iterator[InventoryRow]:
        answer = row(self.rest.get(f"/users/{segment(user)}/tokens").value, self.name)
        for item in rows(answer.get("api_tokens"), self.name):
            expires_at, expires = told(item, "expires_at")
            yield InventoryRow(
                source=self.name,
                container="",
                row_id=name_of(item, "id", self.name),
                issuer="jupyterhub",
                what="API token",
                state=lasting(RowState.ACTIVE, expires_at, now),
                name=word(item.get("note")),
                owners=(Identity("jupyter", user),),
                owner_name=user,
                owner_is_person=Truth.UNKNOWN,
                created_at=moment(item.get("created")),
                last_used_at=moment(item.get("last_activity")),
                expires_at=expires_at,
                expires=expires,
                scopes=words(item.get("scopes")),
                revoke_hint=f"Delete token {word(item.get('id'))} of {user} on the hub's token page.",
            )


def _further(page: Item) -> Query:
    onward = inner(inner(page, "_pagination"), "next")
    offset = as_text(onward.get("offset"))
    return [("offset", offset)] if offset else ()
