from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from correlate.errors import ConfigError
from jobs.config import parse
from jobs.web.transmitters import transmitters
from tests.jobs.web.signing import AUDIENCE, ISSUER, jwks, new_key

KEY = {"file": "key"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "key").write_text(new_key().reveal(), encoding="utf-8")
    (tmp_path / "pepper").write_text("p" * 64, encoding="utf-8")
    jwks(tmp_path / "jwks.json", "ec-1")
    return tmp_path


def names(folder: Path, *tables: dict[str, Any]) -> list[str]:
    raw = {"organisation": {"pepper": {"file": "pepper"}}, "push": list(tables)}
    return [one.name for one in transmitters(parse(raw, folder / "offkey.toml", {}))]


def test_each_type_is_made_of_its_own_settings(folder: Path) -> None:
    made = names(
        folder,
        {"type": "standard", "key": KEY, "old_key": KEY},
        {"type": "okta", "name": "okta-hook", "key": KEY, "header": "X-Offkey"},
        {"type": "hibob", "key": KEY},
        {"type": "secevent", "jwks_file": "jwks.json", "issuer": ISSUER, "audience": AUDIENCE,
         "bearer": KEY},
    )  # fmt: skip
    assert made == ["standard", "okta-hook", "hibob", "secevent"]


@pytest.mark.parametrize(
    ("table", "where"),
    [
        ({"type": "pigeon"}, "push[1].type"),
        ({"type": "standard", "name": "a/b", "key": KEY}, "push[1].name"),
        ({"type": "standard"}, "push[1].key"),
        ({"type": "standard", "key": "whsec_written-down"}, "push[1].key"),
        ({"type": "standard", "key": KEY, "kee": KEY}, "push[1].kee"),
        ({}, "push[1].type"),
    ],
)
def test_what_cannot_be_meant_is_refused_by_its_place(
    folder: Path, table: dict[str, Any], where: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        names(folder, table)
    assert caught.value.where == where
    assert "written-down" not in str(caught.value)


def test_two_of_one_name_are_refused_and_a_feed_may_share_it(folder: Path) -> None:
    with pytest.raises(ConfigError):
        names(folder, *[{"type": "hibob", "key": KEY}] * 2)
    raw = {
        "organisation": {"pepper": {"file": "pepper"}},
        "people": [{"type": "csv", "name": "hibob", "path": "x"}],
        "push": [{"type": "hibob", "key": KEY}],
    }
    config = parse(raw, folder / "offkey.toml", {})
    assert [one.name for one in config.push] == ["hibob"]
    assert [one.role for one in config.connectors] == ["people"]
