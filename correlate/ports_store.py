"""The store's seam: what is kept between steps, so that each step can be rerun alone.

Every verb works inside a transaction: all of it is kept or none. The same input twice
changes nothing. No verb takes or gives plaintext.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from correlate.listed import Listed
from correlate.model import (
    CaseKey,
    Coverage,
    Exposure,
    KindId,
    Liveness,
    Locator,
    PeopleSnapshot,
    TicketRef,
    Trace,
)
from correlate.secret import Fingerprint
from correlate.verdict import (
    Absence,
    Case,
    Correction,
    Departure,
    LedgerEntry,
    SuccessionStep,
    Watch,
)


class Phase(StrEnum):
    """How far a case's ticket has come in one ticket system."""

    CREATING = "creating"  # a create was sent; whether it arrived is not known
    OPEN = "open"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Delivery:
    """The outbox row of one case in one ticket system; at most one exists per pair.

    Written as CREATING and committed before the create is sent, so that a crash leaves a
    row to look up by. `digest` is that of the draft the ticket shows.
    """

    sink: str
    key: CaseKey
    phase: Phase
    attempted_at: datetime
    attempts: int = 1
    ref: TicketRef | None = None
    digest: str = ""


@dataclass(frozen=True, slots=True)
class Answers:
    """What issuers said of one credential: the last definite answer, and the last of any sort."""

    definite: Liveness | None
    latest: Liveness | None


@dataclass(frozen=True, slots=True)
class Uses:
    """When we asked about one credential, and when its issuer said that it was last used."""

    asked: Sequence[datetime] = ()
    used: Sequence[datetime] = ()


@dataclass(frozen=True, slots=True)
class RunRecord:
    """One run of a job. `outcome` is empty while it runs or after it was killed."""

    id: str
    job: str
    started_at: datetime
    finished_at: datetime | None = None
    outcome: str = ""


class ScanVerbs(Protocol):
    """What was scanned, and what was found where."""

    def unscanned(self, ruleset: str, items: Sequence[str]) -> list[str]: ...

    def mark_scanned(self, ruleset: str, items: Sequence[str]) -> None: ...

    def whole_scans(self, source: str) -> Mapping[str, str]:
        """Return the state in which each container of a source was last scanned whole."""

    def save_whole_scans(self, source: str, states: Mapping[str, str]) -> None: ...

    def save_exposures(self, exposures: Iterable[Exposure], now: datetime) -> None:
        """Add new places; of known ones move `last_seen_at` and keep the trace they have."""

    def exposures_of_items(self, items: Sequence[str]) -> list[Exposure]: ...

    def untraced(self, source: str) -> list[Locator]: ...

    def save_trace(self, trace: Trace) -> None: ...

    def exposures(self, fingerprint: Fingerprint | None = None) -> list[Exposure]:
        """Return the places of one credential, or of all, in a stable order."""

    def save_answer(self, fingerprint: Fingerprint, kind: KindId, answer: Liveness) -> None: ...

    def save_answers(self, given: Sequence[tuple[Fingerprint, KindId, Liveness]]) -> None: ...

    def drop_answers(self, given: Sequence[tuple[Fingerprint, Liveness]]) -> None:
        """Take back answers that stood in for those that came."""

    def uses(self, fingerprints: Sequence[Fingerprint]) -> Mapping[Fingerprint, Uses]:
        """Return what all answers on these say of when they were used, in no order."""

    def answers(self) -> Mapping[Fingerprint, Answers]: ...


class PeopleVerbs(Protocol):
    """The last good snapshot of each feed, and every departure ever stated."""

    def last_snapshot(self, feed: str) -> PeopleSnapshot | None: ...

    def save_snapshot(self, snapshot: PeopleSnapshot) -> None: ...

    def snapshots(self) -> list[PeopleSnapshot]: ...

    def record_departure(self, departure: Departure, now: datetime) -> bool:
        """Append a departure unless the person's newest row for the spell says the same.
        Return whether a row was added.
        """

    def departures(self) -> list[tuple[Departure, datetime]]:
        """Return every row with the instant at which it was recorded, oldest first."""

    def save_correction(self, correction: Correction) -> None:
        """Append a correction; none is ever removed."""

    def corrections(self) -> list[Correction]:
        """Return every correction, oldest first."""


class SuccessionVerbs(Protocol):
    """Who is to inherit from whom, step by step, and who was away. No row is ever removed."""

    def save_step(self, step: SuccessionStep) -> None: ...

    def steps(self) -> list[SuccessionStep]:
        """Return every step, oldest first."""

    def save_absences(self, rows: Iterable[Absence]) -> None: ...

    def absences(self) -> list[Absence]:
        """Return every row, oldest first."""


class InventoryVerbs(Protocol):
    """The rows of issuers' own lists as they were last seen. None is ever removed."""

    def save_listed(self, rows: Iterable[Listed]) -> None: ...

    def listed(self, source: str = "") -> list[Listed]:
        """Return the rows of one source, or of all, in a stable order."""


class CaseVerbs(Protocol):
    """Cases, their tickets, what is on watch."""

    def cases(self) -> list[Case]: ...

    def save_case(self, case: Case) -> None: ...

    def deliveries(self, sink: str) -> Mapping[CaseKey, Delivery]: ...

    def save_delivery(self, delivery: Delivery) -> None: ...

    def drop_delivery(self, sink: str, key: CaseKey) -> None: ...

    def replace_watches(self, watches: Iterable[Watch]) -> None: ...

    def watches(self) -> list[Watch]: ...


class RunVerbs(Protocol):
    """Runs, their coverage, the one-runner lock and the ledger."""

    def acquire(self, name: str, holder: str, now: datetime, until: datetime) -> bool:
        """Take or extend the lock unless another holder's time still runs."""

    def release(self, name: str, holder: str) -> None: ...

    def save_run(self, run: RunRecord) -> None: ...

    def runs(self, job: str = "", limit: int = 50) -> list[RunRecord]:
        """Return the newest runs first."""

    def replace_coverage(self, run: str, coverage: Iterable[Coverage]) -> None:
        """Make these the run's coverage rows: first what is planned, in the end what came of it."""

    def coverage(self, run: str) -> list[Coverage]: ...

    def append(self, *entries: LedgerEntry) -> None:
        """Append entries to the ledger, in their order."""

    def ledger(self) -> Iterator[tuple[str, str]]:
        """Yield (canonical text, hash) of every entry in order."""


@dataclass(frozen=True, slots=True)
class Transaction:
    """The verbs of one open transaction, by subject."""

    scans: ScanVerbs
    people: PeopleVerbs
    cases: CaseVerbs
    runs: RunVerbs
    inventory: InventoryVerbs
    successions: SuccessionVerbs


class Store(Protocol):
    """Where everything rests between steps."""

    def prepare(self) -> None:
        """Create or upgrade the schema. Raises ConfigError for a store of a newer version."""

    def transaction(self) -> AbstractContextManager[Transaction]: ...

    def close(self) -> None: ...
