from __future__ import annotations

import hashlib
import os
import sys
from pathlib import Path

import pytest

from correlate.errors import ConfigError
from detectors import baseline
from detectors.baseline import NO_SECRET, NOT_AUDITED
from jobs import pack_files
from jobs.pack_files import is_pack, load_baselines, load_packs

TOML = "[[rules]]\nid = 'a-b'\nregex = '(fnl_a)'\n[[rules]]\nid = 'none'\n"
YAML = "rules:\n- {name: a, id: a.b, pattern: (fnl_b)}\n"
PLUGIN = """
import re
from detect_secrets.plugins.base import RegexBasedDetector
class Ours(RegexBasedDetector):
    secret_type = "Fennel Key"
    denylist = [re.compile("fnl_c"), re.compile("fnl_d")]
"""


def fill(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        path = folder / name.replace("__", "/").replace("_dot_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def test_a_file_is_a_pack_named_after_it(tmp_path: Path) -> None:
    fill(tmp_path, One_dot_toml=TOML, two_dot_yaml=YAML, three_dot_py=PLUGIN)
    packs = load_packs(tmp_path / name for name in ("One.toml", "two.yaml", "three.py"))
    assert [pack.name for pack in packs] == ["One", "two", "three"]
    assert [kind.id for pack in packs for kind in pack.kinds] == [
        "pack_one_a_b",
        "pack_two_a_b",
        "pack_three_fennel_key",
        "pack_three_fennel_key_2",
    ]
    assert [len(pack.refused) for pack in packs] == [1, 0, 0]
    assert {kind.source for kind in packs[2].kinds} == {"three.py"}


def test_a_folder_is_one_pack_in_the_order_of_its_paths(tmp_path: Path) -> None:
    text = TOML.replace("fnl_a", "fnl_z")
    fill(tmp_path, b__a_dot_yml=YAML, a_dot_toml=TOML, c_dot_toml=text, d_dot_txt="x")
    fill(tmp_path, Cargo_dot_toml="[package]\n", b__sets_dot_yml="rulesets: []\n")
    (pack,) = load_packs([tmp_path])
    first, *others = [kind.id for kind in pack.kinds]
    assert first.endswith("_a_b")
    assert others == [f"{first}_2", f"{first}_3"]
    assert [kind.source for kind in pack.kinds] == ["a.toml", "b/a.yml", "c.toml"]
    assert (pack.name, pack.remarks) == (tmp_path.name, ())


def test_a_plugin_in_a_folder_is_never_run(tmp_path: Path) -> None:
    fill(tmp_path, a_dot_toml=TOML, evil_dot_py="raise SystemExit")
    (pack,) = load_packs([tmp_path])
    (remark,) = pack.remarks
    assert remark.text == "evil.py is not run: name a plug-in by its own path"


def test_a_plugin_leaves_nothing_behind(tmp_path: Path) -> None:
    fill(tmp_path, ours_dot_py=PLUGIN)
    load_packs([tmp_path / "ours.py"])
    assert [path.name for path in tmp_path.iterdir()] == ["ours.py"]
    assert not [name for name in sys.modules if "ours" in name]


@pytest.mark.parametrize(
    ("name", "text", "why"),
    [
        ("none.toml", None, "cannot be read"),
        ("odd.txt", "x", "no .toml"),
        ("own.toml", "issuer = 'a'\n", "no rule of a known family"),
        ("empty.yml", "", "no rule of a known family"),
        ("empty.py", "", "no rule of a known family"),
        ("bad.toml", "[[", "not toml"),
        ("bad.yml", "a: [", "not yml"),
        ("bad.py", "1 / 0", "raises ZeroDivisionError"),
        ("syntax.py", "def", "raises SyntaxError"),
        ("exit.py", "raise SystemExit", "raises SystemExit"),
        ("/dev/null", None, "no .toml"),
        ("latin.toml", "\udce9", "cannot be read (UnicodeDecodeError)"),
    ],
)
def test_what_cannot_be_used_is_a_configuration_error(
    tmp_path: Path, name: str, text: str | None, why: str
) -> None:
    if text is not None:
        (tmp_path / name).write_bytes(text.encode(errors="surrogateescape"))
    with pytest.raises(ConfigError) as caught:
        load_packs([tmp_path / name])
    assert name in caught.value.where
    assert why in caught.value.why
    assert caught.value.fix


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.toml")
    with pytest.raises(ConfigError, match="no file"):
        load_packs([tmp_path / "pipe.toml"])


def test_a_bad_file_in_a_folder_is_named(tmp_path: Path) -> None:
    fill(tmp_path, a_dot_toml=TOML, b__bad_dot_yml="a: [")
    with pytest.raises(ConfigError, match=r"b/bad\.yml"):
        load_packs([tmp_path])


def test_files_and_folders_have_a_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(tmp_path, a_dot_toml=TOML, b_dot_toml=TOML)
    monkeypatch.setattr(pack_files, "FILES_MOST", 1)
    with pytest.raises(ConfigError, match="more than 1 files"):
        load_packs([tmp_path])
    monkeypatch.setattr(pack_files, "FILE_MOST", 10)
    with pytest.raises(ConfigError, match="it has more than"):
        load_packs([tmp_path / "a.toml"])


def test_an_empty_folder_is_no_pack_and_links_to_folders_are_not_followed(tmp_path: Path) -> None:
    fill(tmp_path, rules__a_dot_toml=TOML)
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty" / "link").symlink_to(tmp_path / "rules")
    with pytest.raises(ConfigError, match="no rule of a known family"):
        load_packs([tmp_path / "empty"])


def test_a_file_of_our_own_kinds_is_told_from_a_pack(tmp_path: Path) -> None:
    fill(tmp_path, a_dot_toml=TOML, own_dot_toml="issuer = 'a'\n", b_dot_yml=YAML)
    found = {path.name: is_pack(path) for path in [*tmp_path.iterdir(), tmp_path]}
    assert found == {"a.toml": True, "own.toml": False, "b.yml": True, tmp_path.name: True}


def test_baselines_are_read_and_joined(tmp_path: Path) -> None:
    digest = hashlib.sha1(b"1234", usedforsecurity=False).hexdigest()
    text = '{"results": {"a": [{"hashed_secret": "%s"%s}]}}'
    fill(tmp_path, a_dot_json=text % (digest, ', "is_secret": false'))
    fill(tmp_path, b_dot_json=text % (digest, ""))
    assert load_baselines([tmp_path / "a.json"]).verdict("1234") == NO_SECRET
    both = load_baselines([tmp_path / "a.json", tmp_path / "b.json"])
    assert both.verdict("1234") == NOT_AUDITED
    for name, bad in (("none.json", None), ("bad.json", "{}")):
        if bad:
            fill(tmp_path, bad_dot_json=bad)
        with pytest.raises(ConfigError, match="baseline") as caught:
            load_baselines([tmp_path / name])
        assert name in caught.value.where


def test_a_huge_baseline_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(tmp_path, a_dot_json='{"results": {}}')
    monkeypatch.setattr(baseline, "MOST", 3)
    with pytest.raises(ConfigError, match="more than"):
        load_baselines([tmp_path / "a.json"])
