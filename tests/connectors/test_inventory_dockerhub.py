from __future__ import annotations

import json
from pathlib import Path

from connectors.inventory_dockerhub import Settings, connect
from correlate.listed import InventorySnapshot, RowState
from correlate.model import Identity, Truth
from correlate.ports import Inventory, Setup
from tests.connectors.inventory_contract import (
    EARLIER,
    LOGIN,
    InventoryContract,
    login,
    page,
)
from tests.connectors.wire import Asked, Told

NOWHERE = Path("/nonexistent")


class TestDockerhub(InventoryContract):
    path, container = "/v2/orgs/acme/access-tokens", "acme: access tokens"
    posts = frozenset({"/v2/auth/token"})

    def answer(self, asked: Asked) -> Told:
        if asked.path == "/v2/auth/token":
            assert json.loads(asked.body) == {"identifier": "bot", "secret": LOGIN}
            return page({"access_token": "short-lived"})
        assert asked.headers["authorization"] == "Bearer short-lived"
        number = int(asked.query["page"])
        token = {
            "id": f"t{number}", "label": "ci", "created_by": "jane", "is_active": number != 2,
            "created_at": EARLIER, "expires_at": None, "last_used_at": EARLIER,
        }  # fmt: skip
        return page({"total": 3, "next": None, "results": [token]})

    def connect(self, base: str) -> Inventory:
        settings = Settings("bot", login(), ("acme",), base, internal_hosts=("127.0.0.1",))
        return connect(settings, Setup("dh", NOWHERE))

    def test_who_made_it(self, taken: InventorySnapshot) -> None:
        first, second, _ = taken.rows
        assert (first.owners, first.expires) == ((Identity("docker", "jane"),), Truth.NO)
        assert (first.state, second.state) == (RowState.ACTIVE, RowState.DISABLED)
