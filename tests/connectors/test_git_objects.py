from __future__ import annotations

import os
from pathlib import Path

import pytest

from connectors.git_command import Git
from connectors.git_objects import Broken, list_objects, read_objects
from correlate.errors import SourceError
from tests.connectors.gitrepo import Repo


def git_of(path: Path, files: int = 3) -> tuple[Repo, Git]:
    repo = Repo(path)
    repo.commit({f"f{n}": f"text {n}\n" for n in range(files)})
    return repo, Git(path / ".git")


def test_objects_are_read_in_the_order_asked_for(tmp_path: Path) -> None:
    _, git = git_of(tmp_path, files=50)
    listed, complaint = list_objects(git)
    oids = [item.oid for item in listed][::-1]
    assert complaint == ""
    assert len(oids) == 51
    read = [item for item in read_objects(git, oids) if not isinstance(item, Broken)]
    assert [oid for oid, _ in read] == oids
    assert {oid: len(data) for oid, data in read} == {item.oid: item.size for item in listed}


def test_types_can_be_chosen(tmp_path: Path) -> None:
    repo, git = git_of(tmp_path)
    listed, _ = list_objects(git, (b"commit",))
    assert [item.oid for item in listed] == [repo.blob("HEAD")]


@pytest.mark.parametrize(
    "content", [b"", b"\n", b"\0" * 70_000, b"abc missing\n", os.urandom(3 << 20)]
)
def test_any_content_comes_back_as_it_is(tmp_path: Path, content: bytes) -> None:
    repo, git = git_of(tmp_path)
    oid = repo.git("hash-object", "-w", "--stdin", data=content)
    others = [item.oid for item in list_objects(git)[0] if item.oid != oid]
    found = dict(item for item in read_objects(git, [oid, *others]) if not isinstance(item, Broken))
    assert found[oid] == content
    assert len(found) == len(others) + 1


def test_nothing_asked_for_is_nothing_read(tmp_path: Path) -> None:
    _, git = git_of(tmp_path)
    assert list(read_objects(git, [])) == []


def test_absent_objects_are_broken_each_by_itself(tmp_path: Path) -> None:
    repo, git = git_of(tmp_path)
    there, absent = repo.blob("HEAD:f0"), ["1" * 40, "2" * 40]
    read = list(read_objects(git, [absent[0], there, absent[1]]))
    assert [item.oid for item in read if isinstance(item, Broken)] == absent
    assert (there, b"text 0\n") in read


def test_stopping_early_leaves_no_process(tmp_path: Path) -> None:
    _, git = git_of(tmp_path, files=200)
    oids = [item.oid for item in list_objects(git)[0]]
    reading = read_objects(git, oids * 50)
    next(reading)
    reading.close()  # type: ignore[attr-defined]  # a generator


def test_no_store_is_an_error_or_a_complaint_and_never_nothing(tmp_path: Path) -> None:
    git = Git(tmp_path / "nowhere")
    listed, complaint = list_objects(git)
    assert listed == []
    assert complaint
    with pytest.raises(SourceError):
        git.run("rev-parse", "HEAD")
    with pytest.raises(SourceError):
        list(read_objects(git, ["1" * 40]))
