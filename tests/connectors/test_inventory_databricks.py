from __future__ import annotations

from pathlib import Path

from connectors.inventory_databricks import Settings, connect
from correlate.listed import InventorySnapshot
from correlate.model import Identity, Truth
from correlate.ports import Inventory, Setup
from tests.connectors.inventory_contract import (
    InventoryContract,
    login,
    page,
)
from tests.connectors.wire import Asked, Told

NOWHERE = Path("/nonexistent")


class TestDatabricks(InventoryContract):
    path, container, pages = "/api/2.0/token-management/tokens", "workspace tokens", 1

    def answer(self, asked: Asked) -> Told:
        assert asked.path == self.path
        return page({"token_infos": [
            {
                "token_id": f"t{number}", "comment": "ci", "creation_time": 1_700_000_000_000,
                "expiry_time": -1 if number == 1 else 1_900_000_000_000, "owner_id": 7,
                "created_by_id": 7 if number < 3 else 8, "created_by_username": "jane@x.example",
                "last_used_day": 1_750_000_000_000,
            }
            for number in (1, 2, 3)
        ]})  # fmt: skip

    def connect(self, base: str) -> Inventory:
        settings = Settings(login(), base, internal_hosts=("127.0.0.1",))
        return connect(settings, Setup("db", NOWHERE))

    def test_minus_one_is_no_expiry_and_a_maker_is_not_always_the_owner(
        self, taken: InventorySnapshot
    ) -> None:
        first, second, third = taken.rows
        assert (first.expires, second.expires) == (Truth.NO, Truth.YES)
        assert (first.expires_at, first.last_used_grain_s) == (None, 86_400)
        assert first.owners == (Identity("mail", "jane@x.example"), Identity("databricks-id", "7"))
        assert third.owners == (Identity("databricks-id", "7"),)

    def test_a_workspace_without_tokens_is_read_whole(self) -> None:
        taken = self.read(lambda _: page({}))
        assert (taken.rows, taken.listed, taken.gaps) == ((), ("workspace tokens",), ())
