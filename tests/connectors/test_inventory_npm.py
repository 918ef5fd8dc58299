from __future__ import annotations

from pathlib import Path

from connectors.inventory_npm import Settings, connect
from correlate.listed import InventorySnapshot, RowState
from correlate.model import Identity, Truth
from correlate.ports import Inventory, Setup
from tests.connectors.inventory_contract import (
    EARLIER,
    InventoryContract,
    login,
    page,
)
from tests.connectors.wire import Asked, Told

NOWHERE = Path("/nonexistent")


class TestNpm(InventoryContract):
    path, container = "/-/npm/v1/tokens", "account jane"

    def answer(self, asked: Asked) -> Told:
        number = int(asked.query["page"])
        token = {
            "key": f"k{number}", "token": f"npm_ab...cde{number}", "name": "ci", "created": EARLIER,
            "accessed": EARLIER, "revoked": EARLIER if number == 1 else None, "expiry": None,
        }  # fmt: skip
        urls = {"next": f"{asked.path}?page={number + 1}"} if number < 2 else {}
        return page({"objects": [token], "total": 3, "urls": urls})

    def connect(self, base: str) -> Inventory:
        settings = Settings("jane", login(), base, internal_hosts=("127.0.0.1",))
        return connect(settings, Setup("np", NOWHERE))

    def test_its_own_tokens(self, taken: InventorySnapshot) -> None:
        first, second, _ = taken.rows
        assert first.owners == (Identity("npm", "jane"),)
        assert (first.state, second.state) == (RowState.ACTIVE, RowState.REVOKED)
        assert (first.expires, [hint.value for hint in first.hints]) == (Truth.UNKNOWN, ["cde0"])

    def test_a_list_shorter_than_its_total_is_a_gap(self) -> None:
        taken = self.read(lambda _: page({"objects": [], "total": 3, "urls": {}}))
        assert taken.listed == ()
