"""What every test stands on: no network beyond loopback, no outside git settings, steady hypothesis."""

from __future__ import annotations

import ipaddress
import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from detectors.engine import Engine
from jobs.engine_cache import cached_engine
from jobs.kind_files import packaged_kinds

settings.register_profile("offkey", deadline=None, derandomize=True, max_examples=60)
settings.register_profile("long", deadline=None, max_examples=2000)
settings.load_profile(os.environ.get("OFFKEY_HYPOTHESIS", "offkey"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes long a test, so that no process ends the run alone with it."""
    items.sort(key=lambda item: item.path.parent.name != "jobs")


@pytest.fixture(autouse=True, scope="session")
def only_loopback() -> Iterator[None]:
    """Refuse every connection that would leave this machine."""
    real = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6):
            host = address[0]
            if host != "localhost" and not ipaddress.ip_address(host).is_loopback:
                raise AssertionError(f"a test tried to reach {host}")
        real(self, address)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(socket.socket, "connect", guarded)
        yield


@pytest.fixture(autouse=True, scope="session")
def patterns(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Every state folder of one run's tests shares the compiled patterns, in all its processes."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("OFFKEY_CACHE", str(shared / "patterns"))
        yield shared / "patterns"


@pytest.fixture(scope="session")
def engine(patterns: Path) -> Engine:
    """Return the engine of all packaged kinds."""
    return cached_engine(packaged_kinds(), patterns)


@pytest.fixture(autouse=True, scope="session")
def plain_git() -> Iterator[None]:
    """Pin who commits and when, and keep the machine's git settings out."""
    pinned = {
        "GIT_AUTHOR_NAME": "Test Author",
        "GIT_AUTHOR_EMAIL": "author@fennelandrye.example",
        "GIT_COMMITTER_NAME": "Test Author",
        "GIT_COMMITTER_EMAIL": "author@fennelandrye.example",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_TERMINAL_PROMPT": "0",
    }
    before = {name: os.environ.get(name) for name in pinned}
    os.environ.update(pinned)
    yield
    for name, value in before.items():
        if value is None:
            del os.environ[name]
        else:
            os.environ[name] = value
