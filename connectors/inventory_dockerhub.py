"""Docker Hub's list of an organisation's access tokens.

https://docs.docker.com/reference/api/hub/latest/operations/getV2OrgsByNameAccessTokens.md
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from connectors.json_shape import row, unexpected
from connectors.listing import (
    Item,
    Lists,
    bearer,
    lasting,
    moment,
    name_of,
    numbered,
    rest_of,
    told,
    word,
)
from connectors.rest import Rest, segment
from correlate.listed import InventoryRow, InventorySnapshot, RowState
from correlate.model import Identity
from correlate.ports import Setup
from correlate.secret import Secret

_NEEDS = "an owner of the organisation"
_SIZE = 100


@dataclass(frozen=True, slots=True)
class Settings:
    """`user` and `token` (a personal access token) are an owner's; they are changed for a short-lived one."""

    user: str
    token: Secret
    orgs: tuple[str, ...] = ()
    base_url: str = "https://hub.docker.com"
    internal_hosts: tuple[str, ...] = ()
    proxy: str = ""
    ca_file: Path | None = None
    timeout_s: float = 30.0
    spacing_s: float = 0.0


def connect(settings: Settings, setup: Setup) -> DockerhubInventory:
    """Return the lists. Asks nothing yet."""
    return DockerhubInventory(setup.name, settings)


@dataclass(frozen=True, slots=True)
class DockerhubInventory:
    """`Inventory` of organisations. Their tokens belong to the organisation, whoever made them."""

    name: str
    settings: Settings

    def snapshot(self, now: datetime) -> InventorySnapshot:
        """Read every organisation's tokens."""
        lists, rest = Lists(self.name, now), self._rest()
        for org in self.settings.orgs:
            lists.read(f"{org}: access tokens", _NEEDS, self._tokens(rest, org, now))
        return lists.snapshot()

    def _rest(self) -> Rest:
        own = self.settings
        nobody = rest_of(own, own.base_url, self.name, {})
        given = {"identifier": own.user, "secret": own.token.reveal()}
        answer = row(nobody.send("POST", "/v2/auth/token", given).value, self.name)
        token = Secret(_token(answer, self.name))
        return rest_of(own, own.base_url, self.name, bearer(token))

    def _tokens(self, rest: Rest, org: str, now: datetime) -> Iterator[InventoryRow]:
        path = f"/v2/orgs/{segment(org)}/access-tokens"
        query = [("page_size", str(_SIZE))]
        for item in numbered(rest, path, query, "results", _total, _SIZE):
            maker = word(item.get("created_by"))
            expires_at, expires = told(item, "expires_at")
            active = {True: RowState.ACTIVE, False: RowState.DISABLED}
            said = item.get("is_active")
            state = active[said] if isinstance(said, bool) else RowState.UNKNOWN
            yield InventoryRow(
                source=self.name,
                container="",
                row_id=name_of(item, "id", self.name),
                issuer="docker",
                what="organisation access token",
                state=lasting(state, expires_at, now),
                name=word(item.get("label")),
                owners=(Identity("docker", maker),) if maker else (),
                owner_name=maker,
                created_at=moment(item.get("created_at")),
                last_used_at=moment(item.get("last_used_at")),
                expires_at=expires_at,
                expires=expires,
                revoke_hint="Delete the token at the organisation's settings, Access tokens.",
            )


def _total(page: Item) -> int | None:
    total = page.get("total")
    return int(total) if isinstance(total, int | float) else None


def _token(answer: Item, where: str) -> str:
    """Return the short-lived token of a login's answer."""
    value = answer.get("access_token")
    if not isinstance(value, str) or not value:
        raise unexpected(where)
    return value
