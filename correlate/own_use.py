"""What our own questions do to an issuer's "last used": most issuers count them as uses."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from correlate.model import Liveness

# Between our clock and the issuer's, and until an answer to a slow question came.
_BEFORE, _AFTER = timedelta(seconds=30), timedelta(minutes=2)


def without_own_use(answer: Liveness, checks: Iterable[datetime]) -> Liveness:
    """Return the answer without a last use that a question of ours explains; `checks` are the
    instants of all our questions about the credential.

    Nothing is then known of the last use by anybody else: that is no claim that there was none.
    """
    used = answer.last_used_at
    if used is None or not any(at - _BEFORE <= used <= at + _AFTER for at in checks):
        return answer
    return replace(answer, last_used_at=None)
