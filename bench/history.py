"""Full history: offkey beside git's own reading of it and beside other scanners, in the same minutes.

The runs alternate and each is repeated; the best of each is taken, since a busy machine only adds.
"""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from bench.measure import Cost, Ended, offkey, run
from bench.peers import FILE_PEERS, HISTORY_PEERS
from bench.repositories import Measured

FLOOR = "git cat-file (best order)"
PLAIN = "git cat-file --batch-all-objects"
OURS = "offkey scan"


@dataclass(frozen=True, slots=True)
class Row:
    """One scanner on one repository. `found` is None for git."""

    repository: str
    scanner: str
    cost: Cost
    found: int | None
    note: str = ""


def measure_history(repository: Measured, cache: Path, rounds: int) -> list[Row]:
    """Return a row for each scanner that is here, the best of `rounds` alternating rounds."""
    contenders = dict(_contenders(repository))
    best: dict[str, tuple[Ended, int | None]] = {}
    for _ in range(rounds):
        for name, (words, count) in contenders.items():
            ended = run(words, _env(cache), keep=count is not None)
            found = count(ended.output) if count else None
            if name not in best or ended.cost.wall < best[name][0].cost.wall:
                best[name] = ended, found
    return [Row(repository.name, name, ended.cost, found) for name, (ended, found) in best.items()]


def measure_files(repository: Measured) -> list[Row]:
    """Return a row for each scanner that reads files only, and ours on the same files, once each."""
    with tempfile.TemporaryDirectory(prefix="offkey-bench-") as work:
        folder = Path(work) / "files"
        folder.mkdir()
        archive = subprocess.run(
            ["git", f"--git-dir={repository.git_dir}", "archive", "HEAD"],
            capture_output=True,
            check=False,
        )
        if archive.returncode:
            return []
        subprocess.run(["tar", "-x", "-C", str(folder)], input=archive.stdout, check=False)
        note = "files of the tip only"
        ended = run(offkey("scan", str(folder), "--format", "jsonl"))
        rows = [Row(repository.name, f"{OURS} (files)", ended.cost, _lines(ended.output), note)]
        for peer in FILE_PEERS:
            if peer.here:
                ended = run(peer.words(folder))
                found = peer.found(ended.output)
                rows.append(Row(repository.name, peer.name, ended.cost, found, note))
    return rows


def missing() -> list[str]:
    """Return the scanners that are not installed."""
    return [peer.name for peer in (*HISTORY_PEERS, *FILE_PEERS) if not peer.here]


Contender = tuple[list[str], Callable[[str], int] | None]


def _contenders(repository: Measured) -> Iterator[tuple[str, Contender]]:
    git = ["git", f"--git-dir={repository.git_dir}", "cat-file", "--batch-all-objects"]
    yield FLOOR, ([*git, "--unordered", "--buffer", "--batch"], None)
    yield PLAIN, ([*git, "--batch"], None)
    yield OURS, (offkey("scan", str(repository.git_dir), "--format", "jsonl"), _lines)
    for peer in HISTORY_PEERS:
        if peer.here:
            yield peer.name, (list(peer.words(repository.git_dir)), peer.found)


def _lines(output: str) -> int:
    return sum(1 for line in output.splitlines() if line.startswith("{") and json.loads(line))


def _env(cache: Path) -> dict[str, str]:
    return {"XDG_CACHE_HOME": str(cache)}
