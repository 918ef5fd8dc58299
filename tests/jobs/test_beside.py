"""Work beside us: it begins when told, and whatever becomes of it, we get on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading

import pytest

from jobs.beside import beside, may_fork
from tests.jobs.apart import ROOT


def sums() -> int:
    return sum(range(10))


def fails() -> int:
    raise ValueError("of no use")


def is_killed() -> int:
    os.kill(os.getpid(), signal.SIGKILL)
    return 0


def come_to(name: str) -> None:
    """Write what some work came to; run by a process that has one thread."""
    with beside(globals()[name]) as other:
        other.go()
        sys.stdout.write(f"{may_fork()} {other.result()}")


@pytest.mark.parametrize(
    ("work", "result"), [("sums", "45"), ("fails", "None"), ("is_killed", "None")]
)
def test_the_result_comes_back_or_nothing_does(work: str, result: str) -> None:
    words = f"from tests.jobs.test_beside import come_to; come_to({work!r})"
    done = subprocess.run(
        [sys.executable, "-c", words], cwd=ROOT, capture_output=True, text=True, check=True
    )
    several = len(os.sched_getaffinity(0)) > 1
    assert (done.stdout.split(), done.stderr) == ([str(several), result], "")


def test_a_process_of_several_threads_is_not_forked() -> None:
    end = threading.Event()
    thread = threading.Thread(target=end.wait)
    thread.start()
    assert not may_fork()
    end.set()
    thread.join()
