from __future__ import annotations

from pathlib import Path

import pytest

from connectors.inventory_atlassian import Settings, connect
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


class TestAtlassian(InventoryContract):
    path, container = "/admin/api-access/v1/orgs/o1/api-tokens", "API tokens"

    def answer(self, asked: Asked) -> Told:
        if asked.path.endswith("api-keys"):
            return page({"data": [{"id": "k1", "createdBy": {"id": "u1"}}], "links": {}})
        number = int(asked.query.get("cursor", 1))
        token = {
            "id": f"t{number}", "label": "ci", "status": ["ALLOWED", "REVOKED", "odd"][number - 1],
            "createdAt": EARLIER, "expiresAt": "2026-12-01T00:00:00Z", "lastActiveAt": EARLIER,
            "user": {"id": "u1", "name": "Jane", "email": "jane@x.example"},
        }  # fmt: skip
        onward = f"{asked.path}?cursor={number + 1}" if number < 3 else None
        return page({"data": [token], "links": {"next": onward}})

    def connect(self, base: str) -> Inventory:
        settings = Settings("o1", login(), base_url=base, internal_hosts=("127.0.0.1",))
        return connect(settings, Setup("at", NOWHERE))

    def test_states_and_owners(self, taken: InventorySnapshot) -> None:
        assert [row.state for row in self.mine(taken)] == [
            RowState.ACTIVE, RowState.REVOKED, RowState.UNKNOWN,
        ]  # fmt: skip
        assert taken.rows[0].owners == (
            Identity("atlassian-id", "u1"), Identity("mail", "jane@x.example")
        )  # fmt: skip
        assert taken.rows[0].owner_is_person is Truth.YES

    @pytest.mark.parametrize("onward", ["https://evil.example/x", "?"])
    def test_a_page_on_another_host_or_in_a_circle_is_not_followed(self, onward: str) -> None:
        taken = self.read(lambda _: page({"data": [], "links": {"next": onward}}))
        assert taken.listed == ()
