"""The demo is short, says what it is, and is measured by its answer key."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from jobs.cli.demo import compared
from jobs.cli.main import invoke
from jobs.report_data import collect
from jobs.report_rows import Report
from sample_data.company import NOW
from tests.jobs.cli.conftest import Desk
from tests.jobs.stage import fresh_store


def test_the_demo_says_that_its_vendors_are_simulators_in_at_most_fifteen_lines(
    desk: Desk, tmp_path: Path
) -> None:
    shown = desk.run("demo", "--folder", str(tmp_path / "d"))
    assert shown.code == 0
    assert "simulator" in shown.lines[0]
    assert len(shown.lines) <= 15
    assert any("as in its answer key" in line for line in shown.lines)
    page = (tmp_path / "d" / "report.html").read_text(encoding="utf-8")
    assert "Fennel &amp; Rye" in page
    again = desk.run("demo", "--folder", str(tmp_path / "d"))
    assert again.code == 0


def test_a_folder_that_is_in_use_is_left_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "precious.txt").write_text("mine")
    assert invoke(["demo", "--folder", str(tmp_path)]) == 2
    assert "--folder" in capsys.readouterr().err
    assert (tmp_path / "precious.txt").read_text() == "mine"


def empty_report(tmp_path: Path) -> Report:
    store = fresh_store(tmp_path / "state")
    made = collect(store, {}, "x", [], NOW)
    store.close()
    return made


def test_a_missing_case_and_an_unexpected_one_are_both_told(tmp_path: Path) -> None:
    key = tmp_path / "key.json"
    row = {"case": "F1", "kind": "k", "person": "1", "places": ["a:b"]}
    key.write_text(json.dumps({"cases": [row], "watch": []}))
    report = empty_report(tmp_path)
    assert [line.split(":")[0] for line in compared(report, key)] == ["missing case"]
    key.write_text(json.dumps({"cases": [], "watch": []}))
    assert compared(report, key) == []
    assert compared(replace(report, watches=()), key) == []
