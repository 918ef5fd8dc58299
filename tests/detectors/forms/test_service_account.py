from __future__ import annotations

import json

import pytest

from correlate.kind import Kind
from detectors.engine import Engine
from detectors.forms.service_account import SERVICE_ACCOUNT
from detectors.mint import mint
from tests.detectors.looking import look


def written(kinds: dict[str, Kind]) -> str:
    return mint(kinds["google_service_account_key"], "a")


def test_a_key_file_tells_whose_it_is(kinds: dict[str, Kind]) -> None:
    entries = json.loads(written(kinds))
    told = SERVICE_ACCOUNT.facts(written(kinds))
    names = ("client_email", "project_id", "private_key_id")
    assert {name: told[name] for name in names} == {name: entries[name] for name in names}


def test_the_same_key_is_one_however_its_file_is_written(
    engine: Engine, kinds: dict[str, Kind]
) -> None:
    text = written(kinds)
    entries = json.loads(text)
    key = entries["private_key"].strip()
    spellings = [
        text,
        json.dumps(entries, sort_keys=True),
        json.dumps({"credentials": text}),
        json.dumps({"credentials": entries}),
        json.dumps({"outer": json.dumps({"credentials": text})}),
        repr(entries),
    ]
    for spelling in spellings:
        (found,) = look(engine, spelling)
        assert found.kind == "google_service_account_key"
        assert found.secret.reveal() == f"{entries['private_key_id']}:{key}"


def test_a_file_without_its_key_is_none(kinds: dict[str, Kind]) -> None:
    entries = json.loads(written(kinds))
    for key in ("", "-----BEGIN PRIVATE KEY-----\n...\n-----END PRIVATE KEY-----"):
        assert not SERVICE_ACCOUNT.holds(json.dumps(entries | {"private_key": key}))


@pytest.mark.parametrize("name", ["sample-project", "example-1"])
def test_the_name_of_a_project_makes_no_placeholder(
    engine: Engine, kinds: dict[str, Kind], name: str
) -> None:
    entries = json.loads(written(kinds)) | {"project_id": name}
    assert len(look(engine, json.dumps(entries))) == 1
