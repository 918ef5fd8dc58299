"""Single git objects, one after the other, through one git that keeps running."""

from __future__ import annotations

import contextlib
import os
import select
import subprocess
import tempfile
import time
from dataclasses import dataclass
from typing import IO, Self

from connectors.git_command import Git
from connectors.git_objects import TEXTS

_SECONDS = 60.0  # for one object
_BLOCK = 1 << 16


@dataclass(frozen=True, slots=True)
class Absent:
    """An object that could not be had, and why."""

    reason: str


class ObjectLookup:
    """Reads objects of one repository, none larger than `largest` bytes. For one thread.

    Starts git at the first look, and again after it broke off; `close` ends it.
    """

    def __init__(self, git: Git, largest: int) -> None:
        self._git, self._largest = git, largest
        self._running: _Running | None = None

    def read(self, oid: str) -> bytes | Absent:
        """Return an object that can hold text, or why it cannot be had. Never raises for one."""
        if not oid.isalnum():
            return Absent("this is no object's id")
        if self._running is None:
            self._running = _Running(self._git)
        try:
            return self._read(self._running, oid)
        except (OSError, ValueError, EOFError, TimeoutError):
            self.close()
            return Absent("git cannot read it")

    def close(self) -> None:
        """End git."""
        if self._running is not None:
            self._running.close()
            self._running = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __del__(self) -> None:
        """A source keeps its lookup from question to question; git is to end with it."""
        self.close()

    def _read(self, git: _Running, oid: str) -> bytes | Absent:
        words = git.ask(b"info " + oid.encode("ascii")).split()
        if len(words) != 3 or words[1] not in TEXTS:  # noqa: PLR2004  # id, type, size
            return Absent("the object is no longer there")
        size = int(words[2])
        if size > self._largest:
            return Absent(f"{size >> 20} MiB, above max_object_mb")
        git.ask(b"contents " + oid.encode("ascii"))
        return git.take(size + 1)[:-1]


class _Running:
    """A running git: lines go in, bytes come out, each within a time."""

    def __init__(self, git: Git) -> None:
        self._stderr: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115  # closed in `close`
        self._process = git.start(
            "cat-file", "--batch-command", stdin=subprocess.PIPE, stderr=self._stderr
        )
        self._rest = b""

    def ask(self, line: bytes) -> bytes:
        """Send a line and return the first line of the answer, without its end."""
        stdin = self._process.stdin
        if stdin is None:
            raise OSError("git has no input")
        stdin.write(line + b"\n")
        stdin.flush()
        ends = time.monotonic() + _SECONDS
        while b"\n" not in self._rest:
            self._rest += self._more(ends)
        first, _, self._rest = self._rest.partition(b"\n")
        return first

    def take(self, size: int) -> bytes:
        """Return the next bytes of the answer."""
        ends, parts, have = time.monotonic() + _SECONDS, [self._rest], len(self._rest)
        while have < size:
            parts.append(self._more(ends))
            have += len(parts[-1])
        whole = b"".join(parts)
        self._rest = whole[size:]
        return whole[:size]

    def close(self) -> None:
        """End git and gather it in."""
        self._process.kill()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with contextlib.suppress(BrokenPipeError):
                    pipe.close()
        self._process.wait()
        self._stderr.close()

    def _more(self, ends: float) -> bytes:
        stdout = self._process.stdout
        if stdout is None:
            raise OSError("git has no output")
        ready, _, _ = select.select([stdout], [], [], max(0.0, ends - time.monotonic()))
        if not ready:
            raise TimeoutError
        block = os.read(stdout.fileno(), _BLOCK)
        if not block:
            raise EOFError
        return block
