from __future__ import annotations

from pathlib import Path

from connectors.inventory_okta import Settings, connect
from correlate.listed import InventorySnapshot, RowState
from correlate.model import Identity, Truth
from correlate.ports import Inventory, Setup
from tests.connectors.inventory_contract import (
    EARLIER,
    LOGIN,
    InventoryContract,
    linked,
    login,
    page,
)
from tests.connectors.wire import Asked, Told

NOWHERE = Path("/nonexistent")


class TestOkta(InventoryContract):
    path, container = "/api/v1/api-tokens", "API tokens"

    def answer(self, asked: Asked) -> Told:
        if asked.path.startswith("/api/v1/users/"):
            return page({"profile": {"email": "jane@x.example", "login": "jane@x.example"}})
        assert asked.headers["authorization"] == f"SSWS {LOGIN}"
        tokens = [
            {
                "id": f"t{number}", "name": "ci", "userId": "u1", "created": EARLIER,
                "expiresAt": "2026-12-01T00:00:00Z", "tokenWindow": "P30D",
            }
            for number in (1, 2, 3)
        ]  # fmt: skip
        return linked(tokens, asked)

    def connect(self, base: str) -> Inventory:
        settings = Settings(login(), base, internal_hosts=("127.0.0.1",))
        return connect(settings, Setup("ok", NOWHERE))

    def test_whose_it_is(self, taken: InventorySnapshot) -> None:
        first = taken.rows[0]
        assert first.owners == (Identity("okta-id", "u1"), Identity("mail", "jane@x.example"))
        assert (first.state, first.expires) == (RowState.ACTIVE, Truth.UNKNOWN)
