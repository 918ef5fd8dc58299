"""Assessment results: satisfied is only what every issuer rejects."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from connectors.ledger_key import LedgerKey
from jobs.evidence.oscal import control_id
from tests.correlate.cast import NOW
from tests.jobs.evidence.conftest import make_pack
from tests.jobs.stage import fresh_store


def results(folder: Path) -> dict[str, Any]:
    document = json.loads((folder / "assessment-results.json").read_text())
    made: dict[str, Any] = document["assessment-results"]
    return made


@pytest.mark.parametrize(
    ("name", "told"), [("AC-2", "ac-2"), ("AC-2(3)", "ac-2.3"), ("IA-5(7)", "ia-5.7")]
)
def test_a_control_is_named_as_the_catalogue_names_it(name: str, told: str) -> None:
    assert control_id(name) == told


def test_a_live_credential_leaves_its_controls_unsatisfied(held: tuple[Path, str]) -> None:
    made = results(held[0])
    (result,) = made["results"]
    assert made["metadata"]["oscal-version"] == "1.1.3"
    assert {one["target"]["status"]["state"] for one in result["findings"]} == {"not-satisfied"}
    observed = {one["uuid"] for one in result["observations"]}
    for finding in result["findings"]:
        assert {one["observation-uuid"] for one in finding["related-observations"]} <= observed
    chosen = result["reviewed-controls"]["control-selections"][0]["include-controls"]
    assert {"control-id": "ps-4"} in chosen
    assert made["import-ap"]["href"] == f"#{made['back-matter']['resources'][0]['uuid']}"


def test_where_nobody_left_there_is_no_finding(tmp_path: Path, key: LedgerKey) -> None:
    store = fresh_store(tmp_path)
    make_pack(store, key, tmp_path / "pack", NOW)
    (result,) = results(tmp_path / "pack")["results"]
    assert "findings" not in result
    assert "observations" not in result
    store.close()
