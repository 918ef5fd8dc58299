from __future__ import annotations

from pathlib import Path

import pytest

from correlate.errors import ConfigError
from correlate.kind import Grade
from jobs.kind_files import packaged_kinds
from jobs.rules import RuleFiles, baseline_of, kinds_of, rule_files

OWN = """
issuer = "ours"
[[kinds]]
id = "ours_key"
name = "Our key"
token = 'ours_[0-9a-f]{32}'
source = "https://wiki.corp.example/keys"
example = "ours_{hex:32}"
"""
PACK = """
title = "theirs"
[[rules]]
id = "their-key"
description = "Their key"
regex = '''their_[0-9a-f]{32}'''
keywords = ["their_"]
"""


def test_it_travels_as_json_has_it(tmp_path: Path) -> None:
    rules = RuleFiles((tmp_path,), (tmp_path / "p.toml",), (tmp_path / "x.py",), (tmp_path / "b",))
    assert rule_files(rules.plain()) == rules
    assert rule_files(RuleFiles().plain()) == RuleFiles()


def test_ours_come_first_then_the_teams_then_those_of_packs(tmp_path: Path) -> None:
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "ours.toml").write_text(OWN)
    (tmp_path / "theirs.toml").write_text(PACK)
    kinds = kinds_of(RuleFiles((tmp_path / "own",), (tmp_path / "theirs.toml",)))
    assert kinds[: len(packaged_kinds())] == packaged_kinds()
    own, theirs = kinds[len(packaged_kinds()) :]
    assert (own.id, own.pack, own.grade) == ("ours_key", "", Grade.ISSUER)
    assert theirs.pack == "theirs"


def test_what_was_read_before_is_not_read_again_until_a_file_changes(tmp_path: Path) -> None:
    own, cache = tmp_path / "own", tmp_path / "cache"
    own.mkdir()
    (own / "ours.toml").write_text(OWN)
    rules = RuleFiles((own,))
    first = kinds_of(rules, cache)
    (kept,) = cache.iterdir()
    kept.write_text(kept.read_text().replace("Our key", "Our kept key"))
    assert kinds_of(rules, cache)[-1].name == "Our kept key"
    (own / "ours.toml").write_text(OWN.replace("Our key", "Our new key"))
    assert kinds_of(rules, cache)[-1].name == "Our new key"
    assert kinds_of(rules)[:-1] == first[:-1]


@pytest.mark.parametrize("damage", ["", "{", "[1]", '[{"id": 1}]'])
def test_a_torn_cache_is_made_anew(tmp_path: Path, damage: str) -> None:
    kinds_of(RuleFiles(), tmp_path)
    (kept,) = tmp_path.iterdir()
    kept.write_text(damage)
    assert kinds_of(RuleFiles(), tmp_path) == packaged_kinds()


def test_a_cache_that_cannot_be_written_is_done_without(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert kinds_of(RuleFiles(), tmp_path / "file" / "cache") == packaged_kinds()


def test_a_baseline_that_is_none_is_told(tmp_path: Path) -> None:
    assert baseline_of(RuleFiles()).verdict("anything") == ""
    (tmp_path / "b").write_text("none")
    with pytest.raises(ConfigError, match="baseline"):
        baseline_of(RuleFiles(baselines=(tmp_path / "b",)))
