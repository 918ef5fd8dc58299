from __future__ import annotations

import json
from pathlib import Path

from connectors.inventory_azure_devops import Settings, connect
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


class TestAzureDevops(InventoryContract):
    path, container = "/acme/_apis/tokenadmin/personalaccesstokens/aad.1", "user aad.1"

    def answer(self, asked: Asked) -> Told:
        if asked.path == "/acme/_apis/graph/users":
            last = "continuationToken" in asked.query
            user = {
                "descriptor": "aad.2" if last else "aad.1", "displayName": "Jane",
                "mailAddress": "jane@x.example", "principalName": "jane@x.example",
                "isDeletedInOrigin": last,
            }  # fmt: skip
            headers = {} if last else {"X-MS-ContinuationToken": "more"}
            return Told(body=json.dumps({"value": [user]}).encode(), headers=headers)
        number = int(asked.query.get("continuationToken", 1))
        token = {
            "authorizationId": f"a{number}", "displayName": "ci", "validFrom": EARLIER,
            "validTo": "2026-12-01T00:00:00Z", "isValid": number != 2, "scope": "vso.code vso.build",
        }  # fmt: skip
        onward = str(number + 1) if number < 3 else ""
        return page({"value": [token], "continuationToken": onward})

    def connect(self, base: str) -> Inventory:
        settings = Settings("acme", login(), base, internal_hosts=("127.0.0.1",))
        return connect(settings, Setup("az", NOWHERE))

    def test_users_deleted_at_their_origin_are_read_too(self, taken: InventorySnapshot) -> None:
        assert taken.listed == ("user aad.1", "user aad.2")
        first, second, _ = self.mine(taken)
        assert (first.state, second.state) == (RowState.ACTIVE, RowState.REVOKED)
        assert first.scopes == ("vso.code", "vso.build")
        assert first.owners[1:] == (Identity("mail", "jane@x.example"),)
        gone = [row for row in taken.rows if row.container == "user aad.2"]
        assert all("deleted at its origin" in row.owner_name for row in gone)
        assert all(row.expires is Truth.YES for row in taken.rows)
