"""`offkey scan PATH`: one folder or repository, without configuration, store or network."""

from __future__ import annotations

import secrets
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from connectors import source_folder, source_git
from connectors.git_mirror import find_git_dir
from correlate.errors import ConfigError
from correlate.model import Coverage, CoverageState, Exposure, Skip
from correlate.ports import ScanUnit, Setup, Source
from correlate.secret import Pepper
from jobs.scan_pool import UnitOutcome, scan_units
from jobs.scan_spec import Limits, ScanSpec


@dataclass(frozen=True, slots=True)
class PathScan:
    """What stands under a path. Exposures carry their traces; equal fingerprints mean equal
    secrets within this scan only, since its pepper was made for it.
    """

    exposures: tuple[Exposure, ...]
    skips: tuple[Skip, ...]
    coverage: tuple[Coverage, ...]


class _NothingKnown:
    def unknown(self, container: str, items: Sequence[str]) -> Sequence[str]:  # noqa: ARG002
        """Everything is new."""
        return items


@dataclass(frozen=True, slots=True)
class _Target:
    """One source to scan and how a child is told of it."""

    source: Source
    type: str
    table: dict[str, Any]
    container: str


def scan_path(
    path: Path,
    *,
    kind_folders: tuple[Path, ...] = (),
    cache: Path | None = None,
    workers: int = 0,
    limits: Limits = Limits(),  # noqa: B008  # frozen
    on_outcome: Callable[[UnitOutcome], None] = lambda _: None,
) -> PathScan:
    """Scan a git repository's every object and its working files, or a plain folder's files.

    `on_outcome` is told of each unit as it ends, for progress. A working file's secret that
    the repository's objects hold as well is reported there only. Raises ConfigError for a
    path that does not exist.
    """
    if not path.exists():
        raise ConfigError(
            "There is nothing to scan", where=str(path), why="no such path", fix="check its name"
        )
    with tempfile.TemporaryDirectory(prefix="offkey-") as work:
        spec = ScanSpec(
            type="",
            name="scan",
            table={},
            where="scan",
            folder=Path.cwd(),
            workdir=Path(work),
            cache=cache or Path(work),
            pepper=Pepper("scan", secrets.token_bytes(Pepper.MIN_BYTES)),
            kind_folders=kind_folders,
            limits=limits,
            workers=workers,
        )
        parts = [_scan(target, spec, on_outcome) for target in _targets(path, spec.workdir)]
    return _joined(parts)


def _targets(path: Path, work: Path) -> Iterator[_Target]:
    place = str(path.resolve())
    setup = Setup("scan", work)
    try:
        bare = find_git_dir(path) == path.resolve()
        settings = source_git.Settings(repositories=(place,))
        source: Source = source_git.connect(settings, setup)
        yield _Target(source, "git", {"repositories": [place]}, place)
    except ConfigError:
        bare = False
    if not bare and path.is_dir():
        source = source_folder.connect(source_folder.Settings(Path(place)), setup)
        yield _Target(source, "folder", {"path": place}, place)


def _scan(target: _Target, spec: ScanSpec, on_outcome: Callable[[UnitOutcome], None]) -> PathScan:
    outcomes: list[UnitOutcome] = []
    skips: list[Skip] = []

    def note(outcome: UnitOutcome) -> None:
        outcomes.append(outcome)
        on_outcome(outcome)

    units = _units_of(target.source, skips)
    scan_units(units, replace(spec, type=target.type, table=target.table), note)
    found = [exposure for outcome in outcomes for exposure in outcome.exposures]
    traces = {trace.locator: trace for trace in target.source.trace([e.locator for e in found])}
    skips += [skip for outcome in outcomes for skip in outcome.skips]
    failed = [outcome for outcome in outcomes if not outcome.ok]
    missed = [skip for skip in skips if not skip.by_design]
    coverage = Coverage(
        source=target.type,
        container=target.container,
        state=CoverageState.INCOMPLETE if missed or failed else CoverageState.COMPLETE,
        items=sum(len(outcome.items) for outcome in outcomes),
        bytes=sum(outcome.bytes for outcome in outcomes),
        skipped=len(skips) + sum(outcome.unit.items for outcome in failed),
        reason=failed[0].reason if failed else missed[0].reason if missed else "",
    )
    exposures = tuple(replace(e, trace=traces.get(e.locator, e.trace)) for e in found)
    return PathScan(exposures, tuple(skips), (coverage,))


def _units_of(source: Source, skips: list[Skip]) -> Iterator[ScanUnit]:
    for unit in source.units(_NothingKnown()):
        if isinstance(unit, Skip):
            skips.append(unit)
        else:
            yield unit


def _joined(parts: Iterable[PathScan]) -> PathScan:
    """The parts as one; what an earlier part found is not found again in a later one."""
    exposures: list[Exposure] = []
    skips: list[Skip] = []
    coverage: list[Coverage] = []
    for part in parts:
        known = {exposure.fingerprint for exposure in exposures}
        exposures += [e for e in part.exposures if e.fingerprint not in known]
        skips += part.skips
        coverage += part.coverage
    return PathScan(tuple(exposures), tuple(skips), tuple(coverage))
