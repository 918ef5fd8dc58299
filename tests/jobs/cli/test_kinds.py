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


PACK = """
[[rules]]
id = "fennel-key"
regex = '''(fnl_[0-9a-f]{8})'''
path = "a"

[[rules]]
id = "fennel-file"
path = "a"

[[rules]]
id = "fennel-paths"
path = "b"
"""


def test_a_rule_pack_is_reported_with_counts_first(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "fennel.toml").write_text(PACK)
    for path in (tmp_path / "fennel.toml", tmp_path):
        shown = desk.run("kinds", "check", str(path))
        assert shown.code == 0
        assert shown.lines[0].startswith(
            f"pack {path.stem}: 1 of 3 rules taken (1 confirmed by re2"
        )
        told = [" ".join(line.split()) for line in shown.lines[1:]]
        assert told == [
            "rules refused",
            "2 it looks for file names only",
            "rules remark",
            "1 its condition on paths or commits is not applied",
            "rule refused",
            "fennel-file it looks for file names only",
            "fennel-paths it looks for file names only",
            "rule remark",
            "fennel-key its condition on paths or commits is not applied",
        ]


def test_a_pack_of_which_nothing_is_taken_is_a_configuration_error(
    desk: Desk, tmp_path: Path
) -> None:
    (tmp_path / "fennel.toml").write_text(PACK.replace("regex", "regexp"))
    shown = desk.run("kinds", "check", str(tmp_path / "fennel.toml"))
    assert shown.code == 2
    assert "3 rules: it looks for file names only" in " ".join(shown.err.split())
    (tmp_path / "empty.yml").write_text("")
    assert desk.run("kinds", "check", str(tmp_path / "empty.yml")).code == 2
