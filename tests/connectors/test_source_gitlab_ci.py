from __future__ import annotations

import json
from pathlib import Path

import pytest

from connectors.source_gitlab_ci import Settings, connect
from correlate.errors import SourceError
from correlate.model import Identity, Medium, Right, Truth
from correlate.ports import ScanUnit, Setup, Source
from correlate.secret import Secret
from tests.connectors.conftest import LOGINS, Vendors
from tests.connectors.variables_contract import Make, VariablesContract, everything
from tests.connectors.wire import Told, answering


def gitlab(vendors: Vendors, **changes: object) -> Source:
    given: dict[str, object] = {
        "token": Secret(LOGINS.gitlab), "base_url": vendors.at["gitlab"], "instance": True,
        "internal_hosts": ("127.0.0.1",), "timeout_s": 5.0,
    }  # fmt: skip
    settings = Settings(**given | changes)  # type: ignore[arg-type]
    return connect(settings, Setup("gl", Path("/nonexistent")))


class TestGitlabCi(VariablesContract):
    @pytest.fixture
    def make(self) -> Make:
        return gitlab

    @pytest.fixture
    def vendor(self) -> str:
        return "gitlab"

    def test_every_readable_variable_comes_with_who_can_read_it(self, vendors: Vendors) -> None:
        found, skips = everything(gitlab(vendors))
        assert len(found) == 75 + 2 + 1 + 1
        assert found["instance", "INSTANCE_KEY"].data == b"INSTANCE_KEY=instance-value"
        assert found["team", "GROUP_KEY"].data == b"GROUP_KEY=group-value"
        assert found["team/shop", "DEPLOY@prod/*"].data == b"DEPLOY=eu-value"
        one = found["team/shop", "DEPLOY"]
        assert (one.medium, one.data) == (Medium.CI_VARIABLE, b"DEPLOY=any-value")
        assert one.trace is not None
        assert one.trace.path == "variable DEPLOY"
        assert one.trace.at_tip is Truth.YES
        readers = {reader.identity for reader in one.trace.readers}
        assert readers == {
            Identity("gitlab", "jane"), Identity("gitlab-id", "71"),
            Identity("gitlab", "deploy-bot"), Identity("gitlab-id", "73"),
        }  # fmt: skip
        assert {reader.right for reader in one.trace.readers} == {Right.WRITE}
        (skip,) = skips
        assert (skip.container, skip.item) == ("team/shop", "HIDDEN")
        assert "hidden" in skip.reason

    def test_only_what_is_named_is_read(self, vendors: Vendors) -> None:
        def containers(**changes: object) -> set[str]:
            found, _ = everything(gitlab(vendors, instance=False, **changes))
            return {container for container, _ in found}

        assert containers(projects=("team/shop",)) == {"team/shop"}
        assert containers(groups=("team",)) == {"team", "team/shop"}
        assert containers() == {"team", "team/shop"}


def _rows(count: int) -> bytes:
    return json.dumps([{"key": f"K{n}", "value": "v"} for n in range(count)]).encode()


@pytest.mark.parametrize(
    "headers",
    [
        {"Link": '<https://evil.example/api?page=2>; rel="next"'},
        {"X-Total": "5"},
        {"X-Next-Page": "1"},
    ],
)
def test_a_list_that_leads_elsewhere_or_falls_short_is_an_error(headers: dict[str, str]) -> None:
    with answering(lambda _: Told(body=_rows(2), headers=headers)) as base:
        settings = Settings(Secret("x"), base, instance=True, internal_hosts=("127.0.0.1",))
        source = connect(settings, Setup("gl", Path("/nonexistent")))
        unit = ScanUnit("gl", "instance", 0, json.dumps({"kind": "instance"}))
        with pytest.raises(SourceError):
            list(source.documents(unit))
