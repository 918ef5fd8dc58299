"""The doctor says what would go wrong tonight, and changes nothing."""

from __future__ import annotations

from pathlib import Path

from connectors.store_sql import SqlStore
from tests.jobs.cli.conftest import Desk


def test_what_is_well_and_what_is_not(desk: Desk) -> None:
    shown = desk.run("doctor")
    told = {line.split(":")[0]: line for line in shown.lines}
    assert told["ok   store"].endswith("hold together")
    assert "32 workers" in told["ok   people personnel"]
    assert "bad  tickets jira" in told  # the simulators have gone
    assert shown.code == 2


def test_a_changed_ledger_is_found(desk: Desk) -> None:
    store = SqlStore(f"sqlite:///{desk.folder / 'state' / 'offkey.db'}")
    with store._opened().begin() as connection:
        connection.exec_driver_sql("UPDATE ledger SET text = text || ' ' WHERE number = 3")
    try:
        assert "The ledger was changed (entry 3)" in desk.run("doctor").out
    finally:
        with store._opened().begin() as connection:
            connection.exec_driver_sql("UPDATE ledger SET text = trim(text) WHERE number = 3")
        store.close()


def test_an_open_state_folder_is_told(desk: Desk) -> None:
    state: Path = desk.folder / "state"
    state.chmod(0o755)
    try:
        assert "chmod 700" in desk.run("doctor").out
    finally:
        state.chmod(0o700)


def test_without_a_configuration_it_says_how_to_get_one(desk: Desk, tmp_path: Path) -> None:
    shown = desk.run("--config", str(tmp_path / "none.toml"), "doctor")
    assert shown.code == 2
    assert "offkey config init" in shown.out
