"""What our own questions do to an issuer's "last used": most issuers count them as uses."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

# Between our clock and the issuer's, and until an answer to a slow question came.
_BEFORE, _AFTER = timedelta(seconds=30), timedelta(minutes=2)


def last_use_by_others(
    uses: Iterable[datetime], questions: Sequence[datetime], grain: timedelta = timedelta(0)
) -> datetime | None:
    """Return the latest of an issuer's "last used" that no question of ours explains.

    `questions` are the instants of all of ours on the credential. A use is the beginning of a
    span of `grain`. None says that nothing is known of others, not that they did not use it.
    """
    return max((used for used in uses if not _explained(used, questions, grain)), default=None)


def _explained(used: datetime, questions: Sequence[datetime], grain: timedelta) -> bool:
    return any(at - _BEFORE - grain <= used <= at + _AFTER for at in questions)
