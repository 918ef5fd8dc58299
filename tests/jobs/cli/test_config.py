"""The configuration is written once, checked without touching anything, and explained."""

from __future__ import annotations

from pathlib import Path

import pytest

from jobs.cli.main import invoke
from tests.jobs.cli.conftest import Desk


def test_init_writes_once_and_never_over_anything(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert invoke(["config", "init"]) == 0
    before = (tmp_path / "offkey.pepper").read_text()
    assert invoke(["config", "init"]) == 2
    assert (tmp_path / "offkey.pepper").read_text() == before
    assert "overwritten" in capsys.readouterr().err
    assert invoke(["config", "check"]) == 0


def test_check_names_every_connector_and_a_wrong_one(desk: Desk, tmp_path: Path) -> None:
    assert desk.run("config", "check").lines.count("") == 0
    text = (desk.folder / "offkey.toml").read_text().replace("instance = true", "instanze = true")
    wrong = tmp_path / "offkey.toml"
    wrong.write_text(text.replace('file = "logins', f'file = "{desk.folder}/logins'))
    shown = desk.run("--config", str(wrong), "config", "check")
    assert shown.code == 2
    (bad,) = [line for line in shown.lines if line.startswith("bad")]
    assert "did you mean `instance`?" in bad


def test_explain_tells_origins_and_keeps_secrets_blank(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OFFKEY_POLICY__MAX_NEW_TICKETS", "7")
    shown = desk.run("config", "explain")
    assert "policy.max_new_tickets = 7  # $OFFKEY_POLICY__MAX_NEW_TICKETS" in shown.lines
    assert "organisation.pepper = Secret(****)  # file" in shown.lines
    assert "schedule.nightly = '02:00'  # default" in shown.lines
    for login in (desk.folder / "logins").iterdir():
        assert login.read_text().strip() not in shown.out
