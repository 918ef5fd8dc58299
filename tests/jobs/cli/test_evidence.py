"""`offkey evidence`: a pack of the sample company, and its check by the file that is handed out."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.jobs.cli.conftest import Desk


def test_a_pack_is_written_checked_and_found_changed(desk: Desk, tmp_path: Path) -> None:
    folder = tmp_path / "pack"
    made = desk.run("evidence", "export", "--period", "2026", "--output", str(folder))
    assert made.code == 1  # something of theirs is live
    assert made.out.strip() == str(folder)
    key = desk.run("ledger", "key").out.strip()
    assert desk.run("evidence", "verify", str(folder), "--key", key).code == 0
    assert desk.run("evidence", "verify", str(folder)).code == 3
    path = folder / "credentials.jsonl"
    path.write_bytes(path.read_bytes().replace(b'"live"', b'"dead"', 1))
    changed = desk.run("evidence", "verify", str(folder), "--key", key)
    assert changed.code == 1
    assert "credentials.jsonl, entry " in changed.out


def test_the_verifier_that_is_handed_out_runs_alone(desk: Desk, tmp_path: Path) -> None:
    file, folder = tmp_path / "check.py", tmp_path / "pack"
    assert desk.run("evidence", "verifier", "--output", str(file)).code == 0
    desk.run("evidence", "export", "--period", "2026-Q3", "--output", str(folder))
    key = desk.run("ledger", "key").out.strip()
    command = [sys.executable, "-I", str(file), str(folder), "--key", key]
    checked = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (checked.returncode, checked.stdout[:6]) == (0, "holds:")


def test_a_pack_of_nothing_in_particular_is_refused(desk: Desk, tmp_path: Path) -> None:
    assert desk.run("evidence", "export").code == 2
    assert desk.run("evidence", "export", "--period", "2026-Q9").code == 2
    assert desk.run("evidence", "verify", str(tmp_path)).code == 2


def test_the_name_of_a_folder_tells_nobody(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    made = desk.run("evidence", "export", "--person", "000123")
    assert made.out.startswith("evidence-person-2")
    assert (tmp_path / made.out.strip() / "manifest.json").is_file()
