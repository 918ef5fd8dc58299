"""Git objects by plumbing: which there are, unreachable ones included, and what they hold.

`git cat-file --batch-all-objects` lists every object of the store, whether a ref leads to it or
not, and runs nothing that the repository brings. Trees are left out: they hold names only.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, NamedTuple

from connectors.git_command import Git, failure, last_words

TEXTS = (b"blob", b"commit", b"tag")
_CHECK = "--batch-check=%(objecttype) %(objectname) %(objectsize)"


class Listed(NamedTuple):
    """An object that can hold text, and its size once inflated."""

    oid: bytes
    type: bytes
    size: int


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


def objects_state(git_dir: Path) -> str:
    """Return a digest that changes when an object is added or taken away, told from the names and
    dates of packs and folders; "" for a store that is spread over others as well.
    """
    objects = git_dir / "objects"
    if (objects / "info" / "alternates").exists():
        return ""
    seen: list[tuple[str, int, int]] = []
    for place in (objects, objects / "pack"):
        for entry in os.scandir(place):
            status = entry.stat()
            seen.append((entry.name, status.st_size, status.st_mtime_ns))
    return hashlib.sha256(repr(sorted(seen)).encode()).hexdigest()


def _listed(lines: IO[bytes] | Iterator[bytes], types: Sequence[bytes]) -> Iterator[Listed]:
    wanted = {name: name for name in types}  # one name for all of a type: there may be millions
    for line in lines:
        words = line.split()
        if words[0] in wanted:
            yield Listed(words[1], wanted[words[0]], int(words[2]))


def _pipe(process: subprocess.Popen[bytes]) -> IO[bytes]:
    if process.stdout is None:
        raise failure(Path(), "cat-file", "its output is not a pipe")
    return process.stdout
