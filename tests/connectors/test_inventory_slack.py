from __future__ import annotations

from pathlib import Path

from connectors.inventory_slack import Settings, connect
from correlate.listed import InventorySnapshot, RowState
from correlate.model import Identity, Truth
from correlate.ports import Inventory, Setup
from tests.connectors.inventory_contract import (
    InventoryContract,
    login,
    page,
)
from tests.connectors.wire import Asked, Told

NOWHERE = Path("/nonexistent")


def entry(number: int, what: str) -> dict[str, object]:
    return {
        "app_id": f"A{number}", "app_type": "shop bot", "user_id": f"U{number}",
        "user_name": "jane", "date": "1700000000", "change_type": what, "scope": "chat:write,users:read",
    }  # fmt: skip


LOG = [
    [entry(1, "removed"), entry(2, "enabled")],
    [entry(3, "disabled")],
    [entry(1, "added"), entry(2, "added"), entry(3, "added")],
]


class TestSlack(InventoryContract):
    path, container = "/api/team.integrationLogs", "integrations"

    def answer(self, asked: Asked) -> Told:
        number = int(asked.query["page"])
        return page({"ok": True, "logs": LOG[number - 1], "paging": {"pages": len(LOG)}})

    def connect(self, base: str) -> Inventory:
        settings = Settings(login(), base, internal_hosts=("127.0.0.1",))
        return connect(settings, Setup("sl", NOWHERE))

    def test_an_app_stands_as_its_newest_entry_says(self, taken: InventorySnapshot) -> None:
        assert [row.state for row in taken.rows] == [
            RowState.REVOKED, RowState.ACTIVE, RowState.DISABLED,
        ]  # fmt: skip
        assert taken.rows[1].owners == (Identity("slack-id", "U2"),)
        assert taken.rows[1].owner_is_person is Truth.UNKNOWN

    def test_a_refusal_within_a_200_is_one(self) -> None:
        taken = self.read(lambda _: page({"ok": False, "error": "missing_scope"}))
        assert taken.listed == ()
        assert "scope admin" in taken.gaps[0].reason
