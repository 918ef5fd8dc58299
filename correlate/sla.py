"""By when a leaver's credential has to be dead, counted from the instant of the leave.

The presets are FedRAMP's values for the parameters of NIST SP 800-53 rev. 5, as in the rev. 5 baselines
(https://github.com/GSA/fedramp-automation, dist/content/rev5/baselines, 2024-12-09): PS-4 a, disable access upon
termination; AC-2(3), disable accounts that belong to nobody any more. PS-4 b has authenticators of the
individual revoked: that is F1. A secret that they shared with others (F2) is measured by AC-2(3).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType

from correlate.verdict import Case, CaseKind


@dataclass(frozen=True, slots=True)
class Deadlines:
    """Hours from the leave, by kind of case, else by severity; a case that has none is not due."""

    by_kind: Mapping[CaseKind, int] = field(default_factory=lambda: MappingProxyType({}))
    by_severity: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))


NONE = Deadlines()
PRESETS: Mapping[str, Deadlines] = MappingProxyType(
    {
        "fedramp-moderate": Deadlines({CaseKind.F1: 4, CaseKind.F2: 24}),
        "fedramp-high": Deadlines({CaseKind.F1: 1, CaseKind.F2: 24}),
    }
)


def due_at(case: Case, deadlines: Deadlines) -> datetime | None:
    """Return by when a case has to be closed; None where nobody left, or nothing is set for it."""
    if case.departure is None:
        return None
    hours = deadlines.by_kind.get(case.kind) or deadlines.by_severity.get(case.severity)
    return case.departure.due_from + timedelta(hours=hours) if hours else None
