from __future__ import annotations

import json
from pathlib import Path

import pytest

from connectors.inventory_gitlab import Settings, connect
from correlate.listed import InventorySnapshot, RowState
from correlate.model import Identity, Truth
from correlate.ports import Inventory, Setup
from tests.connectors.inventory_contract import (
    EARLIER,
    InventoryContract,
    linked,
    login,
    page,
)
from tests.connectors.wire import Asked, Told

OUTBOUND = {"projects": ("acme/shop",)}
USERS = {
    "71": {"id": 71, "username": "jane", "email": "jane@x.example", "bot": False},
    "72": {"id": 72, "username": "group_3_bot", "bot": True},
}


def token(number: int) -> dict[str, object]:
    return {
        "id": number, "name": f"ci {number}", "revoked": number == 2, "active": number != 2,
        "created_at": EARLIER, "last_used_at": EARLIER, "scopes": ["api"],
        "user_id": 72 if number == 3 else 71, "expires_at": "2027-01-01",
    }  # fmt: skip


def gitlab(asked: Asked, *, admin: bool = True) -> Told:
    path = asked.path.removeprefix("/api/v4")
    if path == "/user":
        return page({"id": 1, "is_admin": admin})
    if path.startswith("/users/"):
        return page(USERS[path.rpartition("/")[2]])
    if path.endswith("access_tokens"):
        return linked([token(number) for number in (1, 2, 3)], asked)
    return Told(404, b"{}")


def made(base: str, **changes: object) -> Inventory:
    given = {"base_url": base, "internal_hosts": ("127.0.0.1",), **changes}
    return connect(Settings(login(), **given), Setup("gl", Path("/nonexistent")))  # type: ignore[arg-type]


class TestSite(InventoryContract):
    path, container = "/personal_access_tokens", "site: personal access tokens"

    def answer(self, asked: Asked) -> Told:
        return gitlab(asked)

    def connect(self, base: str) -> Inventory:
        return made(base, admin=True)

    def test_owners_are_asked_for_by_id(self, taken: InventorySnapshot) -> None:
        jane, revoked, bot = self.mine(taken)
        assert jane.owners == (
            Identity("gitlab-id", "71"), Identity("gitlab", "jane"),
            Identity("mail", "jane@x.example"),
        )  # fmt: skip
        assert (jane.state, revoked.state) == (RowState.ACTIVE, RowState.REVOKED)
        assert (jane.owner_is_person, bot.owner_is_person) == (Truth.YES, Truth.NO)

    def test_who_is_no_administrator_sees_own_tokens_only_and_that_is_no_list(self) -> None:
        taken = self.read(lambda asked: gitlab(asked, admin=False))
        assert (taken.rows, taken.listed) == ((), ())
        assert "no administrator" in taken.gaps[0].reason


class TestProject(InventoryContract):
    path, container = "/access_tokens", "team/shop: project access tokens"

    def answer(self, asked: Asked) -> Told:
        return gitlab(asked)

    def connect(self, base: str) -> Inventory:
        return made(base, projects=("team/shop",))


@pytest.mark.parametrize("user", [b'{"id": [1]}', b"[]", json.dumps({"bot": "yes"}).encode()])
def test_a_user_that_is_told_oddly_is_known_by_the_number_alone(user: bytes) -> None:
    def answer(asked: Asked) -> Told:
        return Told(body=user) if "/users/" in asked.path else gitlab(asked)

    row = TestSite().read(answer).rows[0]
    assert row.owners == (Identity("gitlab-id", "71"),)
    assert row.owner_is_person is Truth.UNKNOWN
