from __future__ import annotations

import os
import stat
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from connectors.git_names import name_of
from connectors.source_git import GitSource
from correlate.errors import SourceError
from correlate.model import Document, Locator, Skip
from correlate.ports import Changes, ScanUnit
from tests.connectors.gitrepo import Repo, documents_of, plan, source, texts


def test_a_deleted_secret_is_still_read(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "r")
    repo.commit({"a.txt": "one secret\n"})
    blob = repo.blob("HEAD:a.txt")
    repo.commit({"a.txt": None})
    assert texts(source(tmp_path / "w", repo.path))[blob] == b"one secret\n"


def test_what_a_force_push_took_away_is_still_read(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "r")
    repo.commit({"a.txt": "kept\n"})
    repo.commit({"b.txt": "gone secret\n"})
    blob = repo.blob("HEAD:b.txt")
    repo.git("reset", "-q", "--hard", "HEAD~1")
    repo.git("reflog", "expire", "--expire=now", "--all")
    assert texts(source(tmp_path / "w", repo.path))[blob] == b"gone secret\n"


def test_commit_and_tag_texts_are_read_and_trees_are_not(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "r")
    commit = repo.commit({"d/a.txt": "x\n"})
    repo.git("tag", "-a", "v1", "-m", "tag message")
    found = texts(source(tmp_path / "w", repo.path))
    assert b"change" in found[commit]
    assert b"tag message" in found[repo.blob("v1")]
    assert repo.blob("HEAD^{tree}") not in found
    assert len(found) == 3


def test_only_what_is_new_is_planned(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "r")
    repo.commit({"a.txt": "one\n"})
    git = source(tmp_path / "w", repo.path)
    first = texts(git)
    repo.commit({"b.txt": "two\n"})
    assert set(texts(git, list(first)).values()) >= {b"two\n"}
    assert not set(texts(git, list(first))) & set(first)
    assert plan(git, list(texts(git))) == ([], [])


def test_units_are_cut_by_size_and_planned_the_same_again(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "r")
    repo.commit({f"f{n}": os.urandom(300_000) for n in range(7)})
    git = source(tmp_path / "w", repo.path, unit_mb=1)
    units, skips = plan(git)
    assert len(units) == 2
    assert skips == []
    assert [unit.number for unit in units] == [0, 1]
    assert sum(unit.items for unit in units) == 8
    assert plan(git)[0] == units


def test_lists_of_old_runs_are_dropped(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "r")
    repo.commit({"a.txt": "one\n"})
    git = source(tmp_path / "w", repo.path)
    (unit,), _ = plan(git)
    old = tmp_path / "w/lists/old"
    old.write_text("")
    os.utime(old, (0, 0))
    plan(git)
    kept = [path.name for path in (tmp_path / "w/lists").iterdir() if not path.suffix]
    assert kept == [unit.payload]


def taken(git: GitSource, units: list[ScanUnit]) -> list[Document | Skip]:
    """Documents and skips of the units, in order."""
    found: list[Document | Skip] = []
    for unit in units:
        for piece in git.documents(unit):
            found += [piece] if isinstance(piece, Skip) else documents_of(piece)
    return found


def test_what_is_too_large_is_skipped_and_counted(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "r")
    repo.commit({"big": b"\0" * (3 << 20), "small": "x\n"})
    git = source(tmp_path / "w", repo.path, max_object_mb=2)
    units, skips = plan(git)
    assert [(skip.item, skip.reason) for skip in skips] == [
        (repo.blob("HEAD:big"), "3 MiB, above max_object_mb")
    ]
    assert sum(unit.items for unit in units) == 2


def test_a_large_file_pointer_is_told(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "r")
    repo.commit({"a.bin": "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n"})
    git = source(tmp_path / "w", repo.path)
    found = [item for unit in plan(git)[0] for item in git.documents(unit)]
    assert [item.reason for item in found if isinstance(item, Skip)] == [
        "a Git LFS pointer: its content is elsewhere"
    ]


def test_empty_and_unborn_repositories_are_whole(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "r")
    assert plan(source(tmp_path / "w", repo.path)) == ([], [])


def test_sha256_repositories_are_read(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "r", "--object-format=sha256")
    repo.commit({"a.txt": "x\n"})
    blob = repo.blob("HEAD:a.txt")
    git = source(tmp_path / "w", repo.path)
    assert len(blob) == 64
    assert texts(git)[blob] == b"x\n"
    (found,) = git.trace([Locator("code", repo.path.name, blob)])
    assert found.path == "a.txt"


def test_a_bare_repository_and_a_linked_worktree_are_found(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "r")
    repo.commit({"a.txt": "x\n"})
    repo.git("worktree", "add", "-q", str(tmp_path / "linked"))
    bare = tmp_path / "bare.git"
    subprocess.run(["git", "clone", "-q", "--bare", str(repo.path), str(bare)], check=True)
    whole = texts(source(tmp_path / "w", repo.path))
    assert texts(source(tmp_path / "w", tmp_path / "linked")) == whole
    assert texts(source(tmp_path / "w", bare)) == whole


def test_a_missing_object_is_a_skip_and_the_rest_is_read(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "r")
    repo.commit({"a.txt": "one\n", "b.txt": "two\n", "c.txt": "three\n"})
    git = source(tmp_path / "w", repo.path)
    units, _ = plan(git)
    blob = repo.blob("HEAD:b.txt")
    loose(repo, blob).unlink()
    found = taken(git, units)
    assert [item.item for item in found if isinstance(item, Skip)] == [blob]
    assert {b"one\n", b"three\n"} <= {i.data for i in found if isinstance(i, Document)}


def test_a_damaged_loose_object_is_a_skip(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "r")
    repo.commit({"a.txt": "one\n", "b.txt": "two\n"})
    path = loose(repo, repo.blob("HEAD:b.txt"))
    path.chmod(0o600)
    path.write_bytes(b"junk")
    git = source(tmp_path / "w", repo.path)
    units, skips = plan(git)
    found = taken(git, units)
    assert skips or any(isinstance(item, Skip) for item in found)
    assert b"one\n" in {item.data for item in found if isinstance(item, Document)}


def test_a_damaged_pack_is_told_and_the_rest_is_read(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "r")
    repo.commit({f"f{n}": os.urandom(5000) for n in range(20)})
    repo.git("gc", "-q")
    git = source(tmp_path / "w", repo.path)
    (pack,) = (repo.path / ".git/objects/pack").glob("*.pack")
    pack.chmod(0o600)
    raw = bytearray(pack.read_bytes())
    raw[len(raw) // 2 : len(raw) // 2 + 40] = b"\0" * 40
    pack.write_bytes(raw)
    units, skips = plan(git)
    found = taken(git, units)
    told = [item for item in found if isinstance(item, Skip)] + skips
    assert told
    assert sum(isinstance(item, Document) for item in found) >= 19


def test_git_that_dies_is_an_error_and_never_an_empty_result(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repo = Repo(tmp_path / "r")
    repo.commit({"a.txt": "one\n"})
    git = source(tmp_path / "w", repo.path)
    (unit,), _ = plan(git)
    for script in ("exit 0", "kill -9 $$", "echo no; exit 1"):
        fake_git(tmp_path / "bin", script)
        with monkeypatch.context() as patch:
            patch.setenv("PATH", str(tmp_path / "bin"), prepend=":")
            with pytest.raises(SourceError):
                list(git.documents(unit))


def test_a_shallow_clone_and_submodules_are_gaps(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "r")
    repo.commit({"a.txt": "1\n"})
    repo.commit({"a.txt": "2\n", ".gitmodules": "[submodule]\n"})
    shallow = tmp_path / "shallow"
    subprocess.run(
        ["git", "clone", "-q", "--depth=1", f"file://{repo.path}", str(shallow)], check=True
    )
    _, skips = plan(source(tmp_path / "w", shallow))
    assert [skip.reason for skip in skips] == [
        "a shallow clone: older history is not here",
        "submodules are other repositories and are not followed",
    ]


def test_a_repository_that_is_not_there_is_a_skip_and_the_next_is_read(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "r")
    repo.commit({"a.txt": "x\n"})
    units, skips = plan(source(tmp_path / "w", tmp_path / "nowhere", repo.path))
    assert [skip.container for skip in skips] == ["nowhere"]
    assert [unit.container for unit in units] == [repo.path.name]


def test_repositories_are_chosen_by_list_and_pattern(tmp_path: Path) -> None:
    for name in ("one", "two", "three"):
        Repo(tmp_path / name).commit({"a.txt": name})
    listed = tmp_path / "list"
    listed.write_text(f"# ours\n{tmp_path}/two\n\n{tmp_path}/three\n{tmp_path}/one\n")
    git = source(
        tmp_path / "w", tmp_path / "one", list_file=listed, include=("*/t*", "*/one"),
        exclude=("*/three",),
    )  # fmt: skip
    assert [unit.container for unit in plan(git)[0]] == ["one", "two"]


def test_reread_gives_the_object_again_or_says_that_it_is_gone(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "r")
    repo.commit({"a.txt": "x\n"})
    git = source(tmp_path / "w", repo.path)
    blob = repo.blob("HEAD:a.txt")
    place = Locator("code", repo.path.name, blob, "cell 1 source", 3)
    again = git.reread(place)
    assert isinstance(again, Document)
    assert (again.data, again.locator.part) == (b"x\n", "")
    loose(repo, blob).unlink()
    assert isinstance(git.reread(place), Skip)
    assert isinstance(git.reread(Locator("code", "/nowhere", blob)), Skip)


def test_a_unit_names_no_file_outside_the_workdir(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "r")
    repo.commit({"a.txt": "x\n"})
    git = source(tmp_path / "w", repo.path)
    odd = ScanUnit("code", repo.path.name, 0, "../../../etc/hostname")
    with pytest.raises((SourceError, FileNotFoundError)):
        list(git.documents(odd))


def loose(repo: Repo, oid: str) -> Path:
    return repo.path / ".git/objects" / oid[:2] / oid[2:]


def fake_git(folder: Path, script: str) -> None:
    folder.mkdir(exist_ok=True)
    path = folder / "git"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


OLD, NEW = "2026-01-01T00:00:00Z", "2026-03-01T00:00:00Z"
SPRING = (datetime(2026, 2, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC))


def committed(repo: Repo, files: dict[str, str | bytes | None], who: str, at: str) -> str:
    return repo.commit(files, who, GIT_COMMITTER_DATE=at, GIT_AUTHOR_DATE=OLD)


def test_changes_are_told_by_the_committers_date_with_or_without_secrets(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "r")
    committed(repo, {"prompts/a.txt": "x"}, "ann@corp.example", OLD)
    commit = committed(repo, {"prompts/a.txt": "y", "b": "1"}, "ben@corp.example", NEW)
    git = source(tmp_path / "w", repo.path)
    assert isinstance(git, Changes)
    found = list(git.changes(name_of(str(repo.path)), *SPRING))
    assert {(one.path, one.touch.identity.handle, one.touch.role) for one in found} == {
        (path, who, role)
        for path in ("prompts/a.txt", "b")
        for who, role in (
            ("ben@corp.example", "author"), ("author@fennelandrye.example", "committer"),
        )
    }  # fmt: skip
    assert {one.touch.at for one in found} == {datetime(2026, 3, 1, tzinfo=UTC)}
    assert {one.touch.commit for one in found} == {commit}


def test_changes_of_who_wrote_and_committed_are_told_once_as_the_authors(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "r")
    repo.commit(
        {"a": "1"}, "ann@corp.example", GIT_COMMITTER_EMAIL="ann@corp.example",
        GIT_COMMITTER_DATE=NEW,
    )  # fmt: skip
    repo.git("checkout", "-q", "-b", "side")
    repo.commit({"b": "2"}, GIT_COMMITTER_DATE=NEW)
    repo.git("checkout", "-q", "main")
    git = source(tmp_path / "w", repo.path)
    found = list(git.changes(name_of(str(repo.path)), *SPRING))
    assert [one.touch.role for one in found if one.path == "a"] == ["author"]
    assert {one.path for one in found} == {"a", "b"}  # of every branch


def test_changes_of_a_broken_history_are_an_error_after_what_could_be_told(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "r")
    lost = committed(repo, {"a": "1"}, "ann@corp.example", NEW)
    committed(repo, {"b": "1"}, "ann@corp.example", NEW)
    (repo.path / ".git" / "objects" / lost[:2] / lost[2:]).unlink()
    git = source(tmp_path / "w", repo.path)
    with pytest.raises(SourceError):
        list(git.changes(name_of(str(repo.path)), *SPRING))
