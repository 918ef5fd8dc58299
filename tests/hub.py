"""A real JupyterHub with its proxy, on loopback."""

from __future__ import annotations

import contextlib
import importlib.util
import json
import os
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.services import await_port, free_port, missing, process, program

_CONFIG = """
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


@dataclass(frozen=True, slots=True)
class Hub:
    """A running hub: the address of its API, and the token of a service that may manage users."""

    base: str
    token: str

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """Call the API as the service; return what the answer holds."""
        data = json.dumps(body).encode() if body is not None else None
        asking = urllib.request.Request(  # noqa: S310  # the hub of this test
            self.base + path, data, {"Authorization": f"token {self.token}"}, method=method
        )
        with urllib.request.urlopen(asking, timeout=10) as reply:  # noqa: S310
            text = reply.read()
        return json.loads(text) if text else None


@contextlib.contextmanager
def jupyterhub(folder: Path) -> Iterator[Hub]:
    """Run a hub with its proxy until the block ends."""
    if importlib.util.find_spec("jupyterhub") is None:
        missing("jupyterhub")
    program("configurable-http-proxy", "/usr/local/bin/configurable-http-proxy")
    token, port = os.urandom(16).hex(), free_port()
    config = folder / "config.py"
    config.write_text(
        _CONFIG.format(proxy=free_port(), hub=port, api=free_port(), folder=folder, token=token)
    )
    env = {**os.environ, "CONFIGPROXY_AUTH_TOKEN": os.urandom(16).hex()}
    with process([sys.executable, "-m", "jupyterhub", "-f", str(config)], env=env) as running:
        await_port(port, running, 60)
        hub = Hub(f"http://127.0.0.1:{port}/hub/api", token)
        _await_users(hub)
        yield hub


def _await_users(hub: Hub) -> None:
    for _ in range(120):
        try:
            hub.call("GET", "/users")
        except OSError:
            time.sleep(0.25)
        else:
            return
    pytest.fail("the hub does not answer")
