from __future__ import annotations

from pathlib import Path

from connectors.inventory_openai import Settings, connect
from correlate.listed import InventorySnapshot, RowState
from correlate.model import Identity, Truth
from correlate.ports import Inventory, Setup
from tests.connectors.inventory_contract import InventoryContract, login, page
from tests.connectors.wire import Asked, Told


def key(number: int, *, admin: bool = False) -> dict[str, object]:
    who = {"id": "user_1", "name": "Jane", "email": "jane@x.example", "role": "owner"}
    owner = {"type": "user", **who} if admin else {"type": "user", "user": who}
    if number == 3:
        owner = {"type": "service_account", "service_account": {"id": "svc_1", "name": "bot"}}
    return {
        "object": "key", "id": f"key_{number}", "name": f"ci {number}", "created_at": 1_700_000_000,
        "redacted_value": f"sk-***abc{number}", "last_used_at": 1_750_000_000, "owner": owner,
        "owner_project_access": "inactive" if number == 2 else "active",
        **({"expires_at": None} if admin else {}),
    }  # fmt: skip


def paged(rows: list[dict[str, object]], asked: Asked, cursor: str) -> Told:
    ids = [row["id"] for row in rows]
    start = ids.index(asked.query[cursor]) + 1 if cursor in asked.query else 0
    more = start + 1 < len(rows)
    body = {"data": rows[start : start + 1], "has_more": more, "last_id": ids[start]}
    return page({"object": "list", **body})


def openai(asked: Asked) -> Told:
    path = asked.path.removeprefix("/v1/organization")
    if path == "/admin_api_keys":
        return page({"data": [key(1, admin=True)], "has_more": False})
    if path == "/projects":
        return page({"data": [{"id": "proj_1"}], "has_more": False})
    if path == "/projects/proj_1/api_keys":
        assert asked.query["owner_project_access"] == "any"
        return paged([key(number) for number in (1, 2, 3)], asked, "after")
    return Told(404, b"{}")


class TestProjectKeys(InventoryContract):
    path, container = "/projects/proj_1/api_keys", "project proj_1"

    def answer(self, asked: Asked) -> Told:
        return openai(asked)

    def connect(self, base: str) -> Inventory:
        settings = Settings(login(), base, internal_hosts=("127.0.0.1",))
        return connect(settings, Setup("oa", Path("/nonexistent")))

    def test_owners_states_and_hints(self, taken: InventorySnapshot) -> None:
        jane, lost, bot = self.mine(taken)
        assert jane.owners == (Identity("openai-id", "user_1"), Identity("mail", "jane@x.example"))
        assert (jane.state, lost.state) == (RowState.ACTIVE, RowState.UNKNOWN)
        assert (jane.owner_is_person, bot.owner_is_person) == (Truth.YES, Truth.NO)
        assert [(hint.form, hint.value) for hint in jane.hints] == [("last4", "abc1")]
        assert jane.expires is Truth.UNKNOWN
        (admin,) = [row for row in taken.rows if row.container == "admin keys"]
        assert (admin.expires, admin.owner_name) == (Truth.NO, "Jane")
