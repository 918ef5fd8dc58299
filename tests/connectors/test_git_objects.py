from __future__ import annotations

import os
from pathlib import Path

from connectors.git_command import Git
from connectors.git_objects import list_objects, objects_state
from tests.connectors.gitrepo import Repo


def git_of(path: Path, files: int = 3) -> tuple[Repo, Git]:
    repo = Repo(path)
    repo.commit({f"f{n}": f"text {n}\n" for n in range(files)})
    return repo, Git(path / ".git")


def test_texts_are_listed_with_their_sizes_and_trees_are_not(tmp_path: Path) -> None:
    repo, git = git_of(tmp_path, files=50)
    listed, complaint = list_objects(git)
    assert complaint == ""
    assert sorted(item.type for item in listed) == [b"blob"] * 50 + [b"commit"]
    sizes = {item.oid.decode(): item.size for item in listed}
    assert sizes[repo.blob("HEAD:f7")] == len("text 7\n")


def test_types_can_be_chosen(tmp_path: Path) -> None:
    repo, git = git_of(tmp_path)
    listed, _ = list_objects(git, (b"commit",))
    assert [item.oid.decode() for item in listed] == [repo.blob("HEAD")]


def test_no_store_is_a_complaint_and_never_nothing(tmp_path: Path) -> None:
    git = Git(tmp_path / "nowhere")
    listed, complaint = list_objects(git)
    assert listed == []
    assert complaint


def test_the_state_changes_with_every_object_and_with_nothing_else(tmp_path: Path) -> None:
    repo, git = git_of(tmp_path)
    seen = [objects_state(git.git_dir)]
    repo.git("branch", "another")
    repo.git("tag", "v1")
    assert objects_state(git.git_dir) == seen[0]
    for number in range(20):  # some into folders that are there already
        repo.git("hash-object", "-w", "--stdin", data=b"%d" % number)
        seen.append(objects_state(git.git_dir))
    repo.git("repack", "-q", "-a", "-d")
    seen.append(objects_state(git.git_dir))
    assert len(set(seen)) == len(seen)


def test_a_store_that_is_spread_over_others_tells_no_state(tmp_path: Path) -> None:
    repo, _ = git_of(tmp_path / "a")
    borrower = Repo(tmp_path / "b")
    info = borrower.path / ".git/objects/info"
    info.mkdir(exist_ok=True)
    (info / "alternates").write_text(os.fspath(repo.path / ".git/objects") + "\n")
    assert objects_state(borrower.path / ".git") == ""
