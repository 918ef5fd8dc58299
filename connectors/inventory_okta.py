"""Okta's list of an organisation's API tokens. A token ends when nobody uses it for its window.

https://developer.okta.com/docs/api/openapi/okta-management/management/tag/ApiToken/
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from connectors.listing import (
    Item,
    Lists,
    inner,
    lasting,
    moment,
    name_of,
    rest_of,
    told,
    word,
)
from connectors.rest import Rest, segment
from correlate.listed import InventoryRow, InventorySnapshot, RowState
from correlate.model import Identity, Truth
from correlate.ports import Setup
from correlate.secret import Secret

_NEEDS = "an administrator's token, or the scope okta.apiTokens.read"
_PAGE = (("limit", "200"),)
_WHO = frozenset({403, 404})


@dataclass(frozen=True, slots=True)
class Settings:
    """`base_url` is the organisation, as in https://acme.okta.com."""

    token: Secret
    base_url: str
    internal_hosts: tuple[str, ...] = ()
    proxy: str = ""
    ca_file: Path | None = None
    timeout_s: float = 30.0
    spacing_s: float = 0.0


def connect(settings: Settings, setup: Setup) -> OktaInventory:
    """Return the lists. Asks nothing yet."""
    secrets = {"Authorization": Secret(f"SSWS {settings.token.reveal()}")}
    return OktaInventory(setup.name, rest_of(settings, settings.base_url, setup.name, secrets))


@dataclass(frozen=True, slots=True)
class OktaInventory:
    """`Inventory` of one organisation."""

    name: str
    rest: Rest

    def snapshot(self, now: datetime) -> InventorySnapshot:
        """Read the API tokens."""
        lists = Lists(self.name, now)
        lists.read("API tokens", _NEEDS, self._tokens(now))
        return lists.snapshot()

    def _tokens(self, now: datetime) -> Iterator[InventoryRow]:
        people: dict[str, Item] = {}
        for item in self.rest.listed("/api/v1/api-tokens", _PAGE):
            user = word(item.get("userId"))
            if user and user not in people:
                answer = self.rest.get(f"/api/v1/users/{segment(user)}", also=_WHO)
                found = answer.value if isinstance(answer.value, dict) else {}
                people[user] = inner(found, "profile")
            profile = people.get(user, {})
            mail, login = word(profile.get("email")), word(profile.get("login"))
            owners = [Identity("okta-id", user)] if user else []
            owners += [Identity("mail", one) for one in dict.fromkeys((mail, login)) if "@" in one]
            expires_at, _ = told(item, "expiresAt")
            yield InventoryRow(
                source=self.name,
                container="",
                row_id=name_of(item, "id", self.name),
                issuer="okta",
                what="API token",
                state=lasting(RowState.ACTIVE, expires_at, now),
                name=word(item.get("name")),
                owners=tuple(owners),
                owner_name=login or user,
                created_at=moment(item.get("created")),
                expires_at=expires_at,
                # each use moves the date: a token in use has no end
                expires=Truth.UNKNOWN,
                revoke_hint="Revoke the token at Security, API, Tokens.",
            )
