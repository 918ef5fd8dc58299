"""Step: scan what is new in every source, keep what was found, and ask who put it there."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import islice
from pathlib import Path

from correlate.errors import OffkeyError
from correlate.evidence import digest_of
from correlate.model import Coverage, CoverageState, Exposure, Locator, PersonId, Skip
from correlate.ports import Detector, ScanUnit, Source
from correlate.ports_store import Store
from correlate.verdict import LedgerEntry
from jobs.cache import cache_folder
from jobs.config import ConnectorConfig
from jobs.engine_cache import cached_engine
from jobs.known_items import Known
from jobs.outcome import Problem, problem
from jobs.people import circle
from jobs.progress import Progress
from jobs.rules import rules_of
from jobs.scan_names import Redactor, redactor
from jobs.scan_pool import UnitOutcome, scan_units
from jobs.scan_spec import ScanSpec
from jobs.settings import environment
from jobs.wiring import Wiring

STEP = "scan"
TRACES_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class ScanReport:
    """What the scan of all sources came to. `found` counts places, new or seen again."""

    coverage: tuple[Coverage, ...]
    problems: tuple[Problem, ...]
    items: int
    bytes: int
    found: int
    skipped: int


@dataclass(slots=True)
class _Tally:
    """The running count of one container."""

    items: int = 0
    bytes: int = 0
    found: int = 0
    skipped: int = 0
    gaps: list[str] = field(default_factory=list)

    @property
    def left_out(self) -> bool:
        """Whether anything was not looked at, for whatever reason."""
        return bool(self.gaps or self.skipped)

    def coverage(self, source: str, container: str) -> Coverage:
        state = CoverageState.INCOMPLETE if self.gaps else CoverageState.COMPLETE
        reason = self.gaps[0] if self.gaps else ""
        if len(self.gaps) > 1:
            reason += f", and {len(self.gaps) - 1} more"
        return Coverage(source, container, state, self.items, self.bytes, self.skipped, reason)


def detector_for(wiring: Wiring) -> Detector:
    """Return the detector over the kinds in force, its patterns compiled once and cached."""
    return cached_engine(wiring.kinds, _cache(wiring))


def scan_sources(wiring: Wiring, store: Store, now: datetime, progress: Progress) -> ScanReport:
    """Scan every source's unscanned items. A source that fails is counted, and the others go on."""
    reports = [
        _SourceScan(item, wiring, store, now, progress).run() for item in wiring.config.of("source")
    ]
    return ScanReport(
        tuple(part for report in reports for part in report.coverage),
        tuple(item for report in reports for item in report.problems),
        sum(report.items for report in reports),
        sum(report.bytes for report in reports),
        sum(report.found for report in reports),
        sum(report.skipped for report in reports),
    )


def rescan_places(
    wiring: Wiring, store: Store, who: PersonId, now: datetime, progress: Progress
) -> bool:
    """Scan what is new in the containers that a person put something into or could read.

    Returns whether all of them could be read whole.
    """
    touched: dict[str, set[str]] = defaultdict(set)
    with store.transaction() as tx:
        handles = circle(tx, now).handles_of({who})
        places = tx.access.readable(handles)
        for found in tx.scans.by_credential(tx.scans.mentioning(handles)):
            places |= {(one.locator.source, one.locator.container) for one in found}
    for source, container in places:
        touched[source].add(container)
    whole = True
    for item in wiring.config.of("source"):
        if item.name in touched:
            only = frozenset(touched[item.name])
            report = _SourceScan(item, wiring, store, now, progress, only).run()
            whole &= all(part.state is CoverageState.COMPLETE for part in report.coverage)
    return whole


@dataclass(frozen=True, slots=True)
class _SourceScan:
    """One source, scanned once."""

    item: ConnectorConfig
    wiring: Wiring
    store: Store
    now: datetime
    progress: Progress
    only: frozenset[str] | None = None
    tallies: dict[str, _Tally] = field(default_factory=lambda: defaultdict(_Tally))

    def run(self) -> ScanReport:
        self.progress.stage(f"reading {self.item.name}")
        try:
            source: Source = self.wiring.connector(self.item)
            detector = detector_for(self.wiring)
            names = redactor(detector, self.wiring.kinds)
            known = Known(self.store, self.item.name, detector.ruleset)
            scan_units(
                self._planned(source, known, names),
                self._spec(),
                lambda outcome: self._keep(outcome, known),
            )
            for container in known.asked:  # listed whole, though nothing in it may be new
                if self.only is None or container in self.only:
                    self.tallies.setdefault(container, _Tally())
            self._keep_shared(source, known)
            self._trace(source, names)
            self._keep_states(known)
        except OffkeyError as error:
            return self._failed(error)
        return self._report(
            tuple(
                tally.coverage(self.item.name, container)
                for container, tally in sorted(self.tallies.items())
            )
        )

    def _planned(self, source: Source, known: Known, names: Redactor) -> Iterator[ScanUnit]:
        for planned in source.units(known):
            if self.only is not None and planned.container not in self.only:
                continue
            if isinstance(planned, Skip):
                self._count(names.skip(planned))
                continue
            self.tallies.setdefault(planned.container, _Tally())
            self.progress.stage(f"scanning {planned.container}")
            yield planned

    def _keep(self, outcome: UnitOutcome, known: Known) -> None:
        tally = self.tallies[outcome.unit.container]
        if not outcome.ok:
            tally.gaps.append(f"a unit failed: {outcome.reason}")
            return
        for skip in outcome.skips:
            self._count(skip)
        unread = {skip.item for skip in outcome.skips}
        examined = [item for item in outcome.items if item not in unread]
        with self.store.transaction() as tx:
            tx.scans.save_exposures(outcome.exposures, self.now)
            if outcome.unit.container in known.asked:
                tx.scans.mark_scanned(known.ruleset, examined)
            facts = {
                "container": outcome.unit.container,
                "items": len(examined),
                "ruleset": known.ruleset,
                "exposures": len(outcome.exposures),
                "digest": digest_of([(one.fingerprint, one.locator) for one in outcome.exposures]),
            }
            tx.runs.append(LedgerEntry(self.now, "scanned", self.item.name, facts))
        tally.items += len(examined)
        tally.bytes += outcome.bytes
        tally.found += len(outcome.exposures)
        self.progress.advance(len(examined))

    def _count(self, skip: Skip) -> None:
        tally = self.tallies[skip.container]
        tally.skipped += bool(skip.item)
        if not skip.by_design:
            tally.gaps.append(f"{skip.item}: {skip.reason}" if skip.item else skip.reason)

    def _keep_shared(self, source: Source, known: Known) -> None:
        """Give this source's containers what scans elsewhere found in the objects they share."""
        for container, items in known.shared:
            with self.store.transaction() as tx:
                found = tx.scans.exposures_of_items(items)
                mine = [
                    replace(
                        exposure,
                        locator=replace(exposure.locator, source=source.name, container=container),
                        trace=None,
                    )
                    for exposure in _once(found)
                    if (exposure.locator.source, exposure.locator.container)
                    != (source.name, container)
                ]
                tx.scans.save_exposures(mine, self.now)

    def _keep_states(self, known: Known) -> None:
        """Remember the containers that were looked at whole: they need no listing until they change."""
        whole = {
            container: state
            for container, state in known.changed().items()
            if container in self.tallies and not self.tallies[container].left_out
        }
        if whole:
            with self.store.transaction() as tx:
                tx.scans.save_whole_scans(self.item.name, whole)

    def _trace(self, source: Source, names: Redactor) -> None:
        with self.store.transaction() as tx:
            locators = tx.scans.untraced(source.name)
        traces = source.trace(locators) if locators else iter(())
        while batch := list(islice(traces, TRACES_AT_ONCE)):
            with self.store.transaction() as tx:
                for trace in batch:
                    tx.scans.save_trace(names.trace(trace), self.now)

    def _spec(self) -> ScanSpec:
        config = self.wiring.config
        folder = config.path.resolve().parent
        return ScanSpec(
            type=self.item.type,
            name=self.item.name,
            table=self.item.table,
            where=self.item.where,
            folder=folder,
            workdir=self.wiring.workdir(self.item),
            cache=_cache(self.wiring),
            pepper=config.pepper(),
            rules=rules_of(config),
            environ=environment(),
        )

    def _failed(self, error: OffkeyError) -> ScanReport:
        lost = Coverage(self.item.name, "", CoverageState.FAILED, reason=error.why)
        kept = [
            tally.coverage(self.item.name, container)
            for container, tally in sorted(self.tallies.items())
        ]
        return self._report((lost, *kept), (problem(STEP, self.item.name, error),))

    def _report(
        self, coverage: tuple[Coverage, ...], problems: tuple[Problem, ...] = ()
    ) -> ScanReport:
        tallies = self.tallies.values()
        return ScanReport(
            coverage,
            problems,
            sum(tally.items for tally in tallies),
            sum(tally.bytes for tally in tallies),
            sum(tally.found for tally in tallies),
            sum(tally.skipped for tally in tallies),
        )


def _cache(wiring: Wiring) -> Path:
    return cache_folder(wiring.config.organisation.state / "cache")


def _once(found: list[Exposure]) -> Iterator[Exposure]:
    """Yield one exposure for each credential and place inside an item, whichever container it is in."""
    seen: set[tuple[object, Locator]] = set()
    for exposure in found:
        place = replace(exposure.locator, source="", container="")
        if (exposure.fingerprint, place) not in seen:
            seen.add((exposure.fingerprint, place))
            yield exposure
