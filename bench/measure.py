"""What a command costs: wall and CPU seconds, and the peak memory of its whole process tree."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_SAMPLE_SECONDS, _SELDOM_SECONDS = 0.05, 0.5
_SHARE = 0.05  # of the time for sampling, if that is not too seldom: to count its pages holds a process up


@dataclass(frozen=True, slots=True)
class Cost:
    """What one command took. Memory in MB of 10^6 bytes, pages that are shared counted once."""

    wall: float
    cpu: float
    peak_mb: float


@dataclass(frozen=True, slots=True)
class Ended:
    """How a command ended, and what it wrote to standard output."""

    cost: Cost
    status: int
    output: str


def run(words: Sequence[str], env: Mapping[str, str] | None = None, *, keep: bool = True) -> Ended:
    """Run a command to its end. With `keep` False its output goes to nowhere."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = time.perf_counter()
    process = subprocess.Popen(
        list(words),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE if keep else subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**_installed(), **(env or {})},
        text=True,
    )
    memory = _Memory(process.pid)
    output = process.communicate()[0]
    wall = time.perf_counter() - started
    peak = memory.peak()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Ended(Cost(wall, cpu, peak / 1e6), process.returncode, output or "")


def offkey(*words: str) -> list[str]:
    """Return the command of this checkout's offkey."""
    return [str(Path(sys.executable).with_name("offkey")), *words]


class _Memory:
    """Samples a process tree until asked for the peak."""

    def __init__(self, root: int) -> None:
        self._root = root
        self._done = threading.Event()
        self._peak = 0
        self._sampler = threading.Thread(target=self._sample, daemon=True)
        self._sampler.start()

    def peak(self) -> int:
        self._done.set()
        self._sampler.join()
        return self._peak

    def _sample(self) -> None:
        pause = _SAMPLE_SECONDS
        while not self._done.wait(pause):
            begun = time.thread_time()
            self._peak = max(self._peak, sum(map(_share, _tree(self._root))))
            pause = (time.thread_time() - begun) / _SHARE
            pause = min(max(pause, _SAMPLE_SECONDS), _SELDOM_SECONDS)


def _tree(root: int) -> Iterator[int]:
    parents: dict[int, list[int]] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        parents.setdefault(int(fields[1]), []).append(int(path.parent.name))
    todo = [root]
    while todo:
        pid = todo.pop()
        yield pid
        todo += parents.get(pid, [])


def _share(pid: int) -> int:
    """A process's share of memory: pages that several have are divided among them."""
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0
    shares = [line.split()[1] for line in text.splitlines() if line.startswith("Pss:")]
    return int(shares[0]) << 10 if shares else 0


def _installed() -> dict[str, str]:
    """Return our environment, in which code is compiled once, as it is where it is installed."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
