"""What git objects hold, many at a time, in memory that git writes and we only look at.

One `git cat-file --batch-command` is kept for a whole repository, so that what it unpacked for
one object serves the next, and its output goes to an anonymous file in memory instead of a pipe:
on the histories that `make bench` measures, a pipe costs more than matching all patterns does.
While one half of that memory is looked at, git fills the other.
https://git-scm.com/docs/git-cat-file (2.36 and later)
"""

from __future__ import annotations

import contextlib
import mmap
import os
import secrets
import subprocess
import tempfile
import time
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import IO, NamedTuple, Self

from connectors.git_command import Git, failure, last_words
from connectors.git_objects import Listed

BATCH_BYTES = 8 << 20  # stays near the processor's caches
_BATCH_OBJECTS = 20_000
_FRAME = 128  # what an object takes beyond its content: id, type, size, ends of lines
_MOST_BROKEN = 1000  # objects of one call; beyond this the store itself is, and no more are tried
_NAP, _LONGEST_NAP = 0.0002, 0.002
_FATAL = 128  # git's status when it gives up on the object at hand
_ABSENT = b" missing\n"


class Broken(NamedTuple):
    """An object that cannot be read."""

    oid: bytes
    reason: str


@dataclass(frozen=True, slots=True)
class Stretch:
    """Objects side by side in memory; number i is `data[starts[i]:ends[i]]`.

    Good until the next piece is drawn.
    """

    data: memoryview
    items: Sequence[Listed]
    starts: Sequence[int]
    ends: Sequence[int]


class _Asked(NamedTuple):
    """A batch on its way to `at`: git ends it with the line `last`, which no object foresees."""

    items: Sequence[Listed]
    at: int
    last: bytes


class ObjectReader:
    """Reads objects of one repository, none larger than `largest` bytes. For one thread.

    Nothing is started before the first read; `close`, or the end of the context, ends git.
    """

    def __init__(self, git: Git, largest: int) -> None:
        self._git = git
        half = BATCH_BYTES + largest + _BATCH_OBJECTS * _FRAME
        self._half = -(-half // mmap.PAGESIZE) * mmap.PAGESIZE
        self._open: _Reading | None = None

    def read(self, items: Sequence[Listed]) -> Iterator[Stretch | Broken]:
        """Yield the objects in their order, side by side, and each that is Broken by itself.

        Raises SourceError when git ends for another reason than a broken object.
        """
        todo, broken = deque(_batches(items)), 0
        asked: _Asked | None = None
        try:
            while todo or asked:
                reading, here = self._reading(), asked
                asked = None
                if here is None:
                    here = reading.ask(todo.popleft(), 0)
                stretch, lost = reading.wait(here)
                unread = here.items[len(stretch.items) + len(lost) :]
                if unread:
                    lost.append(self._culprit(unread[0]))
                    todo.extendleft([unread[1:]] if unread[1:] else [])
                elif todo:
                    asked = reading.ask(todo.popleft(), self._half - here.at)
                yield stretch
                yield from lost
                broken += len(lost)
                if broken > _MOST_BROKEN:
                    rest = chain(asked.items if asked else (), *todo)
                    yield from (Broken(item.oid, "not tried: so many are broken") for item in rest)
                    return
                reading.forget(here)
        finally:
            if asked is not None:  # nobody will take what is still on its way
                self.close()

    def close(self) -> None:
        """End git and free the memory."""
        if self._open is not None:
            self._open.close()
            self._open = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __del__(self) -> None:
        """A source keeps its reader from unit to unit; when it is dropped, git is to end too."""
        self.close()

    def _reading(self) -> _Reading:
        if self._open is None:
            self._open = _Reading(self._git, self._half)
        return self._open

    def _culprit(self, item: Listed) -> Broken:
        """Git's own fatal error is about the object at hand; any other end is a short read."""
        words = self._open.last_words() if self._open else (0, "")
        self.close()
        if words[0] != _FATAL or "not a git repository" in words[1]:
            why = f"ended early with status {words[0]}: {words[1]}"
            raise failure(self._git.git_dir, "cat-file", why)
        return Broken(item.oid, f"git cannot read it: {words[1]}")


class _Reading:
    """A running git and the memory it writes to."""

    def __init__(self, git: Git, half: int) -> None:
        self._half = half
        self._file = _memory_file(2 * half)
        self._map = mmap.mmap(self._file, 2 * half)
        self._view = memoryview(self._map)
        self._stderr: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115  # closed in `close`
        self._process = git.start(
            *("cat-file", "--batch-command", "--buffer"),
            stdin=subprocess.PIPE,
            stdout=self._file,
            stderr=self._stderr,
        )

    def ask(self, items: Sequence[Listed], at: int) -> _Asked:
        """Tell git to write the objects from `at` on."""
        name = b"end-" + secrets.token_hex(16).encode()
        os.lseek(self._file, at, os.SEEK_SET)  # its position is shared with git's output
        lines = [b"contents %b\n" % item.oid for item in items]
        if self._process.stdin is not None:
            with contextlib.suppress(BrokenPipeError):  # `wait` tells how it ended
                self._process.stdin.write(b"".join([*lines, b"info ", name, b"\nflush\n"]))
                self._process.stdin.flush()
        return _Asked(items, at, name + _ABSENT)

    def wait(self, asked: _Asked) -> tuple[Stretch, list[Broken]]:
        """Return the objects read and those that are absent; short if git ended early."""
        nap, ended = _NAP, False
        while True:
            stop = os.lseek(self._file, 0, os.SEEK_CUR)
            if self._view[max(asked.at, stop - len(asked.last)) : stop] == asked.last:
                return self._parsed(asked, stop - len(asked.last))
            if ended:
                return self._parsed(asked, stop)
            ended = self._process.poll() is not None
            time.sleep(nap)
            nap = min(nap * 2, _LONGEST_NAP)

    def forget(self, asked: _Asked) -> None:
        """Give back the memory of a large object; what smaller batches use is written again."""
        if any(item.size > BATCH_BYTES for item in asked.items) and hasattr(mmap, "MADV_REMOVE"):
            self._map.madvise(mmap.MADV_REMOVE, asked.at, self._half)

    def last_words(self) -> tuple[int, str]:
        """Return the status that git ended with and its last complaint."""
        status = self._process.poll()
        if status is None:
            return 0, "its output is not what was asked for"
        self._stderr.seek(0)
        return status, last_words(self._stderr.read())

    def close(self) -> None:
        """End git, and free the memory once nobody looks at it any more."""
        self._process.kill()
        if self._process.stdin is not None:
            with contextlib.suppress(BrokenPipeError):
                self._process.stdin.close()
        self._process.wait()
        self._stderr.close()
        with contextlib.suppress(BufferError):  # a stretch is still held: freed with it
            self._view.release()
            self._map.close()
        os.close(self._file)

    def _parsed(self, asked: _Asked, stop: int) -> tuple[Stretch, list[Broken]]:
        view, place = self._view, asked.at
        found: list[Listed] = []
        starts: list[int] = []
        ends: list[int] = []
        lost: list[Broken] = []
        for item in asked.items:
            head = b"%b %b %d\n" % item
            start = place + len(head)
            end = start + item.size
            if end < stop and view[place:start] == head:
                found.append(item)
                starts.append(start - asked.at)
                ends.append(end - asked.at)
                place = end + 1
                continue
            absent = item.oid + _ABSENT
            if view[place : place + len(absent)] != absent or place + len(absent) > stop:
                break
            lost.append(Broken(item.oid, "the object is missing or damaged"))
            place += len(absent)
        return Stretch(view[asked.at : stop], found, starts, ends), lost


def _batches(items: Sequence[Listed]) -> Iterator[Sequence[Listed]]:
    first, size = 0, 0
    for at, item in enumerate(items):
        size += item.size
        if size >= BATCH_BYTES or at - first >= _BATCH_OBJECTS - 1:
            yield items[first : at + 1]
            first, size = at + 1, 0
    if first < len(items):
        yield items[first:]


def _memory_file(size: int) -> int:
    """A file that stands nowhere; on disk, but without a name, where there is no other way."""
    if hasattr(os, "memfd_create"):
        handle = os.memfd_create("objects", os.MFD_CLOEXEC)
    else:
        with tempfile.TemporaryFile() as file:
            handle = os.dup(file.fileno())
    os.ftruncate(handle, size)
    return handle
