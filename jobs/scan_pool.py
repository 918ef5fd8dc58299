"""The local Executor: scans units in child processes that may hang, crash or be killed.

Each child takes many units, one at a time. A child that dies or outstays a limit loses the
unit it was at, which is tried again in a fresh child, and nothing else. An item at which two
children died is left out of the third attempt, and told as skipped.
"""

from __future__ import annotations

import contextlib
import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import TracebackType
from typing import IO, Self

import jobs
from correlate.model import Exposure, Skip
from correlate.ports import ScanUnit
from jobs.scan_spec import ScanSpec, spec_line
from jobs.wire import At, Done, Failed, from_line, to_line

_KEPT = ("PATH", "HOME", "TMPDIR", "LANG", "SSH_AUTH_SOCK", "SSL_CERT_FILE", "SSL_CERT_DIR")
_MOST_AVOIDED = 16  # items that end a child, of one unit: with more it is the unit that does
_PROXIES = ("https_proxy", "HTTPS_PROXY", "no_proxy", "NO_PROXY")


@dataclass(frozen=True, slots=True)
class UnitOutcome:
    """What became of one unit. `items` are the ids examined; empty for a failed unit, since what
    a broken child said of it is not kept. `dropped` counts look-alikes by reason; `at` is the
    item that a failed unit's child was looking at.
    """

    unit: ScanUnit
    ok: bool
    exposures: tuple[Exposure, ...] = ()
    skips: tuple[Skip, ...] = ()
    items: tuple[str, ...] = ()
    bytes: int = 0
    seconds: float = 0.0
    reason: str = ""
    dropped: Mapping[str, int] = field(default_factory=dict)
    at: str = ""


def scan_units(
    units: Iterable[ScanUnit], spec: ScanSpec, on_outcome: Callable[[UnitOutcome], None]
) -> None:
    """Scan every unit; call `on_outcome` once for each, in this thread, as they end.

    `units` is drawn from as children become free. A unit that fails in every attempt is an
    outcome with `ok` False and the last reason; it never ends the scan.
    """
    with _Pool(spec) as pool:
        for unit in units:
            while pool.full:
                on_outcome(pool.next_outcome())
            pool.submit(unit)
        while pool.pending:
            on_outcome(pool.next_outcome())


class _Pool:
    """One thread for each child; the threads only wait on pipes."""

    def __init__(self, spec: ScanSpec) -> None:
        self._spec = spec
        self._size = spec.workers or os.cpu_count() or 1
        self._units: queue.SimpleQueue[ScanUnit | None] = queue.SimpleQueue()
        self._outcomes: queue.SimpleQueue[UnitOutcome] = queue.SimpleQueue()
        self._workers: list[_Worker] = []
        self.pending = 0

    @property
    def full(self) -> bool:
        """Whether every child has a unit at hand and one waiting."""
        return self.pending >= 2 * self._size

    def submit(self, unit: ScanUnit) -> None:
        """Hand a unit to the first free child; starts a child for it while there are too few."""
        self.pending += 1
        self._units.put(unit)
        if len(self._workers) < self._size:
            self._workers.append(_Worker(self._spec, self._units, self._outcomes))
            self._workers[-1].start()

    def next_outcome(self) -> UnitOutcome:
        """Wait for the next unit that ends."""
        outcome = self._outcomes.get()
        self.pending -= 1
        return outcome

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        for worker in self._workers:
            worker.stop()
            self._units.put(None)
        for worker in self._workers:
            worker.join()


class _Worker(threading.Thread):
    """Drives one child at a time, and starts the next when it dies."""

    def __init__(
        self,
        spec: ScanSpec,
        units: queue.SimpleQueue[ScanUnit | None],
        outcomes: queue.SimpleQueue[UnitOutcome],
    ) -> None:
        super().__init__(name="scan-worker", daemon=True)
        self._spec, self._units, self._outcomes = spec, units, outcomes
        self._child: _Child | None = None
        self._stopped = False

    def run(self) -> None:
        """Take units until told to stop."""
        while not self._stopped and (unit := self._units.get()) is not None:
            self._outcomes.put(self._attempts(unit))
        self._end_child()

    def stop(self) -> None:
        """End after what is at hand is thrown away."""
        self._stopped = True
        child = self._child
        if child is not None:
            child.kill()

    def _attempts(self, unit: ScanUnit) -> UnitOutcome:
        outcome = UnitOutcome(unit, ok=False, reason="never tried")
        left, suspect, asked = self._spec.limits.attempts, "", unit
        while left and not self._stopped:
            if self._child is None:
                self._child = _Child(self._spec)
            outcome = self._child.scan(asked)
            if outcome.ok:
                break
            self._end_child()
            left -= 1
            if outcome.at and outcome.at == suspect and len(asked.avoid) < _MOST_AVOIDED:
                asked = replace(asked, avoid=(*asked.avoid, suspect))
                left = self._spec.limits.attempts
            suspect = outcome.at
        return replace(outcome, unit=unit)

    def _end_child(self) -> None:
        if self._child is not None:
            self._child.close()
            self._child = None


class _Child:
    """One scanning process, in a session of its own, so that its git dies with it."""

    def __init__(self, spec: ScanSpec) -> None:
        self._limits = spec.limits
        self._late = False
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "jobs.scan_child"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # a traceback could quote what was being read
            env=_environment(os.environ),
            start_new_session=True,
        )
        self._send(spec_line(spec))

    def scan(self, unit: ScanUnit) -> UnitOutcome:
        """Return what the child makes of the unit, or how it ended."""
        watch = threading.Timer(self._limits.wall_seconds, self._expire)
        watch.start()
        try:
            self._send(to_line(unit))
            return self._collect(unit)
        finally:
            watch.cancel()

    def kill(self) -> None:
        """End the child and all it started, at once; once gathered in, its id is another's."""
        if self._process.returncode is not None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)

    def close(self) -> None:
        """End the child and gather it in."""
        self.kill()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with contextlib.suppress(BrokenPipeError):
                    pipe.close()
        self._process.wait()

    def _collect(self, unit: ScanUnit) -> UnitOutcome:
        exposures: list[Exposure] = []
        skips: list[Skip] = []
        at = ""
        for line in _pipe(self._process.stdout):
            try:
                value = from_line(line)
            except ValueError:
                break  # cut off in the middle
            if isinstance(value, At):
                at = value.item
            elif isinstance(value, Exposure):
                exposures.append(value)
            elif isinstance(value, Skip):
                skips.append(value)
            elif isinstance(value, Failed):
                return UnitOutcome(unit, ok=False, reason=value.reason, at=at)
            elif isinstance(value, Done):
                return UnitOutcome(
                    unit,
                    ok=True,
                    exposures=tuple(exposures),
                    skips=tuple(skips),
                    items=value.items,
                    bytes=value.bytes,
                    seconds=value.seconds,
                    dropped=value.dropped,
                )
        return UnitOutcome(unit, ok=False, reason=self._end(), at=at)

    def _end(self) -> str:
        self.kill()
        status = self._process.wait()
        if self._late:
            return f"killed after {self._limits.wall_seconds:g} s"
        if status < 0:
            return f"the scanning process ended by signal {-status}"
        return f"the scanning process ended with status {status}"

    def _expire(self) -> None:
        self._late = True
        self.kill()

    def _send(self, line: bytes) -> None:
        with contextlib.suppress(BrokenPipeError):  # its end is told by `_collect`
            pipe = _pipe(self._process.stdin)
            pipe.write(line)
            pipe.flush()


def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
    if pipe is None:
        raise RuntimeError("a scan child has no pipe")
    return pipe


def _environment(environ: Mapping[str, str]) -> dict[str, str]:
    """What a child needs to run, and nothing that could be a secret."""
    kept = {name: environ[name] for name in (*_KEPT, *_PROXIES) if name in environ}
    return kept | {"PYTHONPATH": str(Path(jobs.__file__).parent.parent)}
