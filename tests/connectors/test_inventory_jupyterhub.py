from __future__ import annotations

import importlib.util
import json
import os
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from connectors.inventory_jupyterhub import Settings, connect
from correlate.listed import InventorySnapshot
from correlate.model import Identity, Truth
from correlate.ports import Inventory, Setup
from correlate.secret import Secret
from tests.connectors.inventory_contract import EARLIER, FAULTS, NOW, InventoryContract, login, page
from tests.connectors.wire import Asked, Told
from tests.services import await_port, free_port, missing, process, program

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


CONFIG = """
import os
c.JupyterHub.bind_url = "http://127.0.0.1:{proxy}/"
c.JupyterHub.hub_bind_url = "http://127.0.0.1:{hub}"
c.JupyterHub.db_url = "sqlite:///{folder}/hub.sqlite"
c.JupyterHub.cookie_secret_file = "{folder}/cookie"
c.JupyterHub.authenticator_class = "dummy"
c.JupyterHub.spawner_class = "simple"
c.ConfigurableHTTPProxy.api_url = "http://127.0.0.1:{api}"
c.ConfigurableHTTPProxy.pid_file = "{folder}/proxy.pid"
c.JupyterHub.services = [{{"name": "offkey", "api_token": "{token}"}}]
c.JupyterHub.load_roles = [{{"name": "offkey", "services": ["offkey"],
  "scopes": ["admin:users", "list:users", "tokens"]}}]
c.JupyterHub.allow_root = True
c.Authenticator.allow_all = True
"""


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    if importlib.util.find_spec("jupyterhub") is None:
        missing("jupyterhub")
    program("configurable-http-proxy", "/usr/local/bin/configurable-http-proxy")
    folder = tmp_path_factory.mktemp("hub")
    token, port = os.urandom(16).hex(), free_port()
    config = folder / "config.py"
    config.write_text(
        CONFIG.format(proxy=free_port(), hub=port, api=free_port(), folder=folder, token=token)
    )
    env = {**os.environ, "CONFIGPROXY_AUTH_TOKEN": os.urandom(16).hex()}
    command = [sys.executable, "-m", "jupyterhub", "-f", str(config)]
    with process(command, env=env) as running:
        await_port(port, running, 60)
        base = f"http://127.0.0.1:{port}/hub/api"
        _await_users(base, token)
        yield base, token


def _await_users(base: str, token: str) -> None:
    for _ in range(120):
        try:
            _call(base, token, "GET", "/users")
        except OSError:
            time.sleep(0.25)
        else:
            return
    pytest.fail("the hub does not answer")


def _call(base: str, token: str, method: str, path: str, body: Any = None) -> Any:
    data = json.dumps(body).encode() if body is not None else None
    asking = urllib.request.Request(  # noqa: S310  # the hub of this test
        base + path, data, {"Authorization": f"token {token}"}, method=method
    )
    with urllib.request.urlopen(asking, timeout=10) as reply:  # noqa: S310
        text = reply.read()
    return json.loads(text) if text else None


def test_a_real_hub_is_read_whole_and_forgets_what_was_deleted(hub: tuple[str, str]) -> None:
    base, token = hub
    _call(base, token, "POST", "/users", {"usernames": list(USERS)})
    for user in USERS:
        _call(base, token, "POST", f"/users/{user}/tokens", {"note": f"of {user}"})
    day = {"note": "short", "expires_in": 86_400}
    short = _call(base, token, "POST", "/users/jane/tokens", day)
    inventory = made(base, Secret(token))
    taken = inventory.snapshot(NOW)
    assert taken.gaps == ()
    assert {f"user {user}" for user in USERS} == set(taken.listed)
    assert {row.name for row in taken.rows} == {"of jane", "of joe", "of omar", "short"}
    expiring = next(row for row in taken.rows if row.row_id == short["id"])
    assert (expiring.expires, expiring.owners) == (Truth.YES, (Identity("jupyter", "jane"),))
    assert next(row for row in taken.rows if row.name == "of joe").expires is Truth.NO

    _call(base, token, "DELETE", f"/users/jane/tokens/{short['id']}")
    again = inventory.snapshot(NOW)
    assert short["id"] not in {row.row_id for row in again.rows}
    assert "user jane" in again.listed
    refused = made(base, Secret("no-such-token")).snapshot(NOW)  # a hub answers 403 to those
    assert (refused.rows, refused.listed) == ((), ())
    assert "our login needs" in refused.gaps[0].reason
