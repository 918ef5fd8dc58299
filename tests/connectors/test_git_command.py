from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from connectors.git_command import Git, last_words, login_environment
from correlate.errors import SourceError
from correlate.model import Document, Locator
from correlate.secret import Secret
from tests.connectors.gitrepo import Repo, plan, source, texts
from tests.jobs.scanning import fake_git

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


def test_what_git_quotes_of_a_file_cannot_steer_a_terminal() -> None:
    assert last_words(b"one\nfatal: bad line \x1b[2J\x07\xff\n") == "fatal: bad line ?[2J?\ufffd"


@pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="only Linux limits another process")
def test_git_is_held_to_its_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    greedy = f"exec {sys.executable} -c 'import time; time.sleep(0.1); bytearray(256 << 20)'"
    monkeypatch.setenv("PATH", fake_git(tmp_path / "bin", greedy))
    for megabytes, fails in ((128, True), (0, False)):
        with tempfile.TemporaryFile() as stderr:
            process = Git(tmp_path).start(
                "log", stdin=subprocess.DEVNULL, stderr=stderr, memory_mb=megabytes
            )
            process.communicate()
            assert bool(process.returncode) == fails


def test_a_history_is_not_cut_off_by_a_graft(tmp_path: Path) -> None:
    repo = Repo(tmp_path)
    repo.commit({"a": "1"})
    head = repo.commit({"a": "2"})
    (tmp_path / ".git/info").mkdir(exist_ok=True)
    (tmp_path / ".git/info/grafts").write_text(f"{head}\n")
    assert len(Git(tmp_path / ".git").run("rev-list", "--all").split()) == 2


def test_a_log_reads_no_mailmap(tmp_path: Path) -> None:
    """It takes a minute over a file of some megabytes that was built for it."""
    repo = Repo(tmp_path / "r")
    repo.commit({".mailmap": "Boss <boss@corp.example> <ann@home.example>\n"}, "ann@home.example")
    repo.git("config", "mailmap.blob", "HEAD:.mailmap")
    said = Git(repo.path / ".git").run("log", "-1", "--format=medium").decode()
    assert "Author: ann <ann@home.example>" in said
    assert "Boss" in repo.git("log", "-1", "--format=medium")
