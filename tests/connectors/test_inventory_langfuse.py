from __future__ import annotations

from pathlib import Path

from connectors.inventory_langfuse import Settings, connect
from correlate.listed import InventorySnapshot
from correlate.model import Truth
from correlate.ports import Inventory, Setup
from tests.connectors.inventory_contract import (
    EARLIER,
    InventoryContract,
    login,
    page,
)
from tests.connectors.wire import Asked, Told

NOWHERE = Path("/nonexistent")


class TestLangfuse(InventoryContract):
    path, container, pages = "/api/public/projects/p1/apiKeys", "project p1", 1

    def answer(self, asked: Asked) -> Told:
        if asked.path == "/api/public/organizations/projects":
            return page({"projects": [{"id": "p1", "name": "shop"}]})
        keys = [
            {
                "id": f"k{number}", "createdAt": EARLIER, "expiresAt": None, "lastUsedAt": EARLIER,
                "note": None, "publicKey": "pk-lf-1", "displaySecretKey": f"sk-lf-...abc{number}",
            }
            for number in (1, 2, 3)
        ]  # fmt: skip
        return page({"apiKeys": keys})

    def connect(self, base: str) -> Inventory:
        settings = Settings("pk", login(), base, internal_hosts=("127.0.0.1",))
        return connect(settings, Setup("lf", NOWHERE))

    def test_nobody_owns_a_key(self, taken: InventorySnapshot) -> None:
        first = self.mine(taken)[0]
        assert (first.owners, first.owner_is_person, first.expires) == ((), Truth.NO, Truth.NO)
        assert [hint.value for hint in first.hints] == ["abc1"]
