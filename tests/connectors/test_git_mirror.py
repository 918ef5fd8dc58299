from __future__ import annotations

from pathlib import Path

import pytest

from connectors.git_command import Git
from connectors.git_mirror import find_git_dir, gaps, repository
from correlate.errors import ConfigError
from tests.connectors.gitrepo import Repo, plan, source, texts, trace


def test_a_remote_is_mirrored_then_fetched_and_nothing_is_lost(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "r")
    repo.commit({"a.txt": "1\n"})
    url = f"file://{repo.path}"
    git = source(tmp_path / "w", url)
    first = texts(git)
    assert b"1\n" in first.values()
    repo.commit({"b.txt": "soon gone\n"})
    gone = repo.blob("HEAD:b.txt")
    assert texts(git, list(first))[gone] == b"soon gone\n"
    repo.git("reset", "-q", "--hard", "HEAD~1")
    repo.commit({"c.txt": "3\n"}, "cat@corp.example")
    again = texts(git)
    assert again[gone] == b"soon gone\n"
    (found,) = trace(git, url, repo.blob("HEAD:c.txt"))
    assert (found.path, found.at_tip.value) == ("c.txt", "yes")
    (mirror,) = (tmp_path / "w/mirrors").iterdir()
    assert not (mirror / "hooks").exists()
    assert (mirror / "HEAD").read_text() == "ref: refs/heads/main\n"


def test_a_remote_that_does_not_answer_is_a_skip_and_leaves_no_half_mirror(tmp_path: Path) -> None:
    git = source(tmp_path / "w", f"file://{tmp_path}/nowhere")
    units, (skip,) = plan(git)
    assert units == []
    assert "git clone failed" in skip.reason
    assert list((tmp_path / "w/mirrors").iterdir()) == []


def test_a_remote_that_went_away_is_a_skip_and_keeps_the_mirror(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "r")
    repo.commit({"a.txt": "1\n"})
    git = source(tmp_path / "w", f"file://{repo.path}")
    assert texts(git)
    repo.path.rename(tmp_path / "moved")
    units, (skip,) = plan(git)
    assert units == []
    assert "git fetch failed" in skip.reason
    assert len(list((tmp_path / "w/mirrors").iterdir())) == 1


@pytest.mark.parametrize(
    "spec",
    [
        "ext::sh -c x://",
        "--upload-pack=x://y",
        "ftp://host/x",
        "https://user:word@host/x",
        "/nowhere/at/all",
        "-x",
        "",
    ],
)
def test_an_odd_name_is_refused(spec: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        repository(spec, tmp_path)
    assert "word" not in str(caught.value).replace("password", "")


@pytest.mark.parametrize(
    "spec", ["https://host/a/b.git", "ssh://git@host/a", "git@host:a/b.git", "file:///x"]
)
def test_a_remote_has_a_mirror_of_its_own(spec: str, tmp_path: Path) -> None:
    place = repository(spec, tmp_path)
    assert (place.container, place.url) == (spec, spec)
    assert place.git_dir.parent == tmp_path
    assert repository(spec + "2", tmp_path).git_dir != place.git_dir


def test_a_folder_without_a_repository_is_none(tmp_path: Path) -> None:
    (tmp_path / ".git").write_text("gitdir: elsewhere\n")
    with pytest.raises(ConfigError):
        find_git_dir(tmp_path)


@pytest.mark.parametrize("ending", [".pack", ".idx"])
def test_half_a_pack_is_a_gap(tmp_path: Path, ending: str) -> None:
    repo = Repo(tmp_path)
    repo.commit({"a": "1"})
    repo.git("repack", "-adq")
    assert gaps(Git(tmp_path / ".git")) == []
    (half,) = (tmp_path / ".git/objects/pack").glob(f"*{ending}")
    half.unlink()
    assert gaps(Git(tmp_path / ".git")) == [
        "a pack without its index, or an index without its pack"
    ]
