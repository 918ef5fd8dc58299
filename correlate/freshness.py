"""How long an issuer's answer holds before asking again could tell anything new."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from types import MappingProxyType

from correlate.model import Liveness, LivenessState

# A night apart, so that each nightly run asks anew; what failed is tried again within the hour.
LIFETIMES: Mapping[LivenessState, timedelta] = MappingProxyType(
    {
        LivenessState.LIVE: timedelta(hours=12),
        LivenessState.LIVE_LIMITED: timedelta(hours=12),
        LivenessState.SUSPENDED: timedelta(hours=12),
        LivenessState.DEAD: timedelta(days=7),
        LivenessState.UNKNOWN: timedelta(minutes=10),
        LivenessState.RATE_LIMITED: timedelta(0),
        LivenessState.SKIPPED: timedelta(hours=12),
        LivenessState.NOT_VERIFIABLE: timedelta(hours=12),
    }
)
# A question in flight when its run was killed: nobody's timeout lets it go on for longer.
IN_FLIGHT = timedelta(seconds=15)
_ASKED = "it was asked; the run ended before its answer was kept"


def asked(now: datetime, at: datetime) -> Liveness:
    """Return what stands in for an answer from the question, put `at` in the run of `now`, until
    the answer is kept.
    """
    return Liveness(LivenessState.UNKNOWN, now, _ASKED, asked_at=at)


def in_flight(answer: Liveness | None, now: datetime) -> bool:
    """Whether an answer only stands in for one that may be on its way still."""
    return (
        answer is not None
        and answer.reason == _ASKED
        and now - (answer.asked_at or answer.at) < IN_FLIGHT
    )


def fresh(
    answer: Liveness | None,
    now: datetime,
    *,
    contested: bool = False,
    gap: timedelta = timedelta(0),
    since: datetime | None = None,
) -> bool:
    """Whether an answer holds still, so that the issuer need not be asked at `now`.

    `contested`: an open case waits for the rejection, so only an answer of the same run, begun
    at `since` and taken up after a kill, spares the question; and a rejection, until the next
    one would count as its proof (`gap` later). An answer of the future holds for nothing.
    """
    if answer is None or answer.at > now:
        return False
    age = now - answer.at
    if answer.reason == _ASKED:
        return in_flight(answer, now)
    if contested and answer.state is LivenessState.DEAD:
        return age < gap
    if contested and (since is None or answer.at < since):
        return False
    return age < LIFETIMES[answer.state]
