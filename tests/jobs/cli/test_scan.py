"""A scan needs nothing but a path, and never calls nothing clean."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.jobs.cli.conftest import Desk


@pytest.fixture(autouse=True)
def cache_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def test_a_repository_shows_what_was_deleted_since(desk: Desk) -> None:
    shown = desk.run("scan", str(desk.folder / "company" / "repositories" / "orders-api"))
    assert shown.code == 1
    assert "aws_access_key" in shown.out
    assert "in the history" in shown.out
    assert "looked at" in shown.err


@pytest.mark.parametrize("form", ["json", "jsonl", "csv", "sarif"])
def test_the_forms(desk: Desk, form: str) -> None:
    place = str(desk.folder / "company" / "repositories" / "orders-api")
    shown = desk.run("scan", place, "--format", form)
    assert shown.code == 1
    assert "aws_access_key" in shown.out
    if form == "json":
        assert json.loads(shown.out)["coverage"][0]["state"] == "complete"


def test_an_empty_folder_is_not_called_clean(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert "0 bytes were scanned" in desk.run("scan", str(tmp_path / "empty")).err


def test_a_clean_folder_is_clean(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "plain").mkdir()
    (tmp_path / "plain" / "a.txt").write_text("nothing here\n")
    assert desk.run("scan", str(tmp_path / "plain")).code == 0


def test_a_path_that_is_not_there_is_a_clear_error(desk: Desk, tmp_path: Path) -> None:
    shown = desk.run("scan", str(tmp_path / "nowhere"))
    assert shown.code == 2
    assert "nowhere" in shown.err
