"""All that is held on one person, and nothing that may not be told."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from connectors.store_sql import SqlStore
from correlate.errors import ConfigError
from jobs.dossier import dossier
from jobs.sensitive import end_embargo, restrict, set_embargo
from tests.correlate.cast import NOW
from tests.jobs.gone import DPO, MAIL, ZITA, read, scene
from tests.jobs.stage import KINDS, cases, ledger

LATER = NOW + timedelta(hours=1)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    made = scene(tmp_path)
    yield made
    made.close()


def test_all_of_it_is_there(store: SqlStore) -> None:
    restrict(store, MAIL, DPO, "asked to", NOW, holds=True)
    made = dossier(store, KINDS, (), MAIL, LATER)
    assert made["person"]["name"] == "Zita Quist"
    assert made["standing"]["state"] == "left"
    assert [len(made[part]) for part in ("departures", "corrections", "restrictions", "cases")] == [
        1, 1, 1, 1,
    ]  # fmt: skip
    assert {one["relation"] for one in made["credentials"]} == {"owns", "introduced", "could_read"}
    assert made["cases"][0]["key"] == cases(store)[0].key
    told = {one["what"] for one in made["ledger"]}
    assert {"case", "departure", "correction", "restriction", "export"} <= told
    json.dumps(made)


def test_nothing_of_others_is_in_it(store: SqlStore) -> None:
    made = json.dumps(dossier(store, KINDS, (), MAIL, LATER))
    assert "omar@x.example" not in made
    assert "Person 2" not in made


def test_that_it_was_shown_stands_in_the_ledger_without_a_name(store: SqlStore) -> None:
    dossier(store, KINDS, (), MAIL, LATER)
    entry = json.loads(ledger(store)[-1])
    assert entry["what"] == "export"
    assert entry["subject"].startswith("people export person:")


def test_an_embargo_is_told_once_it_is_over(store: SqlStore) -> None:
    read(store, replace(ZITA, worker_id="9", ends_at=None, emails=("new@x.example",)))  # type: ignore[arg-type]
    set_embargo(store, "9", LATER, DPO, "why", NOW)
    read(store, replace(ZITA, worker_id="9", emails=("new@x.example",)))  # type: ignore[arg-type]
    sealed = dossier(store, KINDS, (), "9", NOW)
    assert (sealed["standing"]["state"], sealed["embargoes"]) == ("here", [])
    assert "embargo" not in json.dumps({**sealed, "embargoes": []})[len('{"schema') :].replace(
        '"embargoes"', ""
    )
    end_embargo(store, "9", DPO, "told", NOW)
    over = dossier(store, KINDS, (), "9", NOW)
    assert (over["standing"]["state"], len(over["embargoes"])) == ("left", 1)


def test_nobody_has_none(store: SqlStore) -> None:
    with pytest.raises(ConfigError):
        dossier(store, KINDS, (), "nobody@x.example", NOW)
