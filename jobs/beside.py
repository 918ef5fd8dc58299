"""A piece of work in a process beside this one, forked from it: nothing has to be sent there first."""

from __future__ import annotations

import importlib
import os
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

if TYPE_CHECKING:  # few commands ever fork: its library is loaded where one does
    from multiprocessing.connection import Connection

T = TypeVar("T")


def may_fork() -> bool:
    """Whether a fork is safe, and of use: where a second thread runs it may hold a lock for ever in
    the copy (https://docs.python.org/3/library/os.html#os.fork), and elsewhere than on Linux the
    system's own libraries start threads.
    """
    alone = sys.platform == "linux" and threading.active_count() == 1
    return alone and len(os.sched_getaffinity(0)) > 1


class Beside(Generic[T]):
    """Work that waits beside us until it is told to begin."""

    def __init__(self, pipe: Connection[Any, Any]) -> None:
        self._pipe = pipe

    def go(self) -> None:
        """Let it begin."""
        self._pipe.send(True)  # noqa: FBT003

    def result(self) -> T | None:
        """Return what it came to, once it is done; None where it failed or was killed."""
        try:
            return cast("T", self._pipe.recv())
        except (EOFError, OSError):
            return None


@contextmanager
def beside(work: Callable[[], T]) -> Iterator[Beside[T]]:
    """Fork a process for the work, and end it at the end. No connection of ours may be open: it
    would be in both. The result must be one that can be pickled.
    """
    fork = importlib.import_module("multiprocessing").get_context("fork")
    ours, theirs = fork.Pipe()
    process = fork.Process(target=_run, args=(work, ours, theirs), daemon=True)
    process.start()
    theirs.close()
    try:
        yield Beside(ours)
    finally:
        ours.close()
        process.kill()
        process.join()


def _run(
    work: Callable[[], object], ours: Connection[Any, Any], theirs: Connection[Any, Any]
) -> None:
    ours.close()  # else it would wait for ever when the process that forked it is killed
    with suppress(
        Exception, KeyboardInterrupt
    ):  # whoever forked it does the work then, and says why
        theirs.recv()
        theirs.send(work())
