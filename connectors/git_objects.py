"""Git objects by plumbing: which there are, unreachable ones included, and what they hold.

`git cat-file --batch-all-objects` reads every object of the store, whether a ref leads to it or
not, and runs nothing that the repository brings. Trees are left out: they hold names only.
"""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from connectors.git_command import Git, failure, last_words

TEXTS = (b"blob", b"commit", b"tag")
_CHECK = "--batch-check=%(objecttype) %(objectname) %(objectsize)"
_MOST_BROKEN = 1000  # objects of one unit; beyond this the store itself is broken


@dataclass(frozen=True, slots=True)
class Listed:
    """An object that can hold text, and its size once inflated."""

    oid: str
    size: int


@dataclass(frozen=True, slots=True)
class Broken:
    """An object that cannot be read."""

    oid: str
    reason: str


def list_objects(git: Git, types: Sequence[bytes] = TEXTS) -> tuple[list[Listed], str]:
    """Return every object of `types` in pack order, and git's complaint if the list is short."""
    with tempfile.TemporaryFile() as stderr:
        process = git.start(
            *("cat-file", "--batch-all-objects", "--unordered", "--buffer", _CHECK),
            stdin=subprocess.DEVNULL,
            stderr=stderr,
        )
        with process:
            listed = list(_listed(_pipe(process), types))
        stderr.seek(0)
        words = stderr.read()
        complaint = last_words(words) if process.returncode or words else ""
    return listed, complaint


def _listed(lines: IO[bytes], types: Sequence[bytes]) -> Iterator[Listed]:
    for line in lines:
        kind, _, rest = line.partition(b" ")
        if kind in types:
            oid, size = rest.split()
            yield Listed(oid.decode(), int(size))


def read_objects(git: Git, oids: Sequence[str]) -> Iterator[tuple[str, bytes] | Broken]:
    """Yield each object's id and content in the order asked for, or that it is Broken.

    Raises SourceError when git ends short for another reason than a broken object.
    """
    start = 0
    for _ in range(_MOST_BROKEN):
        for item in _read_from(git, oids, start):
            start += 1
            yield item
        if start == len(oids):
            return
    raise failure(git.git_dir, "cat-file", f"more than {_MOST_BROKEN} broken objects in one unit")


def _read_from(git: Git, oids: Sequence[str], start: int) -> Iterator[tuple[str, bytes] | Broken]:
    """Yield objects until all are read or one breaks the process; that one is yielded last."""
    with tempfile.TemporaryFile() as stdin, tempfile.TemporaryFile() as stderr:
        stdin.write("\n".join(oids[start:]).encode() + b"\n")
        stdin.seek(0)
        process = git.start("cat-file", "--batch", "--buffer", stdin=stdin, stderr=stderr)
        try:
            at = start
            for item in _contents(_pipe(process), oids, start):
                at += 1
                yield item
        finally:
            process.kill() if process.poll() is None and at < len(oids) else None
            _pipe(process).close()
            process.wait()
        if at < len(oids):
            stderr.seek(0)
            yield _culprit(git, process.returncode, oids[at], last_words(stderr.read()))


def _contents(
    pipe: IO[bytes], oids: Sequence[str], start: int
) -> Iterator[tuple[str, bytes] | Broken]:
    readline, read = pipe.readline, pipe.read
    for at in range(start, len(oids)):
        header = readline()
        if not header.endswith(b"\n"):
            return
        words = header.split()
        if len(words) != 3:  # noqa: PLR2004  # "OID missing" instead of "OID TYPE SIZE"
            yield Broken(oids[at], "the object is missing or damaged")
            continue
        size = int(words[2])
        data = read(size + 1)
        if len(data) != size + 1:
            return
        yield oids[at], data[:-1]


def _culprit(git: Git, status: int, oid: str, words: str) -> Broken:
    """Git's own fatal error (128) is about the object at hand; any other end is a short read."""
    if status != 128 or "not a git repository" in words:  # noqa: PLR2004  # git's for die()
        raise failure(git.git_dir, "cat-file", f"ended early with status {status}: {words}")
    return Broken(oid, f"git cannot read it: {words}")


def _pipe(process: subprocess.Popen[bytes]) -> IO[bytes]:
    if process.stdout is None:
        raise failure(Path(), "cat-file", "its output is not a pipe")
    return process.stdout
