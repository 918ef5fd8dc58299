"""A git source for the scan tests: its spec, and units planned over a real repository."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from correlate.ports import ScanUnit
from correlate.secret import Pepper
from detectors.mint import mint
from jobs.cache import cache_folder
from jobs.kind_files import packaged_kinds
from jobs.scan_pool import UnitOutcome, scan_units
from jobs.scan_spec import Limits, ScanSpec, source_of
from tests.connectors.gitrepo import Everything, Repo

PEPPER = Pepper("p1", b"\x07" * 32)
KINDS = {kind.id: kind for kind in packaged_kinds()}


def token(name: str = "npm_token", seed: str = "a") -> str:
    return mint(KINDS[name], seed)  # type: ignore[index]  # ids are strings


def spec_of(tmp_path: Path, *repositories: Path, limits: Limits = Limits(), workers: int = 2) -> ScanSpec:  # fmt: skip  # noqa: B008  # frozen
    return ScanSpec(
        type="git",
        name="code",
        table={"repositories": [str(path) for path in repositories], "unit_mb": 1},
        where="sources[0]",
        folder=tmp_path,
        workdir=tmp_path / "work",
        cache=cache_folder(tmp_path / "cache"),
        pepper=PEPPER,
        limits=limits,
        workers=workers,
    )


def units_of(spec: ScanSpec) -> list[ScanUnit]:
    return [unit for unit in source_of(spec).units(Everything()) if isinstance(unit, ScanUnit)]


def scan(spec: ScanSpec, units: list[ScanUnit]) -> list[UnitOutcome]:
    outcomes: list[UnitOutcome] = []
    scan_units(units, spec, outcomes.append)
    return outcomes


def big_repo(path: Path, files: int = 6) -> Repo:
    """A repository of several units at one megabyte each, a token in every file."""
    repo = Repo(path)
    noise = "line of harmless text\n" * 20_000
    repo.commit({f"f{n}.txt": f"{n}\n{token(seed=str(n))}\n{noise}" for n in range(files)})
    return repo


def fake_git(folder: Path, script: str) -> str:
    """A PATH on which git is `script`; $REAL is the real one."""
    real = next(
        str(Path(part) / "git")
        for part in os.environ["PATH"].split(":")
        if (Path(part) / "git").exists()
    )
    folder.mkdir(exist_ok=True)
    path = folder / "git"
    path.write_text(f"#!/bin/sh\nREAL={real}\n{script}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return f"{folder}:{os.environ['PATH']}"
