"""Work that a process beside this one shares. It is forked from this one, so it knows all that we know.

It may not use a connection of ours, nor close one, be it open or not: what is told to it and what it
answers goes through a pipe (https://www.sqlite.org/howtocorrupt.html, "Carrying an open database
connection across a fork"; https://www.postgresql.org/docs/current/libpq-connect.html).
"""

from __future__ import annotations

import importlib
import os
import pickle
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, Generic, TypeVar

if TYPE_CHECKING:  # few commands ever fork: its library is loaded where one does
    from multiprocessing.connection import Connection

J = TypeVar("J")
R = TypeVar("R")
PROTOCOL = pickle.HIGHEST_PROTOCOL
HANDED_OVER = 4  # jobs it is given in one go


def may_fork() -> bool:
    """Whether a fork is safe, and of use: where a second thread runs it may hold a lock for ever in
    the copy (https://docs.python.org/3/library/os.html#os.fork), and elsewhere than on Linux the
    system's own libraries start threads.
    """
    alone = sys.platform == "linux" and threading.active_count() == 1
    return alone and len(os.sched_getaffinity(0)) > 1


def shared(work: Callable[[J], R], jobs: Iterable[J], *, alone: bool) -> Iterator[R]:
    """Yield what the work makes of each of the jobs, in their order. If not `alone`, a process forked
    from this one does about half of them; whatever becomes of it, all are done.

    Jobs and results are pickled. The work must leave everything as it is but what it returns.
    """
    return map(work, jobs) if alone else _by_both(work, jobs)


def _by_both(work: Callable[[J], R], jobs: Iterable[J]) -> Iterator[R]:
    done: dict[int, R] = {}
    todo: list[tuple[int, J]] = []
    count = 0
    with _forked(work) as other:
        for one in enumerate(jobs):
            todo.append(one)
            todo[:0] = other.took(done)
            if other.free and len(todo) >= HANDED_OVER:
                other.give(todo)
                todo = []
            elif len(todo) > HANDED_OVER:
                number, job = todo.pop(0)
                done[number] = work(job)
            while count in done:
                yield done.pop(count)
                count += 1
        while todo or other.busy:
            todo[:0] = other.took(done, wait=not todo)
            if todo:
                number, job = todo.pop(0)
                done[number] = work(job)
    yield from (done[number] for number in sorted(done))


_Jobs = Sequence[tuple[int, J]]


class _Other(Generic[J, R]):
    """The process beside us. It works on some jobs, and the `next` ones are ready for it: it need not
    wait until we have looked at what it made of the first.
    """

    def __init__(self, pipe: Connection[Any, Any]) -> None:
        self._pipe = pipe
        self._has: _Jobs[J] = ()
        self._next: _Jobs[J] = ()
        self._packed = b""
        self._lost = False

    @property
    def busy(self) -> bool:
        return bool(self._has)

    @property
    def free(self) -> bool:
        return not self._next and not self._lost

    def give(self, jobs: _Jobs[J]) -> None:
        self._next, self._packed = jobs, pickle.dumps([job for _, job in jobs], PROTOCOL)
        if not self._has:
            self._send()

    def _send(self) -> None:
        self._has, self._next = self._next, ()
        if self._has:
            with suppress(OSError):  # it is gone, which is told when its results are asked for
                self._pipe.send_bytes(self._packed)

    def took(self, done: dict[int, R], *, wait: bool = False) -> _Jobs[J]:
        """Add what it has done; return what it was given and will never do."""
        if not self._has or not (wait or self._pipe.poll()):
            return ()
        had = self._has
        try:
            packed = self._pipe.recv_bytes()
        except (EOFError, OSError):
            self._lost, lost = True, (*had, *self._next)
            self._has = self._next = ()
            return lost
        self._send()
        done.update(zip((number for number, _ in had), pickle.loads(packed), strict=True))  # noqa: S301  # our own
        return ()


@contextmanager
def _forked(work: Callable[[J], R]) -> Iterator[_Other[J, R]]:
    fork = importlib.import_module("multiprocessing").get_context("fork")
    ours, theirs = fork.Pipe()
    process = fork.Process(target=_serve, args=(work, ours, theirs), daemon=True)
    process.start()
    theirs.close()
    try:
        yield _Other(ours)
    finally:
        ours.close()
        process.kill()
        process.join()


def _serve(
    work: Callable[[Any], object], ours: Connection[Any, Any], theirs: Connection[Any, Any]
) -> None:
    ours.close()  # else it would wait for ever when the process that forked it is killed
    # whatever goes wrong, whoever forked it does the work then, and says why
    with suppress(Exception, KeyboardInterrupt):
        while True:
            done = [work(job) for job in pickle.loads(theirs.recv_bytes())]  # noqa: S301  # our own
            theirs.send_bytes(pickle.dumps(done, PROTOCOL))
