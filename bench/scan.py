"""Measures a scan of a whole git history against git's own reading of it, in the same run.

    python -m bench.scan [REPOSITORY]      (or OFFKEY_BENCH_REPO; else one is made up)

Says the floor (`git cat-file` of every object to nowhere), then offkey cold (patterns not yet
compiled) and warm: wall and CPU seconds, megabytes of inflated objects a second, and the peak
resident memory of the whole process tree (shared pages counted once). Git's figure includes
trees, which hold names only and are not scanned.
"""

from __future__ import annotations

import os
import random
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from connectors.git_mirror import find_git_dir
from jobs.scan_path import PathScan, scan_path

FILES, REVISIONS, LINES = 160, 80, 900
WORDS = "if else return value index buffer error result config handler request self None".split()  # noqa: SIM905
SAMPLE_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Cost:
    """What one measured step took."""

    wall: float
    cpu: float
    peak_mb: float


def say(line: str) -> None:
    """Print a line at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main() -> None:
    """Run the benchmark and print its table."""
    with tempfile.TemporaryDirectory(prefix="offkey-bench-") as work:
        named = sys.argv[1] if len(sys.argv) > 1 else os.environ.get("OFFKEY_BENCH_REPO", "")
        path = Path(named) if named else made_up(Path(work) / "repository")
        git_dir = find_git_dir(path)
        say(f"repository  {path if named else 'made up'}")
        say(f"processors  {os.cpu_count()}")
        floor, size = measure_floor(git_dir)
        row("git cat-file (floor)", floor, size)
        for name in ("offkey scan, cold", "offkey scan, warm"):
            report(name, git_dir, Path(work) / "cache")


def measure_floor(git_dir: Path) -> tuple[Cost, int]:
    """Return what git takes to inflate every object once, and how many bytes that is."""
    words = ["git", f"--git-dir={git_dir}", "cat-file", "--batch-all-objects", "--unordered"]
    check = subprocess.run([*words, "--batch-check=%(objectsize)"], capture_output=True, check=True)
    with Measured() as measured:
        subprocess.run([*words, "--buffer", "--batch"], stdout=subprocess.DEVNULL, check=True)
    return measured.cost(), sum(map(int, check.stdout.split()))


def report(name: str, git_dir: Path, cache: Path) -> None:
    """Scan once; print the scan proper, then what tracing its hits added."""
    scanned = [0.0]
    started = time.perf_counter()

    def note(_: object) -> None:
        scanned[0] = time.perf_counter() - started

    with Measured() as measured:
        result = scan_path(git_dir, cache=cache, on_outcome=note)
    cost = measured.cost()
    size = sum(part.bytes for part in result.coverage)
    row(name, Cost(scanned[0], cost.cpu, cost.peak_mb), size)
    say(f"{'':22}{cost.wall:8.2f} s with tracing; {summary(result)}")


def summary(result: PathScan) -> str:
    """Return what was found, and what was not looked at, in one line."""
    items = sum(part.items for part in result.coverage)
    secrets = len({exposure.fingerprint for exposure in result.exposures})
    return (
        f"{items:,} objects, {len(result.exposures):,} places of {secrets:,} secrets, "
        f"{len(result.skips)} skipped"
    )


def row(name: str, cost: Cost, size: int) -> None:
    """Print one line of the table."""
    say(
        f"{name:22}{cost.wall:8.2f} s wall {cost.cpu:8.2f} s cpu {size / 1e6:10,.0f} MB "
        f"{size / 1e6 / cost.wall:8,.0f} MB/s {cost.peak_mb:8,.0f} MB peak"
    )


class Measured:
    """A context that measures wall and CPU time and samples the process tree's memory."""

    def __enter__(self) -> Self:
        """Start measuring."""
        self._done = threading.Event()
        self._peak = 0
        self._sampler = threading.Thread(target=self._sample, daemon=True)
        self._cpu = _cpu()
        self._wall = time.perf_counter()
        self._sampler.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop measuring."""
        self._wall = time.perf_counter() - self._wall
        self._cpu = _cpu() - self._cpu
        self._done.set()
        self._sampler.join()

    def cost(self) -> Cost:
        """Return what was measured."""
        return Cost(self._wall, self._cpu, self._peak / 1e6)

    def _sample(self) -> None:
        while not self._done.wait(SAMPLE_SECONDS):
            self._peak = max(self._peak, sum(_resident(pid) for pid in _tree(os.getpid())))


def _cpu() -> float:
    uses = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(use.ru_utime + use.ru_stime for use in uses)


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


def _resident(pid: int) -> int:
    """Its share of memory: pages that several processes have are divided among them."""
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0
    shares = [line.split()[1] for line in text.splitlines() if line.startswith("Pss:")]
    return int(shares[0]) << 10 if shares else 0


def made_up(path: Path) -> Path:
    """Return a repository of many versions of source-like files, the same every time."""
    subprocess.run(["git", "init", "-q", "--bare", str(path)], check=True)
    with subprocess.Popen(
        ["git", f"--git-dir={path}", "fast-import", "--quiet"], stdin=subprocess.PIPE
    ) as importer:
        if importer.stdin is None:
            raise RuntimeError("no pipe to git fast-import")
        for block in _history(random.Random(1)):  # noqa: S311  # a corpus, not a secret
            importer.stdin.write(block)
    subprocess.run(["git", f"--git-dir={path}", "gc", "-q"], check=True)
    return path


def _history(rng: random.Random) -> Iterator[bytes]:
    files = [[_line(rng) for _ in range(LINES)] for _ in range(FILES)]
    for revision in range(REVISIONS):
        at = 1_600_000_000 + revision * 3600
        yield f"commit refs/heads/main\ncommitter A <a@corp.example> {at} +0000\n".encode()
        yield b"data 6\nchange\n"
        for number, lines in enumerate(files):
            lines[rng.randrange(LINES)] = _line(rng)
            text = "".join(lines).encode()
            yield f"M 100644 inline src/file{number}.py\ndata {len(text)}\n".encode() + text + b"\n"


def _line(rng: random.Random) -> str:
    if rng.random() < 0.002:  # noqa: PLR2004  # now and then something that looks like a secret
        return f'    password = "{rng.getrandbits(80):020x}"\n'
    return "    " * rng.randrange(4) + " ".join(rng.choices(WORDS, k=rng.randrange(1, 9))) + "\n"


if __name__ == "__main__":
    main()
