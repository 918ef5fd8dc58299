"""npm's list of its own login's tokens: each account shows its own only.

https://github.com/npm/npm-profile#tokens; names of later fields as npm/cli issue 9443 shows them
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from connectors.json_shape import row, rows, unexpected
from connectors.listing import (
    Item,
    Lists,
    bearer,
    ending,
    inner,
    lasting,
    moment,
    name_of,
    rest_of,
    told,
    word,
    words,
)
from connectors.rest import Rest
from correlate.listed import InventoryRow, InventorySnapshot, RowState
from correlate.model import Identity, Truth
from correlate.ports import Setup
from correlate.secret import Secret

_NEEDS = "a token of the account that may list tokens"
_SIZE = 100


@dataclass(frozen=True, slots=True)
class Settings:
    """`account` is the login as npm names it, whose `token` this is."""

    account: str
    token: Secret
    base_url: str = "https://registry.npmjs.org"
    internal_hosts: tuple[str, ...] = ()
    proxy: str = ""
    ca_file: Path | None = None
    timeout_s: float = 30.0
    spacing_s: float = 0.0


def connect(settings: Settings, setup: Setup) -> NpmInventory:
    """Return the lists. Asks nothing yet."""
    rest = rest_of(settings, settings.base_url, setup.name, bearer(settings.token))
    return NpmInventory(setup.name, settings.account, rest)


@dataclass(frozen=True, slots=True)
class NpmInventory:
    """`Inventory` of one account."""

    name: str
    account: str
    rest: Rest

    def snapshot(self, now: datetime) -> InventorySnapshot:
        """Read the account's tokens."""
        lists = Lists(self.name, now)
        lists.read(f"account {self.account}", _NEEDS, self._tokens(now))
        return lists.snapshot()

    def _tokens(self, now: datetime) -> Iterator[InventoryRow]:

        for item in self._all():
            expires_at, _ = told(item, "expiry")
            state = RowState.REVOKED if item.get("revoked") else RowState.ACTIVE
            yield InventoryRow(
                source=self.name,
                container="",
                row_id=name_of(item, "key", self.name),
                issuer="npm",
                what="access token",
                state=lasting(state, expires_at, now),
                name=word(item.get("name")),
                owners=(Identity("npm", self.account),),
                owner_name=self.account,
                created_at=moment(item.get("created")),
                last_used_at=moment(item.get("accessed")),
                expires_at=expires_at,
                expires=Truth.YES if expires_at else Truth.UNKNOWN,
                scopes=words(item.get("scopes")),
                hints=ending(word(item.get("token"))),
                revoke_hint=f"npm token revoke {word(item.get('key'))}",
            )

    def _all(self) -> Iterator[Item]:
        page, count = 0, 0
        while True:
            query = [("perPage", str(_SIZE)), ("page", str(page))]
            answer = row(self.rest.get("/-/npm/v1/tokens", query).value, self.name)
            found = rows(answer.get("objects"), self.name)
            yield from found
            count, page = count + len(found), page + 1
            total, onward = answer.get("total"), inner(answer, "urls").get("next")
            if not onward:
                if isinstance(total, int) and count < total:
                    raise unexpected(self.name)
                return
            if not found:
                raise unexpected(self.name)
