"""Work that two processes share: whatever becomes of the other, all of it is done, in its order."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator

import pytest

from jobs.beside import may_fork, shared
from tests.jobs.apart import ROOT

JOBS = 60
HERE = os.getpid()


def who(job: int) -> tuple[int, int]:
    time.sleep(0.002)
    return job, os.getpid()


def fails(job: int) -> tuple[int, int]:
    """Fail in the process beside us, halfway."""
    if job % 9 == 5 and os.getpid() != HERE:
        raise ValueError("of no use")
    return who(job)


def is_killed(job: int) -> tuple[int, int]:
    if job % 9 == 5 and os.getpid() != HERE:
        os.kill(os.getpid(), signal.SIGKILL)
    return who(job)


def large(job: int) -> tuple[int, int, bytes]:
    """Answer with more than a pipe holds."""
    return *who(job), bytes(1 << 20)


def come_to(name: str) -> None:
    """Write what some work came to; run by a process that has one thread."""
    found = list(shared(globals()[name], iter(range(JOBS)), alone=False))
    ours = sum(pid == HERE for _, pid, *_ in found)
    sys.stdout.write(f"{may_fork()} {[job for job, *_ in found] == list(range(JOBS))} {ours}")


@pytest.mark.parametrize(
    ("work", "by_both"), [("who", True), ("large", True), ("fails", None), ("is_killed", None)]
)
def test_all_is_done_in_its_order(work: str, by_both: bool | None) -> None:
    words = f"from tests.jobs.test_beside import come_to; come_to({work!r})"
    done = subprocess.run(
        [sys.executable, "-c", words], cwd=ROOT, capture_output=True, text=True, check=True
    )
    forks, in_order, ours = done.stdout.split()
    assert (forks, in_order) == (str(len(os.sched_getaffinity(0)) > 1), "True")
    assert 0 < int(ours) < JOBS if by_both else int(ours) > 0
    assert done.stderr == ""


def jobs_of(seen: list[int]) -> Iterator[int]:
    for job in range(JOBS):
        seen.append(job)
        yield job


def test_alone_each_is_done_as_it_is_drawn() -> None:
    seen: list[int] = []
    results = shared(who, jobs_of(seen), alone=True)
    assert next(results) == (0, os.getpid())
    assert seen == [0]


def test_no_jobs_are_no_results() -> None:
    assert list(shared(who, [], alone=True)) == []


def test_a_process_of_several_threads_is_not_forked() -> None:
    end = threading.Event()
    thread = threading.Thread(target=end.wait)
    thread.start()
    assert not may_fork()
    end.set()
    thread.join()
