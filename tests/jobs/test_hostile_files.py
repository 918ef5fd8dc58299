"""Files that somebody made to hold a scan up, end it, or hide something from it.

All stand in one history: none may cost another, and what of them was not looked into is told.
"""

from __future__ import annotations

import base64
import bz2
import io
import lzma
import random
import re
import tarfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from correlate.model import CoverageState, Exposure
from jobs.cache import cache_folder
from jobs.scan_path import PathScan, scan_path
from jobs.scan_pool import UnitOutcome, scan_units
from jobs.scan_spec import Limits
from tests.connectors.gitrepo import Repo
from tests.jobs import hostile
from tests.jobs.scanning import spec_of, token, units_of

MEMORY_MB = 512
PROC = Path("/proc/self/task")
MB = 1 << 20


def secret(name: str) -> bytes:
    return b"x %b\n" % token(seed=name).encode()


def noise(size: int) -> bytes:
    return random.Random(size).randbytes(size)  # noqa: S311  # the same each time


def minified(size: int) -> bytes:
    """Return one line of script, a bit of it again and again."""
    words, draw = ("function", "return", "this", "document", "length"), random.Random(1)  # noqa: S311
    piece = "".join(
        f"{draw.choice(words)}({draw.randrange(1 << 30):x}.{draw.choice(words)}[{number}]);"
        for number in range(30_000)
    ).encode()
    return piece * (size // len(piece))


def entry_of_zeros(size: int, told: int) -> tuple[str, bytes, int, int]:
    return "zeros", hostile.deflated_zeros(size), told, 0


def archive(name: str, *entries: tuple[str, bytes, int, int]) -> bytes:
    """Return a zip of the entries and an innocent file."""
    return hostile.zip_of([*entries, hostile.zip_entry("innocent.txt", secret(name))])


def many_entries(name: str) -> bytes:
    empty = (hostile.zip_entry(f"e{number}", b"") for number in range(200_000))
    return hostile.zip_of([hostile.zip_entry("innocent.txt", secret(name)), *empty])


def within_itself(name: str) -> bytes:
    """Return a zip in a zip in a zip, with a file beside each."""
    data = secret(name)
    for level in range(20):
        files = {"in.zip": data, "beside.txt": secret(f"{name} {level}")}
        data = hostile.zip_of(hostile.zip_entry(*item) for item in files.items())
    return data


def wide_and_deep() -> bytes:
    """Return a million files of a megabyte: sixteen times the same in each of five layers."""
    data = b"\0" * MB
    for _ in range(5):
        data = hostile.zip_of(hostile.zip_entry(f"{number}.zip", data) for number in range(16))
    return data


def long_tar() -> bytes:
    whole = io.BytesIO()
    with tarfile.open(fileobj=whole, mode="w") as tar:
        for number in range(12_000):
            tar.addfile(tarfile.TarInfo(f"e{number}"))
    return whole.getvalue()


def deep_notebook(depth: int, name: str) -> bytes:
    cells = b"[" * depth + b"]" * depth
    return b'{"nbformat": 4, "cells": %b, "x": "%b"}' % (cells, token(seed=name).encode())


@dataclass(frozen=True, slots=True)
class Case:
    """A hostile file by what makes it; how many secrets of it are found; what is told of it."""

    make: Callable[[str], bytes]
    found: int = 1
    told: str = ""


CASES: Mapping[str, Case] = {
    "a script of 28 MB in one line": Case(lambda n: minified(28 * MB) + secret(n)),
    "31 MB of zeros": Case(lambda n: b"\0" * (31 * MB) + secret(n)),
    "20 million line ends": Case(lambda n: b"\n" * (20 * MB) + secret(n)),
    "20 MB of base64 in one line": Case(
        lambda n: base64.b64encode(noise(15 * MB) + secret(n)),
    ),
    "20 MB of base64 in short lines": Case(
        lambda n: base64.encodebytes(noise(15 * MB + 1) + secret(n)),
    ),
    "20 MB of hexadecimal digits": Case(lambda n: (noise(10 * MB) + secret(n)).hex().encode()),
    "9 MB of percent signs": Case(
        lambda n: b"%41" * (3 * MB) + b" " + b"".join(b"%%%02x" % byte for byte in secret(n))
    ),
    "a zip that says it holds 4 GB": Case(
        lambda n: archive(n, entry_of_zeros(4 << 30, (4 << 30) - 1)),
        told="above the .* of a member",
    ),
    "a zip that hides that it holds 10 GB": Case(
        lambda n: archive(n, entry_of_zeros(10 << 30, 1000)), told="zeros: damaged"
    ),
    "a zip of 30 MB packed a thousandfold": Case(
        lambda n: archive(n, entry_of_zeros(30 * MB, 30 * MB)), told="400 times its size"
    ),
    "a zip of 200,000 entries": Case(many_entries, 0, "more than 10,000 entries"),
    "a zip within itself, twenty deep": Case(within_itself, 5, "more than 5 layers"),
    "a zip of a million files": Case(lambda _: wide_and_deep(), 0, "unpack to more than"),
    "a tar of 12,000 entries": Case(lambda _: long_tar(), 0, "more than 10,000 entries"),
    "a gzip of 10 GB": Case(
        lambda n: hostile.gzip_of_zeros(10 << 30, secret(n)), told="unpacks to more than"
    ),
    "a bzip2 of 50 MB in 90 bytes": Case(
        lambda n: bz2.compress(secret(n) + b"\0" * (50 * MB)), told="unpacks to more than"
    ),
    "an xz of 50 MB": Case(
        lambda n: lzma.compress(secret(n) + b"\0" * (50 * MB)), told="unpacks to more than"
    ),
    "a notebook 100,000 lists deep": Case(lambda n: deep_notebook(100_000, n)),
    "a notebook that never closes": Case(
        lambda n: secret(n) + b'{"nbformat": 4, "cells": [' + b'{"a":' * 300_000
    ),
    "5,000 secrets": Case(
        lambda n: b"".join(secret(f"{n} {number}") for number in range(5_000)), 5_000
    ),
    "an innocent file": Case(secret),
}


def children() -> Iterator[str]:
    """The ids of the scanning processes that this one has started."""
    for known in PROC.glob("*/children"):
        with suppress(OSError):  # a thread or a child may end between being listed and being read
            for pid in known.read_text().split():
                if b"jobs.scan_child" in Path("/proc", pid, "cmdline").read_bytes():
                    yield pid


def peak_mb(pid: str) -> int:
    """The most memory that a process ever had, what it maps included."""
    with suppress(OSError):
        status = Path("/proc", pid, "status").read_text()
        found = re.search(r"VmHWM:\s+(\d+) kB", status)
        return int(found[1]) >> 10 if found else 0
    return 0


@dataclass(slots=True)
class Scanned:
    """What one scan of all the cases came to."""

    items: dict[str, str]
    scan: PathScan
    peaks: list[int] = field(default_factory=list)


@pytest.fixture(scope="module")
def scanned(tmp_path_factory: pytest.TempPathFactory) -> Scanned:
    folder = tmp_path_factory.mktemp("hostile")
    files = {name: case.make(name) for name, case in CASES.items()}
    repo = Repo(folder / "r.git", "--bare")
    repo.git("config", "core.compression", "0")
    hostile.fast_import(repo, files)
    peaks: list[int] = []
    scan = scan_path(
        repo.path,
        cache=cache_folder(folder / "cache"),
        workers=2,
        limits=Limits(wall_seconds=120, memory_mb=MEMORY_MB),
        on_outcome=lambda _: peaks.extend(map(peak_mb, children())),
    )
    return Scanned({name: hostile.blob_id(text) for name, text in files.items()}, scan, peaks)


@pytest.mark.parametrize("name", CASES)
def test_a_hostile_file_is_read_as_far_as_told(scanned: Scanned, name: str) -> None:
    case, item = CASES[name], scanned.items[name]
    found = [exposure for exposure in scanned.scan.exposures if exposure.locator.item == item]
    assert len(found) == case.found
    assert all(e.trace and e.trace.path == name for e in found)
    told = [skip.reason for skip in scanned.scan.skips if skip.item == item]
    assert bool(told) == bool(case.told)
    assert all(re.search(case.told, reason) for reason in told)


def test_no_unit_fails_for_them(scanned: Scanned) -> None:
    (part,) = scanned.scan.coverage
    assert part.state is CoverageState.INCOMPLETE
    assert part.items == len(CASES) + 1
    assert part.reason in {skip.reason for skip in scanned.scan.skips}


@pytest.mark.skipif(not PROC.exists(), reason="only Linux tells the peak of another process")
def test_no_process_takes_more_memory_than_it_is_given(scanned: Scanned) -> None:
    assert scanned.peaks
    assert 0 < max(scanned.peaks) < MEMORY_MB


@pytest.mark.long
def test_fifty_megabytes_in_one_line_are_read_where_the_limit_allows(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "r")
    hostile.fast_import(repo, {"script.js": minified(50 * MB) + secret("script")})
    spec = spec_of(tmp_path, repo.path)
    assert isinstance(spec.table, dict)
    spec.table["max_object_mb"] = 64
    outcomes: list[UnitOutcome] = []
    scan_units(units_of(spec), spec, outcomes.append)
    assert all(outcome.ok for outcome in outcomes)
    assert sum(len(outcome.exposures) for outcome in outcomes) == 1


# --- a file that ends whoever looks at it -----------------------------------------------------


def beside_innocents(folder: Path, poison: bytes) -> Repo:
    """Return a repository in which the poison stands between files with a secret each."""
    repo = Repo(folder / "r.git", "--bare")
    files = {f"{number}.txt": secret(str(number)) for number in range(6)}
    hostile.fast_import(repo, {**files, "3 poison": poison})
    return repo


def scan_with(repo: Repo, limits: Limits) -> tuple[PathScan, list[UnitOutcome]]:
    outcomes: list[UnitOutcome] = []
    cache = cache_folder(repo.path.parent / "cache")
    scan = scan_path(repo.path, cache=cache, workers=1, limits=limits, on_outcome=outcomes.append)
    return scan, outcomes


def paths(exposures: tuple[Exposure, ...]) -> list[str]:
    return sorted(exposure.trace.path for exposure in exposures if exposure.trace is not None)


POISONS: Mapping[str, tuple[Callable[[], bytes], Limits]] = {
    "processor time": (
        lambda: b"".join(b"x%d %b" % (n, secret("a")) * 8 for n in range(60_000)),
        # an innocent scan takes 0.7 s and this one 18 s, and each several times that on a busy machine
        Limits(cpu_seconds=6, attempts=2),
    ),
    "memory": (
        lambda: base64.b64encode(noise(20 * MB) + secret("a")),
        Limits(memory_mb=140, attempts=2),
    ),
}


@pytest.mark.parametrize("name", POISONS)
def test_what_ends_every_process_is_left_out_and_told_and_the_rest_is_scanned(
    tmp_path: Path, name: str
) -> None:
    make, limits = POISONS[name]
    poison = make()
    scan, outcomes = scan_with(beside_innocents(tmp_path, poison), limits)
    assert paths(scan.exposures) == [f"{number}.txt" for number in range(6)]
    assert [(skip.item, skip.reason) for skip in scan.skips] == [
        (hostile.blob_id(poison), "it ended every process that looked at it")
    ]
    assert scan.coverage[0].state is CoverageState.INCOMPLETE
    assert [outcome.ok for outcome in outcomes] == [True]


@pytest.mark.parametrize(
    ("name", "reason"),
    [("processor time", "ended by signal"), ("memory", "out of memory")],
)
def test_what_ended_the_only_attempt_is_told(tmp_path: Path, name: str, reason: str) -> None:
    make, limits = POISONS[name]
    once = Limits(cpu_seconds=limits.cpu_seconds, memory_mb=limits.memory_mb, attempts=1)
    scan, outcomes = scan_with(beside_innocents(tmp_path, make()), once)
    assert [outcome.ok for outcome in outcomes] == [False]
    assert reason in scan.coverage[0].reason
    assert scan.coverage[0].skipped == 8
