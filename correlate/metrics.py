"""The figures that tell whether credentials die when their people leave. What each counts:

leavers' credentials   pairs of somebody who has left and a credential of theirs: owned by them, or where
                       nobody is known to own it, put somewhere by their own hand.
live, dead             what its issuer last said; unknown: it never said either. The share still live is
                       of the two, with the unknown beside it. Unconfirmed: live, but not said lately.
time to rejection      from the leave to the first rejection that no later answer took back; 0 if it
                       came before. Who is live is followed until the last answer that said so. A credential
                       dies at some time between its last live answer and the first rejection: the curve
                       takes the later, so that it flatters nobody, and `earliest` the sooner (the leave,
                       where none was live). Both by `correlate.survival`.
exposure               days from the leave to the end, at least (the last live answer) and at most (the
                       first rejection, or now); of the unknown, days that nothing is known of.
deadlines              kept: rejected by then. Missed: live after it. Not known: neither was seen.
                       Accepted: a person took the risk. Pending: the time is not up.

Each pair counts alone: someone who left with ten tokens weighs ten times. Whoever came back, or was
forgotten, counts no more.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from correlate.exception import Judged, Stage
from correlate.model import Coverage, CoverageState
from correlate.sla import Deadlines, due_at
from correlate.stored import Lifespan
from correlate.survival import Quantile, Step, quantile, survival, thinned
from correlate.verdict import Case, CaseKind, CaseState

LATELY = timedelta(days=7)
MOST_STEPS = 400
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Outlived:
    """One leaver's credential: how long it lived on after `left_at`."""

    left_at: datetime
    span: Lifespan

    @property
    def state(self) -> str:
        """What its issuer last said: live, dead or unknown."""
        if self.span.dead_at is not None:
            return "dead"
        return "unknown" if self.span.live_at is None else "live"

    def days(self, at: datetime | None) -> float:
        """Return the days from the leave to `at`; 0 for what came before, and for None."""
        return max((at - self.left_at) / _DAY, 0.0) if at is not None else 0.0


class Kept(StrEnum):
    """What became of a deadline."""

    KEPT = "kept"
    MISSED = "missed"
    UNKNOWN = "unknown"
    ACCEPTED = "accepted"
    PENDING = "pending"


@dataclass(frozen=True, slots=True)
class Shares:
    """How many of leavers' credentials are in which state; `unconfirmed` are a part of the live."""

    live: int
    dead: int
    unknown: int
    unconfirmed: int

    @property
    def still_live(self) -> float | None:
        """The live, of the live and the dead; None: of none."""
        answered = self.live + self.dead
        return self.live / answered if answered else None


@dataclass(frozen=True, slots=True)
class Rejection:
    """Time from the leave to the first rejection, in days, with the curve it is read from. `steps`
    may be fewer than there are; the quantiles are of all. `followed`: the longest that any was.
    """

    median: Quantile
    p90: Quantile
    earliest_median: Quantile
    steps: tuple[Step, ...]
    followed: float
    dead_when_first_asked: int


@dataclass(frozen=True, slots=True)
class Exposed:
    """Days that leavers' credentials lived on, all together."""

    at_least: float
    at_most: float
    not_known: float


@dataclass(frozen=True, slots=True)
class Exceptions:
    """Approved exceptions that hold, those whose end has passed unrenewed, and those that are void, since
    whoever approved them or goes on using the credential has left.
    """

    open: int = 0
    expired: int = 0
    void: int = 0


def exceptions_kept(judged: Iterable[Judged]) -> Exceptions:
    """Return how many exceptions stand where."""
    stages = Counter(one.stage for one in judged)
    return Exceptions(stages[Stage.VALID], stages[Stage.EXPIRED], stages[Stage.VOID])


@dataclass(frozen=True, slots=True)
class Covered:
    """In which state the parts of the newest run's coverage are, and what was left out in them."""

    parts: Mapping[str, int]
    skipped: int

    @property
    def share(self) -> float | None:
        """The parts that were examined whole, of all; None: of none."""
        total = sum(self.parts.values())
        return self.parts.get(CoverageState.COMPLETE, 0) / total if total else None


@dataclass(frozen=True, slots=True)
class Metrics:
    """All the figures at one instant."""

    made_at: datetime
    run_started_at: datetime | None
    leavers: int
    shares: Shares
    rejection: Rejection
    exposed: Exposed
    deadlines: Mapping[str, int]
    open_cases: Mapping[str, int]
    accepted_risks: int
    exceptions: Exceptions
    covered: Covered

    @property
    def orphans(self) -> int:
        """Open cases of live credentials that nobody owns."""
        return self.open_cases.get(CaseKind.F3, 0)

    @property
    def in_time(self) -> float | None:
        """The deadlines that were kept, of those kept and missed; None: of none."""
        kept, missed = (self.deadlines.get(one, 0) for one in (Kept.KEPT, Kept.MISSED))
        return kept / (kept + missed) if kept + missed else None


def shares(held: Iterable[Outlived], now: datetime) -> Shares:
    """Count the credentials by what their issuers last said."""
    states: Counter[str] = Counter()
    unconfirmed = 0
    for one in held:
        states[one.state] += 1
        live_at = one.span.live_at
        unconfirmed += one.state == "live" and live_at is not None and now - live_at > LATELY
    return Shares(states["live"], states["dead"], states["unknown"], unconfirmed)


def rejection(held: Sequence[Outlived]) -> Rejection:
    """Return how long it took until the credentials were rejected; the unknown are left out."""
    known = [one for one in held if one.state != "unknown"]
    seen = [(one.days(one.span.dead_at or one.span.live_at), _dead(one)) for one in known]
    latest = survival(seen)
    sooner = survival((one.days(one.span.live_at), _dead(one)) for one in known)
    unseen = sum(1 for one in known if one.span.live_at is None)
    return Rejection(
        quantile(latest, 0.5),
        quantile(latest, 0.9),
        quantile(sooner, 0.5),
        thinned(latest, MOST_STEPS),
        max((day for day, _ in seen), default=0.0),
        unseen,
    )


def exposed(held: Iterable[Outlived], now: datetime) -> Exposed:
    """Add up the days that the credentials lived on."""
    least = most = dark = 0.0
    for one in held:
        if one.state == "unknown":
            dark += one.days(now)
        else:
            least += one.days(one.span.live_at)
            most += one.days(one.span.dead_at or now)
    return Exposed(least, most, dark)


def deadlines_kept(cases: Iterable[Case], deadlines: Deadlines, now: datetime) -> Mapping[str, int]:
    """Count the cases that are due some time by what became of that; nothing where nothing is due.
    Void ones are left out, and incidents, which no rejection ends.
    """
    if not any((*deadlines.by_kind.values(), *deadlines.by_severity.values())):
        return {}
    counts = dict.fromkeys(map(str, Kept), 0)
    for held in cases:
        due = due_at(held, deadlines)
        if due is not None and held.state is not CaseState.VOID and held.kind is not CaseKind.F11:
            counts[_kept(held, due, now)] += 1
    return counts


def covered(parts: Iterable[Coverage]) -> Covered:
    """Count the parts of a run's coverage by their state."""
    states, skipped = dict.fromkeys(map(str, CoverageState), 0), 0
    for part in parts:
        states[part.state] += 1
        skipped += part.skipped
    return Covered(states, skipped)


def open_cases(cases: Iterable[Case]) -> Mapping[str, int]:
    """Count the cases on which somebody still has to act, by their kind."""
    counts = dict.fromkeys(map(str, CaseKind), 0)
    for held in cases:
        if not held.state.ended and held.state is not CaseState.WAIVED:
            counts[held.kind] += 1
    return counts


def _kept(held: Case, due: datetime, now: datetime) -> Kept:
    rejected_at = held.rejections[0].at if held.rejections else None
    if rejected_at is not None and rejected_at <= due:
        return Kept.KEPT
    if held.last_live_at is not None and held.last_live_at > due:
        return Kept.ACCEPTED if held.state is CaseState.WAIVED else Kept.MISSED
    if held.state is CaseState.WAIVED:
        return Kept.ACCEPTED
    return Kept.PENDING if now <= due else Kept.UNKNOWN


def _dead(one: Outlived) -> bool:
    return one.state == "dead"
