"""The report in each form, to a file that is its owner's alone."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.jobs.cli.conftest import Desk


@pytest.mark.parametrize("form", ["html", "text", "json", "jsonl", "csv", "sarif"])
def test_each_form_goes_to_a_file_as_to_the_screen(desk: Desk, form: str, tmp_path: Path) -> None:
    target = tmp_path / "report"
    shown = desk.run("report", "--format", form)
    written = desk.run("report", "--format", form, "--output", str(target))
    assert shown.code == written.code == 1
    assert (written.out, f"wrote {target}" in written.err) == ("", True)
    assert target.stat().st_mode & 0o077 == 0
    assert len(target.read_text(encoding="utf-8")) > 200
    assert shown.out


def test_the_json_report_holds_the_share_and_the_coverage(desk: Desk) -> None:
    plain = json.loads(desk.run("report", "--format", "json").out)
    assert plain["complete"] is True
    assert 0 < plain["live_share"] < 1
    assert plain["leavers"][0]["live"]
    assert {"cases", "watches", "lifelines", "coverage", "unresolved"} <= set(plain)
