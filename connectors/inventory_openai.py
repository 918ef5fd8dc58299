"""OpenAI's lists of an organisation's admin keys and its projects' keys.

https://platform.openai.com/docs/api-reference/administration. `owner_project_access=any` is sent
always: without it the list may leave out keys whose owner lost the project.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from connectors.listing import (
    Item,
    Lists,
    bearer,
    cursored,
    ending,
    inner,
    lasting,
    moment,
    name_of,
    rest_of,
    told,
    word,
)
from connectors.rest import Query, Rest, segment
from correlate.errors import SourceError
from correlate.listed import InventoryRow, InventorySnapshot, RowState
from correlate.model import Identity, Truth
from correlate.ports import Setup
from correlate.secret import Secret

_PAGE = (("limit", "100"),)
_NEEDS = "an admin key with api.management.read"


@dataclass(frozen=True, slots=True)
class Settings:
    """`token` is an admin key (read only is enough)."""

    token: Secret
    base_url: str = "https://api.openai.com"
    internal_hosts: tuple[str, ...] = ()
    proxy: str = ""
    ca_file: Path | None = None
    timeout_s: float = 30.0
    spacing_s: float = 0.0


def connect(settings: Settings, setup: Setup) -> OpenaiInventory:
    """Return the lists. Asks nothing yet."""
    rest = rest_of(settings, settings.base_url, setup.name, bearer(settings.token))
    return OpenaiInventory(setup.name, rest)


@dataclass(frozen=True, slots=True)
class OpenaiInventory:
    """`Inventory` of one organisation."""

    name: str
    rest: Rest

    def snapshot(self, now: datetime) -> InventorySnapshot:
        """Read the admin keys and every project's keys."""
        lists = Lists(self.name, now)
        root = "/v1/organization"
        lists.read("admin keys", _NEEDS, self._keys(f"{root}/admin_api_keys", (), now))
        projects = lists.names("projects", _NEEDS, self._projects(f"{root}/projects"))
        for project in projects:
            path = f"{root}/projects/{segment(project)}/api_keys"
            query = [("owner_project_access", "any")]
            lists.read(f"project {project}", _NEEDS, self._keys(path, query, now))
        return lists.snapshot()

    def _projects(self, path: str) -> Iterator[str]:
        for one in self._all(path, [("include_archived", "true")]):
            yield name_of(one, "id", self.name)

    def _all(self, path: str, query: Query) -> Iterator[Item]:
        return cursored(self.rest, path, [*_PAGE, *query], "data", self._further)

    def _further(self, page: Item) -> Query:
        if page.get("has_more") is not True:
            if page.get("has_more") is not False:
                raise _endless(self.name)
            return ()
        return [("after", name_of(page, "last_id", self.name))]

    def _keys(self, path: str, query: Query, now: datetime) -> Iterator[InventoryRow]:
        admin = path.endswith("admin_api_keys")
        for item in self._all(path, query):
            owner = inner(item, "owner")
            kind = word(owner.get("type"))
            who = inner(owner, kind) or owner
            expires_at, expires = told(item, "expires_at")
            lost = item.get("owner_project_access") == "inactive"
            yield InventoryRow(
                source=self.name,
                container="",
                row_id=name_of(item, "id", self.name),
                issuer="openai",
                what="admin key" if admin else "project key",
                # what a key may do whose owner lost the project is not documented
                state=lasting(RowState.UNKNOWN if lost else RowState.ACTIVE, expires_at, now),
                name=word(item.get("name")),
                owners=_account(who),
                owner_name=word(who.get("name")),
                owner_is_person=Truth.YES if kind == "user" else Truth.NO,
                created_at=moment(item.get("created_at")),
                last_used_at=moment(item.get("last_used_at")),
                expires_at=expires_at,
                expires=expires,
                hints=ending(word(item.get("redacted_value"))),
                revoke_hint=f"Delete key {word(item.get('id'))} at platform.openai.com, API keys.",
            )


def _account(who: Item) -> tuple[Identity, ...]:
    systems = (("openai-id", "id"), ("mail", "email"))
    return tuple(
        Identity(system, handle) for system, key in systems if (handle := word(who.get(key)))
    )


def _endless(where: str) -> SourceError:
    return SourceError(
        "a list does not say whether it ends", where=where, why="has_more is missing",
        fix="check that the address is the vendor's own",
    )  # fmt: skip
