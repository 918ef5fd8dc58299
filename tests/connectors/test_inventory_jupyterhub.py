from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors.inventory_jupyterhub import Settings, connect
from correlate.listed import InventorySnapshot
from correlate.model import Identity, Truth
from correlate.ports import Inventory, Setup
from correlate.secret import Secret
from tests.connectors.inventory_contract import EARLIER, FAULTS, NOW, InventoryContract, login, page
from tests.connectors.wire import Asked, Told
from tests.hub import Hub, jupyterhub

USERS = ("jane", "joe", "omar")


def made(base: str, token: Secret, size: int = 1) -> Inventory:
    settings = Settings(base, token, size, internal_hosts=("127.0.0.1",))
    return connect(settings, Setup("hub", Path("/nonexistent")))


class TestJupyterhub(InventoryContract):
    path, container, pages, rows = "/users/jane/tokens", "user jane", 1, 1

    def answer(self, asked: Asked) -> Told:
        if asked.path == "/users":
            number = int(asked.query.get("offset", 0))
            onward = {"offset": number + 1, "limit": 1} if number < 2 else None
            body = {"items": [{"name": USERS[number]}], "_pagination": {"next": onward}}
            kind = "application/jupyterhub-pagination+json"
            return Told(body=json.dumps(body).encode(), content_type=kind)
        token = {
            "id": "a1", "note": "laptop", "created": EARLIER, "expires_at": None,
            "last_activity": EARLIER, "scopes": ["self"],
        }  # fmt: skip
        return page({"api_tokens": [{**token, "user": asked.path.split("/")[2]}]})

    def connect(self, base: str) -> Inventory:
        return made(base, login())

    @pytest.mark.parametrize("fault", sorted(FAULTS))
    @pytest.mark.parametrize("number", [0, 1, 2])
    def test_users_that_are_not_told_of_are_not_listed(self, fault: str, number: int) -> None:
        def answer(asked: Asked) -> Told:
            told = self.answer(asked)
            mine = asked.path == "/users" and int(asked.query.get("offset", 0)) == number
            return FAULTS[fault](told) if mine else told

        taken = self.read(answer)
        assert [gap.container for gap in taken.gaps] == ["users"]
        assert taken.listed == tuple(f"user {user}" for user in USERS[:number])

    def test_a_token(self, taken: InventorySnapshot) -> None:
        first = taken.rows[0]
        assert first.owners == (Identity("jupyter", "jane"),)
        assert (first.expires, first.name, first.scopes) == (Truth.NO, "laptop", ("self",))


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    with jupyterhub(tmp_path_factory.mktemp("hub")) as running:
        yield running


def test_a_real_hub_is_read_whole_and_forgets_what_was_deleted(hub: Hub) -> None:
    base, token = hub.base, hub.token
    hub.call("POST", "/users", {"usernames": list(USERS)})
    for user in USERS:
        hub.call("POST", f"/users/{user}/tokens", {"note": f"of {user}"})
    day = {"note": "short", "expires_in": 86_400}
    short = hub.call("POST", "/users/jane/tokens", day)
    inventory = made(base, Secret(token))
    taken = inventory.snapshot(NOW)
    assert taken.gaps == ()
    assert {f"user {user}" for user in USERS} == set(taken.listed)
    assert {row.name for row in taken.rows} == {"of jane", "of joe", "of omar", "short"}
    expiring = next(row for row in taken.rows if row.row_id == short["id"])
    assert (expiring.expires, expiring.owners) == (Truth.YES, (Identity("jupyter", "jane"),))
    assert next(row for row in taken.rows if row.name == "of joe").expires is Truth.NO

    hub.call("DELETE", f"/users/jane/tokens/{short['id']}")
    again = inventory.snapshot(NOW)
    assert short["id"] not in {row.row_id for row in again.rows}
    assert "user jane" in again.listed
    refused = made(base, Secret("no-such-token")).snapshot(NOW)  # a hub answers 403 to those
    assert (refused.rows, refused.listed) == ((), ())
    assert "our login needs" in refused.gaps[0].reason
