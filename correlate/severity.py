"""How bad a case is, and why: the kind's own level, raised and lowered by what is known of it.

+1  used after its owner left, or live for long after
+1  its scopes let it administer or do everything
+1  it stands in many places apart from each other
-1  its issuer limits it

Whether a place can be read by everybody is told by no source yet, and so does not count.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from correlate.model import Liveness, LivenessState
from correlate.verdict import CaseKind, Decision, Departure

LONG_AFTER_LEAVE = timedelta(days=30)
MANY_CONTAINERS = 3
LEVELS = ("low", "medium", "high", "critical")  # the mildest first
_SCOPES_SHOWN = 3
_OF_KIND = {
    CaseKind.F11: 3,
    CaseKind.F1: 2,
    CaseKind.F2: 2,
    CaseKind.F6: 2,
    CaseKind.F9: 2,
    CaseKind.F3: 1,
    CaseKind.F4: 1,
    CaseKind.F5: 1,
    CaseKind.F7: 1,
    CaseKind.F8: 0,
    CaseKind.F10: 0,
}
# GitHub, GitLab, Slack, Okta and others name scopes by such words; "api" alone is GitLab's whole API,
# https://docs.gitlab.com/user/profile/personal_access_tokens/
_WIDE = frozenset(
    {"admin", "administrator", "owner", "root", "sudo", "superuser", "full", "all", "api"}
)
_NARROW = frozenset({"read", "readonly", "view", "viewer", "list"})


@dataclass(frozen=True, slots=True)
class Severity:
    """A level, "low" to "critical", and the reasons for it, the kind's own first."""

    level: str
    reasons: tuple[str, ...]


def severity(case: CaseKind, liveness: Liveness, decision: Decision) -> Severity:
    """Weigh a case by the table at the head of this file.

    Where the leave's instant is not known to the hour, a use counts from the earliest, a long life from
    the latest. The reasons stay the same from day to day until one is added.
    """
    base = _OF_KIND.get(case, 0)
    raised = [*_raised(case, liveness, decision)]
    lowered = ["its issuer limits it"] if liveness.state is LivenessState.LIVE_LIMITED else []
    level = base + len(raised) - len(lowered)
    reasons = (
        f"{LEVELS[base]} for its kind",
        *(f"raised: {why}" for why in raised),
        *(f"lowered: {why}" for why in lowered),
    )
    return Severity(LEVELS[max(0, min(level, len(LEVELS) - 1))], reasons)


def _raised(case: CaseKind, liveness: Liveness, decision: Decision) -> Iterable[str]:
    if case is CaseKind.F1 and decision.departure is not None:
        yield from _after(decision.departure, liveness)
    wide = wide_scopes((*liveness.scopes, *decision.reach.scopes))
    if wide:
        yield f"it may administer, or do everything ({', '.join(wide[:_SCOPES_SHOWN])})"
    if decision.reach.containers >= MANY_CONTAINERS:
        yield f"it stands in {MANY_CONTAINERS} or more repositories or systems"


def _after(left: Departure, liveness: Liveness) -> Iterable[str]:
    used = liveness.used_since(left.effective_at)
    late = liveness.at - left.due_from > LONG_AFTER_LEAVE
    if used:
        yield "it was used after its owner left"
    elif late:
        yield f"it lived on for more than {LONG_AFTER_LEAVE.days} days after its owner left"


def wide_scopes(scopes: Sequence[str]) -> list[str]:
    """Return the scopes, each once and sorted, that are for administering or for everything."""
    found = set()
    for scope in scopes:
        words = set(re.split(r"[^a-z*]+", scope.casefold()))
        if (words & _WIDE or "*" in words) and not words & _NARROW:
            found.add(scope)
    return sorted(found)
