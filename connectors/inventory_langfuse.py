"""Langfuse's lists of an organisation's and its projects' keys. They name no owner.

https://api.reference.langfuse.com/ (organisations, projects)
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from connectors.json_shape import row, rows
from connectors.listing import (
    Lists,
    ending,
    lasting,
    moment,
    name_of,
    rest_of,
    told,
    word,
)
from connectors.rest import Rest, segment
from correlate.listed import InventoryRow, InventorySnapshot, RowState
from correlate.model import Truth
from correlate.ports import Setup
from correlate.secret import Secret

_NEEDS = "the organisation's own key pair"


@dataclass(frozen=True, slots=True)
class Settings:
    """`public_key` and `secret_key` are an organisation's."""

    public_key: str
    secret_key: Secret
    base_url: str = "https://cloud.langfuse.com"
    internal_hosts: tuple[str, ...] = ()
    proxy: str = ""
    ca_file: Path | None = None
    timeout_s: float = 30.0
    spacing_s: float = 0.0


def connect(settings: Settings, setup: Setup) -> LangfuseInventory:
    """Return the lists. Asks nothing yet."""
    pair = f"{settings.public_key}:{settings.secret_key.reveal()}".encode()
    secrets = {"Authorization": Secret("Basic " + base64.b64encode(pair).decode())}
    return LangfuseInventory(setup.name, rest_of(settings, settings.base_url, setup.name, secrets))


@dataclass(frozen=True, slots=True)
class LangfuseInventory:
    """`Inventory` of one organisation."""

    name: str
    rest: Rest

    def snapshot(self, now: datetime) -> InventorySnapshot:
        """Read the organisation's keys and each project's."""
        lists, root = Lists(self.name, now), "/api/public"
        lists.read("organisation keys", _NEEDS, self._keys(f"{root}/organizations/apiKeys", now))
        for project in lists.names("projects", _NEEDS, self._projects()):
            path = f"{root}/projects/{segment(project)}/apiKeys"
            lists.read(f"project {project}", _NEEDS, self._keys(path, now))
        return lists.snapshot()

    def _projects(self) -> Iterator[str]:
        answer = row(self.rest.get("/api/public/organizations/projects").value, self.name)
        for item in rows(answer.get("projects"), self.name):
            yield name_of(item, "id", self.name)

    def _keys(self, path: str, now: datetime) -> Iterator[InventoryRow]:
        answer = row(self.rest.get(path).value, self.name)
        for item in rows(answer.get("apiKeys"), self.name):
            expires_at, expires = told(item, "expiresAt")
            yield InventoryRow(
                source=self.name,
                container="",
                row_id=name_of(item, "id", self.name),
                issuer="langfuse",
                what="API key",
                state=lasting(RowState.ACTIVE, expires_at, now),
                name=word(item.get("note")) or word(item.get("publicKey")),
                owner_is_person=Truth.NO,
                created_at=moment(item.get("createdAt")),
                last_used_at=moment(item.get("lastUsedAt")),
                expires_at=expires_at,
                expires=expires,
                hints=ending(word(item.get("displaySecretKey"))),
                revoke_hint="Delete the key at Settings, API keys.",
            )
