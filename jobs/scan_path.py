"""`offkey scan PATH`: one folder or repository, without configuration, store or network."""

from __future__ import annotations

import contextlib
import os
import secrets
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from connectors.git_mirror import find_git_dir
from correlate.errors import ConfigError
from correlate.kind import Kind
from correlate.model import Coverage, CoverageState, Exposure, Skip
from correlate.ports import ScanUnit, Source
from correlate.secret import Pepper
from jobs.engine_cache import cached_engine
from jobs.rules import RuleFiles, kinds_of
from jobs.scan_names import redactor
from jobs.scan_pool import UnitOutcome, scan_units
from jobs.scan_spec import Limits, ScanSpec, source_of


@dataclass(frozen=True, slots=True)
class PathScan:
    """What stands under a path. Exposures carry their traces; equal fingerprints mean equal
    secrets within this scan only, since its pepper was made for it. `kinds` are those looked
    for; `dropped` counts by reason the look-alikes that were taken for no credential.
    """

    exposures: tuple[Exposure, ...]
    skips: tuple[Skip, ...]
    coverage: tuple[Coverage, ...]
    kinds: tuple[Kind, ...] = ()
    dropped: Mapping[str, int] = field(default_factory=dict)


class _NothingKnown:
    def unchanged(self, container: str, state: str) -> bool:  # noqa: ARG002
        """Nothing was scanned before."""
        return False

    def unknown(self, container: str, items: Sequence[str]) -> Sequence[str]:  # noqa: ARG002
        """Everything is new."""
        return items


def scan_path(
    path: Path,
    *,
    rules: RuleFiles = RuleFiles(),  # noqa: B008  # frozen
    cache: Path | None = None,
    workers: int = 0,
    tell_dropped: bool = False,
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
            rules=rules,
            tell_dropped=tell_dropped,
            limits=limits,
            workers=workers,
        )
        place = str(path.resolve())
        kinds = kinds_of(spec.rules, spec.cache)
        parts = [_scan(part, kinds, place, on_outcome) for part in _specs(path, spec)]
    return _joined(parts, kinds)


def _specs(path: Path, spec: ScanSpec) -> Iterator[ScanSpec]:
    """One spec for the histories at the path and below it, one for the files beside them."""
    place = path.resolve()
    repositories = [str(found) for found in _repositories(place)]
    if repositories:
        table = {"repositories": repositories, "root": str(place.parent)}
        yield replace(spec, type="git", table=table)
    if repositories != [str(place)] or (place / ".git").exists():
        yield replace(spec, type="folder", table={"path": str(place), "histories_elsewhere": True})


def _repositories(place: Path) -> Iterator[Path]:
    """Every repository at the path and below it; none inside of a bare one."""
    for folder, folders, files in os.walk(place):
        with contextlib.suppress(ConfigError):
            if ".git" in folders or ".git" in files or folder == str(place):
                bare = find_git_dir(Path(folder)) == Path(folder)
                yield Path(folder)
                if bare:
                    return
        folders[:] = sorted(name for name in folders if name != ".git")


def _scan(
    spec: ScanSpec,
    kinds: tuple[Kind, ...],
    place: str,
    on_outcome: Callable[[UnitOutcome], None],
) -> PathScan:
    outcomes: list[UnitOutcome] = []
    skips: list[Skip] = []

    def note(outcome: UnitOutcome) -> None:
        outcomes.append(outcome)
        on_outcome(outcome)

    source = source_of(spec)
    # before the children start, so that patterns are compiled once and not by each of them
    names = redactor(cached_engine(kinds, spec.cache), kinds)
    scan_units(_units_of(source, skips), spec, note)
    found = [exposure for outcome in outcomes for exposure in outcome.exposures]
    traces = {t.locator: names.trace(t) for t in source.trace([e.locator for e in found])}
    skips = [names.skip(skip) for skip in skips]
    skips += [skip for outcome in outcomes for skip in outcome.skips]
    exposures = tuple(replace(e, trace=traces.get(e.locator, e.trace)) for e in found)
    coverage = _coverage(spec.type, place, outcomes, skips)
    dropped = sum((Counter(outcome.dropped) for outcome in outcomes), Counter[str]())
    return PathScan(exposures, tuple(skips), (coverage,), kinds, dropped)


def _coverage(
    source: str, place: str, outcomes: Sequence[UnitOutcome], skips: Sequence[Skip]
) -> Coverage:
    missed = [skip.reason for skip in skips if not skip.by_design]
    failed = [outcome for outcome in outcomes if not outcome.ok]
    reasons = [*(outcome.reason for outcome in failed), *missed]
    return Coverage(
        source=source,
        container=place,
        state=CoverageState.INCOMPLETE if reasons else CoverageState.COMPLETE,
        items=sum(len(outcome.items) for outcome in outcomes),
        bytes=sum(outcome.bytes for outcome in outcomes),
        skipped=len(skips) + sum(outcome.unit.items for outcome in failed),
        reason=reasons[0] if reasons else "",
    )


def _units_of(source: Source, skips: list[Skip]) -> Iterator[ScanUnit]:
    for unit in source.units(_NothingKnown()):
        if isinstance(unit, Skip):
            skips.append(unit)
        else:
            yield unit


def _joined(parts: Iterable[PathScan], kinds: tuple[Kind, ...]) -> PathScan:
    """The parts as one; what an earlier part found is not found again in a later one."""
    exposures: list[Exposure] = []
    skips: list[Skip] = []
    coverage: list[Coverage] = []
    dropped: Counter[str] = Counter()
    for part in parts:
        known = {exposure.fingerprint for exposure in exposures}
        exposures += [e for e in part.exposures if e.fingerprint not in known]
        skips += part.skips
        coverage += part.coverage
        dropped.update(part.dropped)
    return PathScan(tuple(exposures), tuple(skips), tuple(coverage), kinds, dropped)
