from __future__ import annotations

from pathlib import Path

import pytest

from connectors.source_github_ci import Settings, connect
from correlate.model import Identity, Right
from correlate.ports import Setup, Source
from correlate.secret import Secret
from tests.connectors.conftest import LOGINS, Vendors
from tests.connectors.variables_contract import Make, VariablesContract, everything

OUTBOUND = {"organisations": ("acme",)}


def github(vendors: Vendors, **changes: object) -> Source:
    given: dict[str, object] = {
        "token": Secret(LOGINS.github), "base_url": vendors.at["github"], "organisations": ("acme",),
        "internal_hosts": ("127.0.0.1",), "timeout_s": 5.0,
    }  # fmt: skip
    settings = Settings(**given | changes)  # type: ignore[arg-type]
    return connect(settings, Setup("gh", Path("/nonexistent")))


class TestGithubCi(VariablesContract):
    @pytest.fixture
    def make(self) -> Make:
        return github

    @pytest.fixture
    def vendor(self) -> str:
        return "github"

    def test_variables_of_every_level_come_and_secrets_are_counted(self, vendors: Vendors) -> None:
        found, skips = everything(github(vendors))
        assert len(found) == 75 + 1 + 1
        assert found["acme", "ORG_TOKEN"].data == b"ORG_TOKEN=org-value"
        one = found["acme/shop", "DEPLOY@prod/eu"]
        assert one.data == b"DEPLOY=deploy-value"
        assert one.trace is not None
        assert {reader.identity for reader in one.trace.readers} == {
            Identity("github", "jane"),
            Identity("github-id", "71"),
        }
        assert {reader.right for reader in one.trace.readers} == {Right.WRITE}
        (skip,) = skips
        assert skip.item == "HIDDEN"
        assert "2026-01-02T03:04:05Z" in skip.reason

    def test_only_what_is_named_is_read(self, vendors: Vendors) -> None:
        found, _ = everything(github(vendors, organisations=(), repositories=("acme/shop",)))
        assert {container for container, _ in found} == {"acme/shop"}
