"""A name in the configuration is a module in connectors/, and nothing is touched on the way."""

from __future__ import annotations

from pathlib import Path

import pytest

from correlate.errors import ConfigError
from jobs.config import parse
from jobs.kind_files import packaged_kinds
from jobs.wiring import Wiring, types_of

PEPPER = {"organisation": {"pepper": {"env": "PEPPER"}}}


def wired(folder: Path, **sections: object) -> Wiring:
    config = parse({**PEPPER, **sections}, folder / "offkey.toml", {"PEPPER": "x" * 64})
    return Wiring(config, packaged_kinds())


def test_connectors_are_found_by_name_and_touch_nothing(tmp_path: Path) -> None:
    wiring = wired(
        tmp_path,
        sources=[{"type": "notebooks", "name": "books", "path": "nowhere"}],
        people=[{"type": "csv", "path": "nowhere.csv"}],
        issuers=[{"type": "http"}],
    )
    assert [source.name for source in wiring.sources()] == ["books"]
    assert [feed.name for feed in wiring.feeds()] == ["csv"]
    assert wiring.issuers()[0].kinds
    assert wiring.sinks() == []
    assert wiring.store()
    assert list(tmp_path.iterdir()) == []


def test_each_connector_has_a_folder_of_its_own(tmp_path: Path) -> None:
    wiring = wired(
        tmp_path, sources=[{"type": "git", "name": "code"}, {"type": "git", "name": "more"}]
    )
    first, second = (wiring.workdir(item) for item in wiring.config.of("source"))
    assert first != second
    state = wiring.config.organisation.state
    assert first.is_relative_to(state)
    assert wiring.workdir(wiring.config.store) == state


@pytest.mark.parametrize("kind", ["gti", "os", "git_ci"])
def test_an_unknown_type_is_refused_with_those_there_are(tmp_path: Path, kind: str) -> None:
    with pytest.raises(ConfigError) as caught:
        wired(tmp_path, sources=[{"type": kind}]).sources()
    assert caught.value.where == "sources[1].type"
    assert "git, " in caught.value.fix


@pytest.mark.parametrize(
    ("role", "some"),
    [
        ("source", {"git", "gitlab_ci", "github_ci", "notebooks", "jupyter"}),
        ("people", {"csv", "ldap", "ldif"}),
        ("issuer", {"http", "aws"}),
        ("inventory", {"aws", "github", "gitlab", "jupyterhub", "openai"}),
        ("tickets", {"jira", "servicenow"}),
        ("store", {"sql"}),
    ],
)
def test_every_role_lists_its_types(role: str, some: set[str]) -> None:
    assert some <= set(types_of(role))


STAMPED = {"timestamp_url": "https://tsa.example.com/tsr", "timestamp_roots": "tsa.pem"}


def test_who_stamps_heads_is_built_of_the_ledgers_settings(tmp_path: Path) -> None:
    assert wired(tmp_path, ledger=STAMPED).time_authority().host == "tsa.example.com"


@pytest.mark.parametrize("missing", sorted(STAMPED))
def test_whoever_stamps_heads_has_an_address_and_roots(tmp_path: Path, missing: str) -> None:
    settings = {name: value for name, value in STAMPED.items() if name != missing}
    with pytest.raises(ConfigError, match=missing):
        wired(tmp_path, ledger=settings).time_authority()


def test_a_missing_library_is_told_with_the_extra_that_brings_it(tmp_path: Path) -> None:
    def load(name: str) -> object:
        raise ModuleNotFoundError(name, name="rfc3161_client")

    with pytest.raises(ConfigError) as caught:
        wired(tmp_path, ledger=STAMPED).time_authority(load)
    assert "rfc3161_client" in caught.value.why
    assert "offkey[timestamp]" in caught.value.fix
