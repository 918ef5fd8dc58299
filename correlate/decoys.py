"""Decoys: credentials laid out for thieves to touch, which the policy lists by their fingerprints.

Nobody asks about one, for the question would ring its bell; and none is held against anybody.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime

from correlate.model import Liveness, LivenessState
from correlate.secret import Fingerprint

_WHY = "decoy: listed in the policy"
_WRITTEN = re.compile("[0-9a-f]{8,64}")


def written(text: str) -> bool:
    """Whether a text is a fingerprint as people are shown it, or more of its digits."""
    return _WRITTEN.fullmatch(text) is not None


def listed(texts: Iterable[str], fingerprint: Fingerprint) -> bool:
    """Whether one of `texts`, as the policy writes fingerprints, is this one."""
    return any(fingerprint.digest.startswith(one) for one in texts)


def skipped(now: datetime) -> Liveness:
    """Return what stands in the place of an issuer's answer about a decoy."""
    return Liveness(LivenessState.SKIPPED, now, _WHY)


def is_decoy(latest: Liveness | None) -> bool:
    """Whether the last answer about a credential is that it is a decoy."""
    return latest is not None and latest.state is LivenessState.SKIPPED and latest.reason == _WHY
