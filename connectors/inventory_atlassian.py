"""Atlassian Cloud's lists of its managed accounts' API tokens and an organisation's API keys.

https://developer.atlassian.com/cloud/admin/api-access/rest/api-group-api-token/
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from urllib.parse import urljoin

from connectors.json_shape import as_text, row, rows
from connectors.listing import (
    Item,
    Lists,
    bearer,
    inner,
    lasting,
    moment,
    name_of,
    rest_of,
    told,
    word,
    words,
)
from connectors.rest import Rest, in_a_circle, segment
from correlate.listed import InventoryRow, InventorySnapshot, RowState
from correlate.model import Identity, Truth
from correlate.ports import Setup
from correlate.secret import Secret

_NEEDS = "an organisation's API key with read:tokens:admin"
_STATES = {  # "ALLOWED" is documented; the others are unverified
    "ALLOWED": RowState.ACTIVE,
    "EXPIRED": RowState.EXPIRED,
    "REVOKED": RowState.REVOKED,
    "BLOCKED": RowState.DISABLED,
}
_PAGES_MAX = 10_000


@dataclass(frozen=True, slots=True)
class Settings:
    """`org` is the organisation's id; `token` its API key."""

    org: str
    token: Secret
    api_keys: bool = True
    base_url: str = "https://api.atlassian.com"
    internal_hosts: tuple[str, ...] = ()
    proxy: str = ""
    ca_file: Path | None = None
    timeout_s: float = 30.0
    spacing_s: float = 0.0


def connect(settings: Settings, setup: Setup) -> AtlassianInventory:
    """Return the lists. Asks nothing yet."""
    rest = rest_of(settings, settings.base_url, setup.name, bearer(settings.token))
    return AtlassianInventory(setup.name, settings, rest)


@dataclass(frozen=True, slots=True)
class AtlassianInventory:
    """`Inventory` of one organisation."""

    name: str
    settings: Settings
    rest: Rest

    def snapshot(self, now: datetime) -> InventorySnapshot:
        """Read the accounts' tokens and the organisation's keys."""
        lists = Lists(self.name, now)
        root = f"/admin/api-access/v1/orgs/{segment(self.settings.org)}"
        lists.read("API tokens", _NEEDS, self._rows(f"{root}/api-tokens", "API token", now))
        if self.settings.api_keys:
            lists.read("API keys", _NEEDS, self._rows(f"{root}/api-keys", "API key", now))
        return lists.snapshot()

    def _rows(self, path: str, what: str, now: datetime) -> Iterator[InventoryRow]:
        for item in self._all(path):
            owner = inner(item, "user") or inner(item, "createdBy")
            who, mail = word(owner.get("id")), word(owner.get("email"))
            owners = [Identity("atlassian-id", who)] if who else []
            expires_at, expires = told(item, "expiresAt")
            said = word(item.get("status"))
            state = _STATES.get(said, RowState.UNKNOWN) if what == "API token" else RowState.ACTIVE
            yield InventoryRow(
                source=self.name,
                container="",
                row_id=name_of(item, "id", self.name),
                issuer="atlassian",
                what=what,
                state=lasting(state, expires_at, now),
                name=word(item.get("label")),
                owners=(*owners, Identity("mail", mail)) if mail else tuple(owners),
                owner_name=word(owner.get("name")),
                owner_is_person=Truth.YES if what == "API token" else Truth.UNKNOWN,
                created_at=moment(item.get("createdAt")),
                last_used_at=moment(item.get("lastActiveAt")),
                expires_at=expires_at,
                expires=expires,
                scopes=words(item.get("scopes")),
                revoke_hint="Revoke it at admin.atlassian.com, Security, API tokens.",
            )

    def _all(self, path: str) -> Iterator[Item]:
        url, seen = self.rest.address(path), set[str]()
        while url:
            if url in seen or len(seen) >= _PAGES_MAX:
                raise in_a_circle(self.name)
            seen.add(url)
            page = row(self.rest.ask("GET", url, None, also=frozenset()).value, self.name)
            yield from rows(page.get("data"), self.name)
            onward = as_text(inner(page, "links").get("next"))
            url = urljoin(url, onward) if onward else ""
