from __future__ import annotations

from pathlib import Path

from connectors.inventory_anthropic import Settings, connect
from correlate.listed import InventorySnapshot, RowState
from correlate.model import Identity
from correlate.ports import Inventory, Setup
from tests.connectors.inventory_contract import EARLIER, InventoryContract, login, page
from tests.connectors.test_inventory_openai import paged
from tests.connectors.wire import Asked, Told

STATES = ("active", "inactive", "archived", "expired", "new word")


def key(number: int) -> dict[str, object]:
    return {
        "id": f"apikey_{number}", "type": "api_key", "name": "ci", "created_at": EARLIER,
        "created_by": {"id": "user_1", "type": "user"}, "status": STATES[number],
        "partial_key_hint": f"sk-ant-api03-R2D...igA{number}", "workspace_id": None,
    }  # fmt: skip


class TestAnthropic(InventoryContract):
    path, container = "/v1/organizations/api_keys", "API keys"
    pages = rows = len(STATES)

    def answer(self, asked: Asked) -> Told:
        if asked.path == "/v1/organizations/users":
            user = {"id": "user_1", "email": "jane@x.example", "name": "Jane"}
            return page({"data": [user], "has_more": False})
        return paged([key(number) for number in range(len(STATES))], asked, "after_id")

    def connect(self, base: str) -> Inventory:
        settings = Settings(login(), base, internal_hosts=("127.0.0.1",))
        return connect(settings, Setup("an", Path("/nonexistent")))

    def test_each_state_is_what_it_says(self, taken: InventorySnapshot) -> None:
        assert [row.state for row in taken.rows] == [
            RowState.ACTIVE, RowState.DISABLED, RowState.REVOKED, RowState.EXPIRED,
            RowState.UNKNOWN,
        ]  # fmt: skip
        first = taken.rows[0]
        assert first.owners == (
            Identity("anthropic-id", "user_1"), Identity("mail", "jane@x.example")
        )  # fmt: skip
        assert first.owner_name == "Jane"
        assert [hint.value for hint in first.hints] == ["igA0"]
