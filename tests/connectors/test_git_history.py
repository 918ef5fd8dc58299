from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

import connectors.git_history as under_test
from connectors.git_history import instant
from correlate.model import Identity, Right, Truth
from tests.connectors.gitrepo import (
    Repo,
    key_fingerprint,
    new_key,
    signed_commit,
    source,
    trace,
)


def test_the_first_commit_that_brought_it_is_named_with_its_people(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "r")
    repo.commit({"start": "x\n"}, "ann@corp.example")
    first = repo.commit(
        {"conf/a.txt": "secret\n"}, "ben@corp.example", GIT_AUTHOR_DATE="2026-01-02T03:04:05+02:00"
    )
    blob = repo.blob("HEAD:conf/a.txt")
    repo.commit({"conf/a.txt": None}, "cat@corp.example")
    repo.commit({"b.txt": "secret\n"}, "dan@corp.example")
    (found,) = trace(source(tmp_path / "w", repo.path), repo.path, blob)
    author, committer = found.introduced[:2]
    assert (author.identity, author.role) == (Identity("mail", "ben@corp.example"), "author")
    assert author.at == datetime(2026, 1, 2, 1, 4, 5, tzinfo=UTC)
    assert author.commit == first
    assert committer.identity == Identity("mail", "author@fennelandrye.example")
    assert [touch.identity.handle for touch in found.introduced[2:3]] == ["dan@corp.example"]
    assert (found.path, found.at_tip, found.reachable) == ("b.txt", Truth.YES, Truth.YES)


def test_everyone_who_committed_could_read(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "r")
    early, late = "2024-01-01T00:00:00Z", "2025-01-01T00:00:00Z"
    repo.commit({"a": "1"}, "ann@corp.example", GIT_AUTHOR_DATE=late)
    repo.commit({"a": "2"}, "ann@corp.example", GIT_AUTHOR_DATE=early)
    repo.commit({"a": "3"}, "ben@corp.example", GIT_AUTHOR_DATE=late)
    (found,) = trace(source(tmp_path / "w", repo.path), repo.path, repo.blob("HEAD:a"))
    since = {reader.identity.handle: reader.since for reader in found.readers}
    assert since["ann@corp.example"] == datetime(2024, 1, 1, tzinfo=UTC)
    assert set(since) == {"ann@corp.example", "ben@corp.example", "author@fennelandrye.example"}
    assert {reader.right for reader in found.readers} == {Right.WROTE}


def test_what_only_a_merge_brought_in_is_traced_to_it(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "r")
    repo.commit({"a": "1"})
    repo.git("checkout", "-q", "-b", "side")
    repo.commit({"b": "2"})
    repo.git("checkout", "-q", "main")
    repo.commit({"c": "3"})
    repo.git("merge", "-q", "--no-commit", "side")
    merge = repo.commit({"evil": "secret\n"}, "eve@corp.example")
    (found,) = trace(source(tmp_path / "w", repo.path), repo.path, repo.blob("HEAD:evil"))
    assert [(t.identity.handle, t.commit) for t in found.introduced[:1]] == [
        ("eve@corp.example", merge)
    ]
    assert found.path == "evil"


def test_what_no_branch_leads_to_is_traced_and_told_apart(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "r")
    repo.commit({"a": "1"})
    repo.commit({"b": "gone\n"}, "ben@corp.example")
    gone = repo.blob("HEAD:b")
    repo.git("reset", "-q", "--hard", "HEAD~1")
    repo.git("reflog", "expire", "--expire=now", "--all")
    staged = repo.git("hash-object", "-w", "--stdin", data=b"never committed\n")
    first, second = trace(source(tmp_path / "w", repo.path), repo.path, gone, staged)
    assert first.introduced[0].identity.handle == "ben@corp.example"
    assert (first.at_tip, first.reachable, first.path) == (Truth.NO, Truth.NO, "b")
    assert second.introduced == ()
    assert (second.at_tip, second.reachable) == (Truth.NO, Truth.NO)


def test_a_tag_alone_keeps_it_reachable(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "r")
    repo.commit({"a": "1"})
    repo.git("checkout", "-q", "-b", "temp")
    repo.commit({"b": "tagged\n"})
    blob = repo.blob("HEAD:b")
    repo.git("tag", "v1")
    repo.git("checkout", "-q", "main")
    repo.git("branch", "-q", "-D", "temp")
    (found,) = trace(source(tmp_path / "w", repo.path), repo.path, blob)
    assert (found.at_tip, found.reachable) == (Truth.NO, Truth.YES)


def test_a_commit_message_is_traced_to_its_commit(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "r")
    commit = repo.commit({"a": "1"}, "ann@corp.example")
    (found,) = trace(source(tmp_path / "w", repo.path), repo.path, commit)
    assert found.introduced[0].identity.handle == "ann@corp.example"
    assert found.path == f"message of commit {commit[:12]}"
    assert (found.at_tip, found.reachable) == (Truth.YES, Truth.YES)


def test_names_may_hold_anything(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "r")
    for name in ("new\nline", "tab\there", ":100644 fake", "\x01start", "caf\udce9"):
        repo.commit({name: f"in {name!r}\n"})
        blob = repo.git("hash-object", name)
        (found,) = trace(source(tmp_path / "w", repo.path), repo.path, blob)
        assert found.introduced
        assert found.at_tip is Truth.YES


def test_odd_people_do_no_harm(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "r")
    repo.commit({"a": "1"})
    blob = repo.git("hash-object", "-w", "--stdin", data=b"odd\n")
    tree = repo.git("mktree", data=f"100644 blob {blob}\todd\n".encode())
    raw = f"tree {tree}\nauthor \x02\xff <a\x01b> 99999999999999999 +0000\n".encode("latin-1")
    raw += b"committer C <c@x> -1 +9999\n\nodd\n"
    commit = repo.git("hash-object", "-w", "-t", "commit", "--literally", "--stdin", data=raw)
    (found,) = trace(source(tmp_path / "w", repo.path), repo.path, blob)
    assert found.introduced[0].commit == commit
    assert found.introduced[0].at is None


def test_the_mailmap_is_a_hint_only(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "r")
    mapping = "Boss <boss@corp.example> <ann@home.example>\n"
    repo.commit({"a": "1", ".mailmap": mapping}, "ann@home.example")
    git = source(tmp_path / "w", repo.path)
    (found,) = trace(git, repo.path, repo.blob("HEAD:a"))
    author, committer = found.introduced
    assert (author.identity.handle, author.name) == ("ann@home.example", "ann")
    assert author.hint == Identity("mail", "boss@corp.example")
    assert committer.hint is None


def test_the_key_that_signed_is_named_beside_the_author(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "r")
    key = new_key(tmp_path / "key", "ed25519")
    repo.commit({"a": "1"}, "ann@corp.example")
    commit = signed_commit(repo, {"b": "2"}, key)
    (told,) = trace(source(tmp_path / "w", repo.path), repo.path, repo.blob("HEAD:b"))
    (message,) = trace(source(tmp_path / "w", repo.path), repo.path, commit)
    (unsigned,) = trace(source(tmp_path / "w", repo.path), repo.path, repo.blob("HEAD:a"))
    roles = [touch.role for touch in told.introduced]
    assert roles == ["author", "committer", "signer"]
    signer = told.introduced[-1]
    assert signer.identity == Identity("ssh-key", key_fingerprint(key))
    assert (signer.at, signer.commit) == (told.introduced[1].at, commit)
    assert message.introduced == told.introduced
    assert [touch.role for touch in unsigned.introduced] == ["author", "committer"]


def test_a_broken_history_leaves_absence_unknown(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "r")
    first = repo.commit({"a": "1"})
    repo.commit({"b": "2"})
    staged = repo.git("hash-object", "-w", "--stdin", data=b"never committed\n")
    (repo.path / ".git/objects" / first[:2] / first[2:]).unlink()
    (found,) = trace(source(tmp_path / "w", repo.path), repo.path, staged)
    assert found.reachable is Truth.UNKNOWN


def test_an_unborn_branch_traces_what_is_staged(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "r")
    staged = repo.git("hash-object", "-w", "--stdin", data=b"x\n")
    (found,) = trace(source(tmp_path / "w", repo.path), repo.path, staged)
    assert (found.introduced, found.at_tip, found.reachable) == ((), Truth.NO, Truth.NO)


@pytest.mark.parametrize("text", [b"300000000000", b"99999999999999999999", b"-1", b"", b"x"])
def test_no_date_raises(text: bytes) -> None:
    at = instant(text)
    assert at is None or at.tzinfo is UTC


def test_a_commit_dated_before_its_parents_comes_after_them(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "r")
    first = repo.commit({"a": "secret\n"}, GIT_COMMITTER_DATE="2024-01-01T00:00:00Z")
    repo.commit({"a": None}, GIT_COMMITTER_DATE="2024-02-01T00:00:00Z")
    again = repo.commit({"b": "secret\n"}, GIT_COMMITTER_DATE="2020-01-01T00:00:00Z")
    (found,) = trace(source(tmp_path / "w", repo.path), repo.path, repo.blob("HEAD:b"))
    authors = [touch.commit for touch in found.introduced if touch.role == "author"]
    assert authors == [first, again]


def test_what_a_force_push_took_away_stands_in_between_by_its_date(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "r")
    start = repo.commit({"x": "1"}, GIT_COMMITTER_DATE="2023-01-01T00:00:00Z")
    lost = repo.commit({"a": "secret\n"}, GIT_COMMITTER_DATE="2024-01-01T00:00:00Z")
    repo.git("reset", "-q", "--hard", start)
    kept = repo.commit({"b": "secret\n"}, GIT_COMMITTER_DATE="2025-01-01T00:00:00Z")
    repo.git("reflog", "expire", "--expire=now", "--all")
    (found,) = trace(source(tmp_path / "w", repo.path), repo.path, repo.blob("HEAD:b"))
    authors = [touch.commit for touch in found.introduced if touch.role == "author"]
    assert authors == [lost, kept]


def test_where_a_tree_is_missing_absence_is_unknown(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "r")
    repo.commit({"a": "1"})
    tree = repo.blob("HEAD^{tree}")
    repo.commit({"a": "2"})
    staged = repo.git("hash-object", "-w", "--stdin", data=b"never committed\n")
    (repo.path / ".git/objects" / tree[:2] / tree[2:]).unlink()
    (found,) = trace(source(tmp_path / "w", repo.path), repo.path, staged)
    assert (found.at_tip, found.reachable) == (Truth.UNKNOWN, Truth.UNKNOWN)


def test_where_a_comparison_is_cut_off_the_walk_tells_who_and_where(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repo = Repo(tmp_path / "r")
    first = repo.commit({"a": "1"}, "ann@corp.example")
    second = repo.commit({"b": "2"}, "ben@corp.example")
    monkeypatch.setattr(under_test, "_MOST_TREE_ENTRIES", 9)
    blobs = [repo.blob("HEAD:a"), repo.blob("HEAD:b")]
    told = trace(source(tmp_path / "w", repo.path), repo.path, *blobs)
    assert [(found.path, found.introduced[0].commit) for found in told] == [
        ("a", first),
        ("b", second),
    ]


def test_who_has_no_address_is_not_mapped_to_one(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "r")
    repo.commit({"a": "1"})
    blob = repo.git("hash-object", "-w", "--stdin", data=b"odd\n")
    tree = repo.git("mktree", data=f"100644 blob {blob}\todd\n".encode())
    raw = f"tree {tree}\nauthor no one\ncommitter no one\n\nodd\n".encode()
    repo.git("hash-object", "-w", "-t", "commit", "--literally", "--stdin", data=raw)
    (found,) = trace(source(tmp_path / "w", repo.path), repo.path, blob)
    assert (found.introduced[0].identity.handle, found.introduced[0].name) == ("", "")
