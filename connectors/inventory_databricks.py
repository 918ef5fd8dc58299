"""Databricks' list of a workspace's tokens. The last use is told by the day.

https://docs.databricks.com/api/workspace/tokenmanagement/list
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from connectors.json_shape import row, rows, unexpected
from connectors.listing import (
    Lists,
    bearer,
    lasting,
    moment,
    name_of,
    rest_of,
    word,
)
from connectors.rest import Rest
from correlate.listed import InventoryRow, InventorySnapshot, RowState
from correlate.model import Identity, Truth
from correlate.ports import Setup
from correlate.secret import Secret

_NEEDS = "a workspace administrator's token"
_DAY_S = 86_400


@dataclass(frozen=True, slots=True)
class Settings:
    """`base_url` is the workspace, as in https://adb-1.2.azuredatabricks.net."""

    token: Secret
    base_url: str
    internal_hosts: tuple[str, ...] = ()
    proxy: str = ""
    ca_file: Path | None = None
    timeout_s: float = 30.0
    spacing_s: float = 0.0


def connect(settings: Settings, setup: Setup) -> DatabricksInventory:
    """Return the lists. Asks nothing yet."""
    rest = rest_of(settings, settings.base_url, setup.name, bearer(settings.token))
    return DatabricksInventory(setup.name, rest)


@dataclass(frozen=True, slots=True)
class DatabricksInventory:
    """`Inventory` of one workspace."""

    name: str
    rest: Rest

    def snapshot(self, now: datetime) -> InventorySnapshot:
        """Read the workspace's tokens."""
        lists = Lists(self.name, now)
        lists.read("workspace tokens", _NEEDS, self._tokens(now))
        return lists.snapshot()

    def _tokens(self, now: datetime) -> Iterator[InventoryRow]:
        answer = row(self.rest.get("/api/2.0/token-management/tokens").value, self.name)
        if "token_infos" not in answer and answer:
            raise unexpected(self.name)
        for item in rows(answer.get("token_infos", []), self.name):
            never = item.get("expiry_time") == -1
            expires_at = None if never else moment(item.get("expiry_time"))
            maker = word(item.get("created_by_username"))
            owner = word(item.get("owner_id"))
            mine = owner == word(item.get("created_by_id"))
            mail = (Identity("mail", maker),) if mine and "@" in maker else ()
            yield InventoryRow(
                source=self.name,
                container="",
                row_id=name_of(item, "token_id", self.name),
                issuer="databricks",
                what="personal access token",
                state=lasting(RowState.ACTIVE, expires_at, now),
                name=word(item.get("comment")),
                owners=(*mail, Identity("databricks-id", owner)) if owner else mail,
                owner_name=maker if mine else owner,
                owner_is_person=Truth.YES if mail else Truth.UNKNOWN,
                created_at=moment(item.get("creation_time")),
                last_used_at=moment(item.get("last_used_day")),
                last_used_grain_s=_DAY_S,
                expires_at=expires_at,
                expires=Truth.NO if never else Truth.YES if expires_at else Truth.UNKNOWN,
                revoke_hint=f"databricks token-management delete {word(item.get('token_id'))}",
            )
