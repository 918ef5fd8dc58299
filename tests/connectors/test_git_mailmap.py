"""git's own mapping, from the file that the default branch holds; a hostile one maps nobody."""

from __future__ import annotations

from pathlib import Path

import pytest

import connectors.git_mailmap as under_test
from connectors.git_command import Git
from connectors.git_mailmap import mapped
from tests.connectors.gitrepo import Repo

ANN = ("Ann", "ann@home.example")
MAP = (
    "Boss <boss@corp.example> <ann@home.example>\n"
    "Ben Smith <ben@corp.example>\n"
    "Root <cat@corp.example> cat <root@localhost>\n"
)


def holding(path: Path, text: str | None, *options: str) -> tuple[Repo, Git]:
    repo = Repo(path / "r", *options)
    repo.commit({} if text is None else {".mailmap": text})
    return repo, Git(repo.path / ".git")


@pytest.mark.parametrize(
    ("contact", "to"),
    [
        (ANN, "boss@corp.example"),
        (("Ann", "ANN@home.example"), "boss@corp.example"),
        (("cat", "root@localhost"), "cat@corp.example"),
        (("dan", "root@localhost"), None),
        (("Benny", "ben@corp.example"), None),  # only the name is mapped
        (("Benny", "BEN@corp.example"), None),
        (("Ann", ""), None),
        (("A>nn <x", "ann@home.example"), None),
        (("Ann\nBoss", "ann@home.example"), None),
        (("", "ann@home.example"), "boss@corp.example"),
    ],
)
def test_whom_it_maps(tmp_path: Path, contact: tuple[str, str], to: str | None) -> None:
    _, git = holding(tmp_path, MAP)
    # one that cannot be asked about costs nobody else their answer
    found = mapped(git, [("no <one", "x"), ("no", "one"), contact])
    assert found == ({contact: to} if to else {})


@pytest.mark.parametrize(
    "text", [None, "", "no mapping at all\n", "<<<>>> <> <\0\n", "<a> <b\n" * 9]
)
def test_a_file_that_maps_nobody(tmp_path: Path, text: str | None) -> None:
    assert mapped(holding(tmp_path, text)[1], [ANN]) == {}


def test_one_too_large_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _, git = holding(tmp_path, MAP)
    assert mapped(git, [ANN])
    monkeypatch.setattr(under_test, "_LARGEST", len(MAP) - 1)
    assert mapped(git, [ANN]) == {}


def test_the_largest_one_that_is_read_is_read_soon(tmp_path: Path) -> None:
    # in falling order each entry moves all before it
    lines = (f"<x@x.example> <{number:05}@y>\n" for number in range(99_999, 0, -1))
    text = ""
    for line in lines:
        if len(text) + len(line) > under_test._LARGEST:
            break
        text += line
    _, git = holding(tmp_path, text)
    assert mapped(git, [("n", "99999@y")]) == {("n", "99999@y"): "x@x.example"}


def test_a_folder_is_no_mailmap_and_an_unborn_branch_has_none(tmp_path: Path) -> None:
    repo, git = Repo(tmp_path / "r"), Git(tmp_path / "r" / ".git")
    assert mapped(git, [ANN]) == {}
    repo.commit({".mailmap/file": MAP})
    assert mapped(git, [ANN]) == {}
    assert mapped(Git(tmp_path / "nowhere"), [ANN]) == {}


def test_no_other_file_is_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    repo, git = holding(tmp_path, "Other <other@corp.example> <oda@home.example>\n")
    for path in (repo.path / ".mailmap", tmp_path / ".mailmap", tmp_path / "mine"):
        path.write_text(MAP)
    repo.git("config", "mailmap.file", str(tmp_path / "mine"))
    repo.git("config", "mailmap.blob", repo.git("hash-object", "-w", str(tmp_path / "mine")))
    for folder in (repo.path, tmp_path):
        monkeypatch.chdir(folder)
        found = mapped(git, [ANN, ("Oda", "oda@home.example")])
        assert found == {("Oda", "oda@home.example"): "other@corp.example"}
