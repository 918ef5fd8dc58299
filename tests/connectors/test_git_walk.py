from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

import connectors.git_walk as under_test
from connectors.git_command import Git
from connectors.git_walk import KeptWalk, Walks
from tests.connectors.gitrepo import Repo
from tests.jobs.scanning import fake_git


def walk_of(path: Path, files: int = 3) -> tuple[Repo, KeptWalk]:
    repo = Repo(path / "r")
    repo.commit({f"f{n}": f"text {n}\n" for n in range(files)})
    return repo, KeptWalk(Git(path / "r" / ".git"), "r", Walks())


def lines(walk: KeptWalk) -> list[str] | None:
    opened = walk.lines()
    if opened is None:
        return None
    return opened.read().decode().splitlines()


def lose(repo: Repo, rev: str) -> str:
    oid = repo.blob(rev)
    (repo.path / ".git/objects" / oid[:2] / oid[2:]).unlink()
    return oid


def test_a_history_that_is_whole_lacks_nothing_and_is_kept(tmp_path: Path) -> None:
    repo, walk = walk_of(tmp_path)
    assert lines(walk) is None
    with walk.going() as missing:
        assert missing() == ""
    kept = lines(walk)
    assert kept is not None
    assert kept[0] == repo.blob("HEAD")
    assert f"{repo.blob('HEAD:f1')} f1" in kept


@pytest.mark.parametrize(
    "move",
    [("commit", "-q", "--allow-empty", "-m", "x"), ("branch", "b"), ("checkout", "-q", "--detach")],
)
def test_a_walk_from_where_a_ref_stood_before_is_not_used(
    tmp_path: Path, move: tuple[str, ...]
) -> None:
    repo, walk = walk_of(tmp_path)
    repo.git("tag", "here")
    repo.git("reset", "-q", "--hard")
    with walk.going() as missing:
        missing()
    repo.git(*move)
    told = lines(walk)
    assert told is None or move[0] == "checkout"  # HEAD leads to the same commit as before
    with walk.going() as missing:
        missing()
    assert lines(walk)
    assert len(walk.walks) == 1


def test_a_repository_without_a_commit_lacks_nothing(tmp_path: Path) -> None:
    Repo(tmp_path / "r")
    walk = KeptWalk(Git(tmp_path / "r" / ".git"), "r", Walks())
    with walk.going() as missing:
        assert missing() == ""
    assert lines(walk) is None
    assert len(walk.walks) == 0


@pytest.mark.parametrize("rev", ["HEAD:f1", "HEAD^{tree}"])
def test_what_a_history_lacks_is_told_and_kept_too(tmp_path: Path, rev: str) -> None:
    repo, walk = walk_of(tmp_path)
    oid = lose(repo, rev)
    with walk.going() as missing:
        assert missing() == f"objects of its history are missing: 1, {oid[:12]} among them"
    assert f"?{oid}" in (lines(walk) or [])


def test_a_history_that_breaks_off_is_told_in_gits_words(tmp_path: Path) -> None:
    repo, walk = walk_of(tmp_path)
    lose(repo, "HEAD")
    with walk.going() as missing:
        assert missing().startswith("its history cannot be walked to the end: fatal: bad object")
    assert len(walk.walks) == 0


def test_names_that_would_fill_the_disk_are_not_kept_and_what_is_missing_is_told_still(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repo, walk = walk_of(tmp_path)
    for number in range(40):  # 3 MB of paths
        deep = f"{number}/" + "/".join(["d" * 200] * 15)
        repo.commit({f"{deep}/{n}": f"{number} {n}" for n in range(25)})
    oid = lose(repo, "HEAD:f1")
    monkeypatch.setattr(under_test, "_MOST_MB", 1)
    with walk.going() as missing:
        assert oid[:12] in missing()
    assert len(walk.walks) == 0


def test_a_walk_that_nobody_waits_for_is_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, walk = walk_of(tmp_path)
    script = f'case "$*" in *rev-list*) ;; *) exec $REAL "$@";; esac; echo $$ > {tmp_path}/pid; exec sleep 60'
    monkeypatch.setenv("PATH", fake_git(tmp_path / "bin", script))
    with walk.going():
        while not (tmp_path / "pid").exists() or not (tmp_path / "pid").read_text():
            time.sleep(0.01)
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text()), 0)


def test_only_so_many_are_kept_and_none_leaves_a_file_behind(tmp_path: Path) -> None:
    repo, walk = walk_of(tmp_path)
    before = set(tmp_path.rglob("*"))
    for number in range(under_test._MOST_KEPT + 3):
        with KeptWalk(walk.git, str(number), walk.walks).going() as missing:
            assert missing() == ""
    assert len(walk.walks) == under_test._MOST_KEPT
    assert lines(KeptWalk(walk.git, "0", walk.walks)) is None
    assert set(tmp_path.rglob("*")) == before
    assert repo.blob("HEAD") in (lines(KeptWalk(walk.git, "10", walk.walks)) or [])
