"""Git histories as values, and their writing as one fast-import stream per repository.

Texts name planted credentials as <<label>> (a pair's halves as <<label.id>> and
<<label.secret>>); the builder puts the minted plaintext there.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from sample_data.cast import somebody

Fill = Callable[[str], str]
_ENVIRONMENT = {
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_TERMINAL_PROMPT": "0",
    "LC_ALL": "C",
}


@dataclass(frozen=True, slots=True)
class Commit:
    """One commit. `by` is a worker id, or "Name <mail>" as git writes it; `mail` overrides a
    person's address. `files` maps paths to texts, None deletes. A branch starts where main
    then stands; `merges` names a branch; `tag` an annotated tag put on this commit.
    """

    at: str
    by: str
    message: str
    files: Mapping[str, str | None] = field(default_factory=dict)
    mail: str = ""
    branch: str = "main"
    merges: str = ""
    tag: str = ""


@dataclass(frozen=True, slots=True)
class Repository:
    """One repository. `dropped` branches lose their ref, as a force-push would leave them.

    `forked` commits come from the repository of that name, as the first so many of it.
    """

    name: str
    commits: tuple[Commit, ...]
    bare: bool = True
    dropped: tuple[str, ...] = ()
    forked: tuple[str, int] | None = None


def write(repository: Repository, commits: Iterable[Commit], folder: Path, fill: Fill) -> Path:
    """Write a repository below `folder` and return its path. The same input gives the same bytes."""
    path = folder / (f"{repository.name}.git" if repository.bare else repository.name)
    path.mkdir(parents=True)
    bare = ("--bare",) if repository.bare else ()
    _git(path, "init", "--quiet", "--template=", "--initial-branch=main", *bare, ".")
    stream = b"".join(_stream(tuple(commits), fill))
    _git(path, "fast-import", "--quiet", "--date-format=raw", stdin=stream)
    for branch in repository.dropped:
        _git(path, "update-ref", "-d", f"refs/heads/{branch}")
    if not repository.bare:
        _check_out(path)
    return path


def _check_out(path: Path) -> None:
    """Write the work tree. The index is made without file times, which no two builds share."""
    listing = _git(path, "ls-tree", "-r", "-z", "--name-only", "HEAD").decode()
    for name in listing.split("\0")[:-1]:
        target = path / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(_git(path, "cat-file", "blob", f"HEAD:{name}"))
    _git(path, "read-tree", "HEAD")


def _git(path: Path, *words: str, stdin: bytes = b"") -> bytes:
    environment = {"PATH": os.environ.get("PATH", os.defpath), **_ENVIRONMENT}
    # ref logs would hold the build's own time and machine
    done = subprocess.run(
        ["git", "-c", "core.logAllRefUpdates=false", *words],
        cwd=path,
        input=stdin,
        env=environment,
        capture_output=True,
        check=True,
    )
    return done.stdout


def _stream(commits: tuple[Commit, ...], fill: Fill) -> Iterable[bytes]:
    tips: dict[str, int] = {}
    for mark, commit in enumerate(commits, start=1):
        parent = tips.get(commit.branch, tips.get("main", 0))
        yield _head(commit, mark, parent, tips)
        for path, text in commit.files.items():
            if text is None:
                yield f"D {path}\n".encode()
            else:
                yield f"M 100644 inline {path}\n".encode() + _data(fill(text))
        yield b"\n"
        tips[commit.branch] = mark
        if commit.tag:
            tagger = f"tag {commit.tag}\nfrom :{mark}\ntagger {_who(commit)}\n"
            yield tagger.encode() + _data(f"{commit.tag}\n")


def _head(commit: Commit, mark: int, parent: int, tips: Mapping[str, int]) -> bytes:
    who = _who(commit)
    lines = f"commit refs/heads/{commit.branch}\nmark :{mark}\nauthor {who}\ncommitter {who}\n"
    after = f"from :{parent}\n" if parent else ""
    if commit.merges:
        after += f"merge :{tips[commit.merges]}\n"
    return lines.encode() + _data(commit.message + "\n") + after.encode()


def _who(commit: Commit) -> str:
    seconds = int(datetime.fromisoformat(commit.at).timestamp())
    if "<" in commit.by:
        return f"{commit.by} {seconds} +0000"
    one = somebody(commit.by)
    return f"{one.name} <{commit.mail or one.email}> {seconds} +0000"


def _data(text: str) -> bytes:
    body = text.encode()
    return b"data %d\n" % len(body) + body + b"\n"
