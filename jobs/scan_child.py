"""The scanning process: takes units on its standard input, gives what it found on its output.

Its supervisor may kill it at any time and run the unit again elsewhere. It holds plaintext only
between a detector and the fingerprint. Run as `python -m jobs.scan_child`; not for people.
"""

from __future__ import annotations

import os
import resource
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import IO, Any

from correlate.errors import OffkeyError
from correlate.kind import Grade
from correlate.model import Batch, Document, Exposure, Finding, KindId, Skip
from correlate.ports import Detector, ScanUnit, Source
from correlate.secret import Pepper
from detectors.baseline import NO_SECRET, Baseline
from jobs.engine_cache import cached_engine
from jobs.rules import baseline_of, kinds_of
from jobs.scan_hints import hints_of
from jobs.scan_names import Redactor, redactor
from jobs.scan_spec import ScanSpec, source_of, spec_from_line
from jobs.wire import At, Done, Failed, Line, from_line, to_line


@dataclass(frozen=True, slots=True)
class Scanner:
    """A source, a detector and the pepper: all that a unit needs."""

    source: Source
    detector: Detector
    pepper: Pepper
    redactor: Redactor
    baseline: Baseline = field(default_factory=Baseline)
    issuers: Mapping[KindId, str] = field(default_factory=dict)

    def scan(self, unit: ScanUnit) -> Iterator[Line]:
        """Yield what the unit holds; the last line is Done. Raises what the source raises."""
        started = time.monotonic()
        items: dict[str, None] = {}
        size = 0
        self.detector.dropped.clear()
        for piece in self.source.documents(unit):
            match piece:
                case Skip():
                    yield self.redactor.skip(piece)
                case Batch():
                    items.update(dict.fromkeys(piece.items))
                    size += sum(piece.ends) - sum(piece.starts)
                    for number, seen in self.detector.screen(piece):
                        if piece.items[number] not in unit.avoid:
                            yield from self._look(piece.document(number), seen)
                    yield At("")
                case Document():
                    items[piece.locator.item] = None
                    size += len(piece.data)
                    if piece.locator.item not in unit.avoid:
                        yield from self._look(piece)
                        yield At("")
        for item in unit.avoid:
            yield Skip(
                unit.source, unit.container, item, "it ended every process that looked at it"
            )
        seconds = round(time.monotonic() - started, 3)
        yield Done(tuple(items), size, seconds, dict(self.detector.dropped))

    def _look(self, document: Document, seen: Any = None) -> Iterator[Line]:
        yield At(document.locator.item)
        for found in self.detector.find(document, seen):
            if isinstance(found, Skip):
                yield self.redactor.skip(found)
            else:
                yield self._exposure(document, found)

    def _exposure(self, document: Document, finding: Finding) -> Exposure:
        audited = self.baseline.verdict(finding.secret.reveal())
        facts = {**finding.facts, **({"baseline": audited} if audited else {})}
        return self.redactor.exposure(
            Exposure(
                fingerprint=self.pepper.fingerprint(finding.kind, finding.secret),
                kind=finding.kind,
                locator=finding.locator,
                medium=finding.medium,
                facts=facts,
                suppressed=finding.suppressed or (audited if audited == NO_SECRET else ""),
                trace=document.trace,
                hints=self._hints(finding),
            )
        )

    def _hints(self, finding: Finding) -> tuple[str, ...]:
        issuer = self.issuers.get(finding.kind, "")
        return hints_of(issuer, finding.secret, self.pepper) if issuer else ()


def scanner_of(spec: ScanSpec) -> Scanner:
    """Return the scanner a spec describes. Raises ConfigError."""
    kinds = kinds_of(spec.rules, spec.cache)
    engine = cached_engine(kinds, spec.cache, tell_dropped=spec.tell_dropped)
    names = redactor(engine, kinds)
    issuers = {kind.id: kind.issuer for kind in kinds if kind.grade is Grade.ISSUER}
    source, baseline = source_of(spec, kinds), baseline_of(spec.rules)
    return Scanner(source, engine, spec.pepper, names, baseline, issuers)


def serve(stdin: IO[bytes], stdout: IO[bytes]) -> None:
    """Scan units until the input ends. Every unit ends in one Done or Failed line."""
    spec = spec_from_line(stdin.readline())
    _limit_memory(spec.limits.memory_mb)
    try:
        scanner = scanner_of(spec)
    except OffkeyError as error:
        stdout.write(to_line(Failed(f"{error.what}: {error.why}")))
        stdout.flush()
        return
    for line in stdin:
        unit = from_line(line)
        if not isinstance(unit, ScanUnit):
            raise TypeError("a scan child takes units only")
        _limit_cpu(spec.limits.cpu_seconds)
        for answer in _answers(scanner, unit):
            stdout.write(to_line(answer))
            if isinstance(answer, At):
                stdout.flush()  # nobody could tell it when we are dead
        stdout.flush()


def _answers(scanner: Scanner, unit: ScanUnit) -> Iterator[Line]:
    try:
        yield from scanner.scan(unit)
    except OffkeyError as error:
        yield Failed(f"{error.what}: {error.why}")
    except MemoryError:
        yield Failed("out of memory")
    except Exception as error:  # noqa: BLE001  # the text of an unforeseen error may hold a secret
        yield Failed(f"an unforeseen {type(error).__name__}")


def _limit_memory(megabytes: int) -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a core file would hold plaintext
    limit = megabytes << 20
    # not RLIMIT_AS: git maps whole indexes, and mapped files can be dropped at any time
    resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))


def _limit_cpu(seconds: int) -> None:
    """Grant this unit its share of processor time on top of what is used; SIGXCPU ends us."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    soft = int(used.ru_utime + used.ru_stime) + seconds
    resource.setrlimit(resource.RLIMIT_CPU, (soft, hard))


def main() -> None:
    """Serve on the standard streams; whatever else prints goes to the error stream."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    serve(sys.stdin.buffer, answers)


if __name__ == "__main__":
    main()
