"""Anthropic's list of an organisation's API keys. It tells no last use.

https://docs.anthropic.com/en/api/admin-api/apikeys/list-api-keys
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from connectors.json_shape import unexpected
from connectors.listing import (
    Item,
    Lists,
    cursored,
    ending,
    inner,
    moment,
    name_of,
    rest_of,
    told,
    word,
)
from connectors.rest import Query, Rest
from correlate.listed import InventoryRow, InventorySnapshot, RowState
from correlate.model import Identity, Truth
from correlate.ports import Setup
from correlate.secret import Secret

_PAGE = (("limit", "1000"),)
_NEEDS = "an admin key of the organisation"
_STATES = {
    "active": RowState.ACTIVE,
    "inactive": RowState.DISABLED,
    "archived": RowState.REVOKED,
    "expired": RowState.EXPIRED,
}


@dataclass(frozen=True, slots=True)
class Settings:
    """`token` is an admin key."""

    token: Secret
    base_url: str = "https://api.anthropic.com"
    internal_hosts: tuple[str, ...] = ()
    proxy: str = ""
    ca_file: Path | None = None
    timeout_s: float = 30.0
    spacing_s: float = 0.0


def connect(settings: Settings, setup: Setup) -> AnthropicInventory:
    """Return the list. Asks nothing yet."""
    secrets, headers = {"x-api-key": settings.token}, {"anthropic-version": "2023-06-01"}
    rest = rest_of(settings, settings.base_url, setup.name, secrets, headers)
    return AnthropicInventory(setup.name, rest)


@dataclass(frozen=True, slots=True)
class AnthropicInventory:
    """`Inventory` of one organisation."""

    name: str
    rest: Rest

    def snapshot(self, now: datetime) -> InventorySnapshot:
        """Read the users, for their addresses, and the keys."""
        lists = Lists(self.name, now)
        lists.read("API keys", _NEEDS, self._keys())
        return lists.snapshot()

    def _all(self, what: str) -> Iterator[Item]:
        return cursored(self.rest, f"/v1/organizations/{what}", _PAGE, "data", self._further)

    def _further(self, page: Item) -> Query:
        if not isinstance(page.get("has_more"), bool):
            raise unexpected(self.name)
        return [("after_id", name_of(page, "last_id", self.name))] if page["has_more"] else ()

    def _keys(self) -> Iterator[InventoryRow]:
        users = {name_of(one, "id", self.name): one for one in self._all("users")}
        for item in self._all("api_keys"):
            maker = inner(item, "created_by")
            kind, maker_id = word(maker.get("type")), word(maker.get("id"))
            expires_at, expires = told(item, "expires_at")
            known = users.get(maker_id, {})
            yield InventoryRow(
                source=self.name,
                container="",
                row_id=name_of(item, "id", self.name),
                issuer="anthropic",
                what="API key",
                state=_STATES.get(word(item.get("status")), RowState.UNKNOWN),
                kind="anthropic_api_key",
                name=word(item.get("name")),
                owners=_account(maker_id, known),
                owner_name=word(known.get("name")),
                owner_is_person={"user": Truth.YES}.get(kind, Truth.UNKNOWN),
                created_at=moment(item.get("created_at")),
                expires_at=expires_at,
                expires=expires,
                hints=ending(word(item.get("partial_key_hint"))),
                revoke_hint=f"Disable, then delete key {word(item.get('id'))} in the Console, API keys.",
            )


def _account(maker: str, known: Mapping[str, object]) -> tuple[Identity, ...]:
    mail = word(known.get("email"))
    found = (
        Identity("anthropic-id", maker) if maker else None,
        Identity("mail", mail) if mail else None,
    )
    return tuple(one for one in found if one is not None)
