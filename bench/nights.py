"""An unchanged second night over many mirrors, and how long starting takes."""

from __future__ import annotations

import resource
import secrets
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bench.measure import offkey, run
from correlate.model import CoverageState
from correlate.ports_store import Store
from jobs import config as configuration
from jobs.progress import Silent
from jobs.rules import kinds_of, rules_of
from jobs.scan import scan_sources
from jobs.wiring import Wiring

MIRRORS = 200
_COMMITS = 5
_STARTS = 7


@dataclass(frozen=True, slots=True)
class Night:
    """CPU milliseconds a repository: our own process, and the processes it started."""

    name: str
    own_ms: float
    started_ms: float
    items: int


def measure_nights(work: Path, mirrors: int = MIRRORS) -> list[Night]:
    """Return the first and the second night over mirrors of remote repositories on this machine."""
    origins = [_origin(work / "origins" / f"r{number}.git", number) for number in range(mirrors)]
    wiring = _wiring(work, origins)
    store = wiring.store()
    store.prepare()
    try:
        return [_night(name, wiring, store, mirrors) for name in ("first night", "second night")]
    finally:
        store.close()


def starts(work: Path) -> dict[str, float]:
    """Return the best wall time in milliseconds of starting, the cache warm."""
    empty = work / "empty"
    empty.mkdir(parents=True, exist_ok=True)
    env = {"XDG_CACHE_HOME": str(work / "cache")}
    cold = run(offkey("scan", str(empty)), env).cost.wall * 1000
    return {
        "offkey --help": _best(offkey("--help"), env),
        "offkey scan of an empty folder, patterns not compiled yet": cold,
        "offkey scan of an empty folder": _best(offkey("scan", str(empty)), env),
    }


def _night(name: str, wiring: Wiring, store: Store, mirrors: int) -> Night:
    before = _cpu()
    report = scan_sources(wiring, store, datetime.now(UTC), Silent())
    after = _cpu()
    lacking = [part for part in report.coverage if part.state is not CoverageState.COMPLETE]
    if lacking or len(report.coverage) != mirrors:
        raise RuntimeError(f"the {name} is not whole: {lacking[:1] or len(report.coverage)}")
    own, started = ((b - a) * 1000 / mirrors for a, b in zip(before, after, strict=True))
    return Night(name, own, started, report.items)


def _cpu() -> tuple[float, float]:
    uses = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return uses[0].ru_utime + uses[0].ru_stime, uses[1].ru_utime + uses[1].ru_stime


def _wiring(work: Path, origins: list[Path]) -> Wiring:
    path = work / "offkey.toml"
    lines = "\n".join(f'  "file://{origin}",' for origin in origins)
    path.write_text(
        f'[organisation]\nstate = "{work / "state"}"\npepper = {{ env = "BENCH_PEPPER" }}\n'
        f'[[sources]]\ntype = "git"\nname = "mirrors"\nrepositories = [\n{lines}\n]\n'
    )
    config = configuration.load(path, {"BENCH_PEPPER": secrets.token_hex(32)})
    return Wiring(config, kinds_of(rules_of(config), work / "state" / "cache"))


def _origin(path: Path, number: int) -> Path:
    path.mkdir(parents=True)
    subprocess.run(["git", "init", "-q", "--bare", str(path)], check=True)
    blocks = []
    for commit in range(_COMMITS):
        text = f"repository {number}, file of commit {commit}\n".encode() * 200
        at = 1_700_000_000 + commit
        blocks.append(
            b"commit refs/heads/main\ncommitter A <a@corp.example> %d +0000\ndata 6\nchange\n"
            b"M 100644 inline file%d.txt\ndata %d\n%b\n" % (at, commit, len(text), text)
        )
    words = ["git", f"--git-dir={path}", "fast-import", "--quiet"]
    subprocess.run(words, input=b"".join(blocks), check=True)
    return path


def _best(words: list[str], env: dict[str, str]) -> float:
    return min(run(words, env).cost.wall for _ in range(_STARTS)) * 1000
