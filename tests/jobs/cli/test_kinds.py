"""Kinds are listed, and a team's own file is proved before it is used."""

from __future__ import annotations

import json
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


def test_every_kind_is_listed_and_counted(desk: Desk) -> None:
    shown = desk.run("kinds")
    assert len(shown.lines) == len(packaged_kinds()) + 1
    assert f"{len(packaged_kinds())} kinds of " in shown.err
    assert desk.run("kinds", "list").out == shown.out
    assert "offkey" not in desk.run("--quiet", "kinds").err


def test_a_line_tells_whom_offkey_asks_and_what_a_disabled_account_does(desk: Desk) -> None:
    told = {line.split()[0]: " ".join(line.split()[1:]) for line in desk.run("kinds").lines}
    assert told["github_pat_classic"] == "api.github.com survives"
    assert told["jupyterhub_api_token"].startswith("the configured host ")
    assert told["gitlab_pat"] == "gitlab.com or the configured host blocked"
    assert told["stripe_webhook_secret"].startswith("- ")


def test_the_list_is_given_as_json(desk: Desk) -> None:
    told = json.loads(desk.run("kinds", "--format", "json").out)
    assert [item["id"] for item in told["kinds"]] == [kind.id for kind in packaged_kinds()]
    assert sum(told["when_disabled"].values()) == len(packaged_kinds())
    (one,) = json.loads(desk.run("kinds", "jupyterhub_api_token", "--format", "json").out)["kinds"]
    assert one["asks"]["of"] == "the configured host"
    assert one["asks"]["answers"][-1]["state"] == "dead"


def test_one_kind_or_those_of_an_issuer_are_shown_whole(desk: Desk) -> None:
    shown = desk.run("kinds", "npm_token")
    assert shown.lines[0] == "npm_token: npm access token"
    assert desk.run("kinds", "show", "npm_token").out == shown.out
    assert not any(line.endswith(" ") for line in shown.lines)
    facts = [" ".join(line.split()) for line in shown.lines]
    assert "asks registry.npmjs.org by GET /-/whoami" in facts
    assert any(fact.startswith("dead status 401") for fact in facts)
    of_issuer = [kind.id for kind in packaged_kinds() if kind.issuer == "gitlab"]
    heads = [line for line in desk.run("kinds", "gitlab").lines if line and line[0] != " "]
    assert [head.split(":")[0] for head in heads] == of_issuer


def test_an_unknown_kind_names_the_nearest(desk: Desk) -> None:
    wrong = desk.run("kinds", "githup")
    assert (wrong.code, wrong.out) == (2, "")
    assert "the nearest are github" in wrong.err
    assert desk.run("kinds", "%%%").code == 2


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
