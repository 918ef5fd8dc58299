from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from connectors.git_command import Git, last_words, login_environment
from correlate.errors import SourceError
from correlate.model import Document, Locator
from correlate.secret import Secret
from tests.connectors.gitrepo import Repo, plan, source, texts

CONFIG = """
[core]
    fsmonitor = {fire}
    hooksPath = {hooks}
    sshCommand = {fire}
    gitProxy = {fire}
    pager = {fire}
    editor = {fire}
    askPass = {fire}
    alternateRefsCommand = {fire}
[diff]
    external = {fire}
[diff "evil"]
    textconv = {fire}
    command = {fire}
[filter "evil"]
    clean = {fire}
    smudge = {fire}
    process = {fire}
    required = true
[merge "evil"]
    driver = {fire}
[log]
    showSignature = true
[gpg]
    program = {fire}
[gpg "ssh"]
    program = {fire}
[credential]
    helper = !{fire}
[pager]
    log = {fire}
    cat-file = {fire}
[extensions]
    partialClone = origin
[remote "origin"]
    url = ext::{fire}
    promisor = true
    uploadpack = {fire}
[protocol "ext"]
    allow = always
[alias]
    log = !{fire}
    cat-file = !{fire}
"""


@pytest.fixture
def hostile(tmp_path: Path) -> tuple[Repo, Path]:
    """A repository whose every known way to run a program touches a file."""
    fired, fire, hooks = tmp_path / "FIRED", tmp_path / "fire", tmp_path / "hooks"
    fire.write_text(f"#!/bin/sh\necho $0 $* >> {fired}\nexit 0\n")
    fire.chmod(0o755)
    repo = Repo(tmp_path / "r")
    signed = "-----BEGIN PGP SIGNATURE-----\n \n x\n -----END PGP SIGNATURE-----"
    repo.commit({".gitattributes": "* diff=evil filter=evil merge=evil\n", "a.txt": "1\n"})
    tree = repo.blob("HEAD^{tree}")
    head = repo.blob("HEAD")
    raw = (
        f"tree {tree}\nparent {head}\nauthor a <a@x> 1 +0000\ncommitter a <a@x> 1 +0000\n"
        f"gpgsig {signed}\n\nsigned\n"
    )
    repo.git("hash-object", "-w", "-t", "commit", "--stdin", data=raw.encode())
    hooks.mkdir()
    for name in ("post-checkout", "reference-transaction", "post-index-change", "pre-auto-gc"):
        (hooks / name).write_text(fire.read_text())
        (hooks / name).chmod(0o755)
    with (repo.path / ".git/config").open("a") as config:
        config.write(CONFIG.format(fire=fire, hooks=hooks))
    return repo, fired


def test_nothing_that_a_repository_brings_is_run(
    hostile: tuple[Repo, Path], tmp_path: Path
) -> None:
    repo, fired = hostile
    git = source(tmp_path / "w", repo.path)
    found = texts(git)
    blob = next(oid for oid, data in found.items() if data == b"1\n")
    missing = "0123456789" * 4
    places = [Locator("code", repo.path.name, oid) for oid in (blob, missing)]
    assert next(git.trace(places)).path == "a.txt"
    assert isinstance(git.reread(places[0]), Document)
    git.reread(places[1])
    assert plan(git)[0]
    assert not fired.exists(), fired.read_text()
    subprocess.run(["git", "-C", str(repo.path), "status"], capture_output=True, check=False)
    assert fired.exists(), "the trap itself must work"


def test_the_outside_environment_does_not_reach_git(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repo = Repo(tmp_path / "r")
    repo.commit({"a.txt": "1\n"})
    for name in ("GIT_DIR", "GIT_OBJECT_DIRECTORY", "GIT_WORK_TREE", "GIT_CONFIG"):
        monkeypatch.setenv(name, str(tmp_path / "elsewhere"))
    monkeypatch.setenv("GIT_TRACE", str(tmp_path / "trace"))
    assert len(texts(source(tmp_path / "w", repo.path))) == 2
    assert not (tmp_path / "trace").exists()


def test_a_failure_says_what_git_said_in_one_bounded_line(tmp_path: Path) -> None:
    with pytest.raises(SourceError) as caught:
        Git(tmp_path).run("cat-file", "-p", "x" * 5000)
    assert len(str(caught.value)) < 600
    assert last_words(b"") == "it said nothing"
    assert len(last_words(b"a\n" + b"b" * 900)) == 200


def test_a_call_that_never_ends_is_an_error(tmp_path: Path) -> None:
    Repo(tmp_path / "r")
    with pytest.raises(SourceError, match="no end after"):
        Git(tmp_path / "r/.git").run("cat-file", "--batch", data=b"x\n" * 10, seconds=0)


def test_a_login_is_in_no_repr_and_follows_no_redirect() -> None:
    login = login_environment("user", Secret("s3cr3t-value"))
    assert "s3cr3t-value" not in repr(Git(Path("x"), "https", login))
    assert "Basic" not in repr(Git(Path("x"), "https", login))
    assert login["GIT_CONFIG_VALUE_1"] == "false"
