from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

import connectors.git_lookup as under_test
from connectors.git_command import Git
from connectors.git_lookup import Absent, ObjectLookup
from tests.connectors.gitrepo import Repo
from tests.jobs.scanning import fake_git


def lookup_of(path: Path, **files: str) -> tuple[Repo, ObjectLookup]:
    repo = Repo(path / "r")
    repo.commit(files or {"a": "text\n"})
    return repo, ObjectLookup(Git(path / "r" / ".git"), 1 << 20)


def test_objects_are_read_one_after_the_other(tmp_path: Path) -> None:
    repo, lookup = lookup_of(tmp_path, a="text\n", b="x" * 300_000, c="")
    with lookup:
        for _ in range(2):
            assert lookup.read(repo.blob("HEAD:a")) == b"text\n"
            assert lookup.read(repo.blob("HEAD:b")) == b"x" * 300_000
            assert lookup.read(repo.blob("HEAD:c")) == b""
        commit = lookup.read(repo.blob("HEAD"))
        assert isinstance(commit, bytes)
        assert commit.startswith(b"tree ")


@pytest.mark.parametrize("oid", ["1" * 40, "HEAD", "a" * 3, "HEAD:a", "x\ncontents y", "", "-"])
def test_what_is_no_object_is_absent_and_the_next_is_read_still(tmp_path: Path, oid: str) -> None:
    repo, lookup = lookup_of(tmp_path)
    with lookup:
        if oid != "HEAD":
            assert isinstance(lookup.read(oid), Absent)
        assert lookup.read(repo.blob("HEAD:a")) == b"text\n"


def test_one_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    repo, lookup = lookup_of(tmp_path, a="x" * (3 << 20), b="small")
    with lookup:
        assert lookup.read(repo.blob("HEAD:a")) == Absent("3 MiB, above max_object_mb")
        assert lookup.read(repo.blob("HEAD:b")) == b"small"


def test_a_damaged_object_is_told_and_the_next_is_read_by_another_git(tmp_path: Path) -> None:
    repo, lookup = lookup_of(tmp_path, a="text\n", b="other")
    oid = repo.blob("HEAD:a")
    path = repo.path / ".git/objects" / oid[:2] / oid[2:]
    path.chmod(0o600)
    path.write_bytes(path.read_bytes()[:9])
    with lookup:
        assert isinstance(lookup.read(oid), Absent)
        assert lookup.read(repo.blob("HEAD:b")) == b"other"


def test_a_git_that_hangs_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _, lookup = lookup_of(tmp_path)
    script = f"echo $$ > {tmp_path}/pid; exec sleep 60"
    monkeypatch.setenv("PATH", fake_git(tmp_path / "bin", script))
    monkeypatch.setattr(under_test, "_SECONDS", 0.2)
    assert lookup.read("1" * 40) == Absent("git cannot read it")
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text()), 0)


def test_git_ends_with_its_lookup(tmp_path: Path) -> None:
    repo, lookup = lookup_of(tmp_path)
    lookup.read(repo.blob("HEAD:a"))
    assert lookup._running is not None
    process: subprocess.Popen[bytes] = lookup._running._process
    del lookup
    assert process.poll() is not None
