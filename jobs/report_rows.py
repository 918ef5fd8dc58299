"""What a report is made of: rows as people read them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from correlate.metrics import Metrics
from correlate.model import CaseKey, Coverage, CoverageState, PersonId
from correlate.verdict import CaseState

SCHEMA_VERSION = 1


@dataclass(frozen=True, slots=True)
class CaseRow:
    """One case as people read it."""

    key: CaseKey
    kind: str
    title: str
    severity: str
    state: str
    credential: str
    credential_kind: str
    issuer: str
    fingerprint: str
    person: str
    person_name: str
    left_at: datetime | None
    liveness: str
    liveness_reason: str
    liveness_at: datetime
    last_used_at: datetime | None  # by others than offkey
    places: tuple[str, ...]
    paths: tuple[str, ...]  # "container:path", the stable short form
    grounds: tuple[str, ...]
    readers: tuple[str, ...]
    scopes: tuple[str, ...]
    survival: str
    tickets: tuple[str, ...]
    opened_at: datetime
    closed_at: datetime | None
    proofs: tuple[str, ...]
    note: str
    why_severe: tuple[str, ...] = ()
    due_at: datetime | None = None
    waived_until: datetime | None = None
    exception: str = ""  # the one that waives it
    waiver_approver: str | None = None  # None where its ticket's resolution waives it
    waiver_renewals: int = 0

    def overdue(self, now: datetime) -> bool:
        """Whether the case should have been closed before `now`, and is not."""
        return self.due_at is not None and not self.ended and now > self.due_at

    @property
    def ended(self) -> bool:
        """Whether nothing more is asked of anybody."""
        return CaseState(self.state).ended

    @property
    def used_after_leave(self) -> bool:
        """Whether others are known to have used the credential after its person left."""
        return bool(self.left_at and self.last_used_at and self.last_used_at > self.left_at)


@dataclass(frozen=True, slots=True)
class LeaverRow:
    """One leaver, and the credentials tied to them by ownership or by their own hand."""

    person: PersonId
    name: str
    left_at: datetime
    source: str
    live: int
    dead: int
    unknown: int
    cases: int
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Lifeline:
    """How long one credential lived on after its person left. `ended_at` None: still live, or
    not known (`state`). `seen_dead` means that it was dead when first asked about.
    """

    name: str
    credential: str
    left_at: datetime
    ended_at: datetime | None
    state: str
    seen_dead: bool = False


@dataclass(frozen=True, slots=True)
class WatchRow:
    """A leaver's credential of which nothing could be proved."""

    person: PersonId
    name: str
    credential: str
    credential_kind: str
    doubt: str
    detail: str
    paths: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class UnattributedRow:
    """A credential that may be live and that nobody is known to own. `names` are the identities it
    was tied to that are nobody's whom we know, each with what it looks like.
    """

    fingerprint: str
    credential: str
    liveness: str
    why: str
    names: tuple[str, ...]
    paths: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """Everything a report shows, ordered as it is shown."""

    organisation: str
    made_at: datetime
    run_started_at: datetime | None
    run_outcome: str
    leavers: tuple[LeaverRow, ...]
    leaving: tuple[LeaverRow, ...]
    cases: tuple[CaseRow, ...]
    watches: tuple[WatchRow, ...]
    lifelines: tuple[Lifeline, ...]
    coverage: tuple[Coverage, ...]
    credentials: int
    generic: int
    suppressed: int
    unresolved: tuple[str, ...]
    unattributed: tuple[UnattributedRow, ...]
    people: int
    metrics: Metrics

    @property
    def live_share(self) -> float | None:
        """Leavers' credentials still live, of those the issuers gave an answer on; None: of none."""
        return self.metrics.shares.still_live

    @property
    def complete(self) -> bool:
        """Whether every planned source and feed was examined whole."""
        return bool(self.coverage) and all(
            part.state is CoverageState.COMPLETE for part in self.coverage
        )

    def open_cases(self) -> tuple[CaseRow, ...]:
        """Return the cases on which somebody still has to act."""
        done = {CaseState.CLOSED.value, CaseState.VOID.value, CaseState.WAIVED.value}
        return tuple(row for row in self.cases if row.state not in done)
