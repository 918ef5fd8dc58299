"""Kinds are listed, and a team's own file is proved before it is used."""

from __future__ import annotations

from pathlib import Path

from jobs.kind_files import packaged_kinds
from tests.jobs.cli.conftest import Desk

OWN = """
issuer = "fennel"

[[kinds]]
id = "fennel_robot_key"
name = "Fennel robot key"
pattern = '''(fnl_[0-9a-f]{32})(?![0-9a-f])'''
anchors = ["fnl_"]
source = "https://wiki.fennelandrye.example/robots"
example = "fnl_{hex:32}"
"""


def test_every_kind_is_listed(desk: Desk) -> None:
    assert len(desk.run("kinds").lines) == len(packaged_kinds()) + 1


def test_a_file_of_ones_own_is_proved(desk: Desk, tmp_path: Path) -> None:
    own = tmp_path / "fennel.toml"
    own.write_text(OWN)
    shown = desk.run("kinds", "check", str(own))
    assert (shown.code, shown.lines[0].split(":")[0]) == (0, "ok fennel_robot_key")
    own.write_text(OWN.replace("{hex:32}", "{hex:31}"))
    wrong = desk.run("kinds", "check", str(own))
    assert wrong.code == 2
    assert "fennel_robot_key" in wrong.err
    own.write_text(OWN.replace("anchors", "anchers"))
    assert "anchors" in desk.run("kinds", "check", str(own)).err
