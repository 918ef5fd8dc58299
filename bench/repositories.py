"""The histories that are measured: those that are named, else made-up ones of the same size."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from connectors.git_mirror import find_git_dir

FILES, REVISIONS, LINES = 160, 80, 900
WORDS = "if else return value index buffer error result config handler request self None".split()  # noqa: SIM905


@dataclass(frozen=True, slots=True)
class Measured:
    """A repository and what it holds once inflated, trees (which hold names only) apart."""

    name: str
    git_dir: Path
    objects: int
    text_mb: float
    all_mb: float


def chosen(arguments: Sequence[str], work: Path) -> list[Measured]:
    """Return the repositories named by the arguments or OFFKEY_BENCH_REPOS (paths, separated as
    in PATH), or a made-up one.
    """
    named = list(arguments) or [
        part for part in os.environ.get("OFFKEY_BENCH_REPOS", "").split(os.pathsep) if part
    ]
    paths = [Path(name) for name in named] or [made_up(work / "made-up")]
    return [_measured(path) for path in paths]


def _measured(path: Path) -> Measured:
    git_dir = find_git_dir(path)
    listing = subprocess.run(
        ["git", f"--git-dir={git_dir}", "cat-file", "--batch-all-objects", "--unordered",
         "--buffer", "--batch-check=%(objecttype) %(objectsize)"],
        capture_output=True, check=True, text=True,
    )  # fmt: skip
    sizes = [line.split() for line in listing.stdout.splitlines()]
    texts = [int(size) for kind, size in sizes if kind != "tree"]
    name = path.name if path.name not in ("repo", ".git") else path.resolve().parent.name
    total = sum(int(size) for _, size in sizes)
    return Measured(name.rpartition("+")[2], git_dir, len(texts), sum(texts) / 1e6, total / 1e6)


def made_up(path: Path, revisions: int = REVISIONS) -> Path:
    """Return a repository of many versions of source-like files, the same every time."""
    subprocess.run(["git", "init", "-q", "--bare", str(path)], check=True)
    with subprocess.Popen(
        ["git", f"--git-dir={path}", "fast-import", "--quiet"], stdin=subprocess.PIPE
    ) as importer:
        if importer.stdin is None:
            sys.exit("no pipe to git fast-import")
        for block in _history(random.Random(1), revisions):  # noqa: S311  # a corpus, not a secret
            importer.stdin.write(block)
    subprocess.run(["git", f"--git-dir={path}", "gc", "-q"], check=True)
    return path


def _history(rng: random.Random, revisions: int) -> Iterator[bytes]:
    files = [[_line(rng) for _ in range(LINES)] for _ in range(FILES)]
    for revision in range(revisions):
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
