"""The sorts of task that the simulated ServiceNow instance keeps, and what each asks for.

States of tasks: https://www.servicenow.com/docs/ (Important Task Table Fields); those of incidents
and security incidents are their applications' own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

NEW, IN_PROGRESS, ON_HOLD, RESOLVED, CLOSED, CANCELLED = "1", "2", "3", "6", "7", "8"


@dataclass(frozen=True, slots=True)
class Sort:
    """One table that extends `task`. `done` states need a code and notes where there are
    `close_codes`; an `ended` one is never left, and `unwritable` ones only the instance sets. `resolver`
    is the field that tells who ended a row.
    """

    table: str
    prefix: str
    states: Mapping[str, str]
    first: str
    done: frozenset[str]
    ended: frozenset[str]
    unwritable: frozenset[str] = frozenset()
    close_codes: tuple[str, ...] = ()
    resolver: str = "closed_by"


INCIDENT = Sort(
    "incident",
    "INC",
    {
        NEW: "New",
        IN_PROGRESS: "In Progress",
        ON_HOLD: "On Hold",
        RESOLVED: "Resolved",
        CLOSED: "Closed",
        CANCELLED: "Canceled",
    },
    NEW,
    frozenset({RESOLVED}),
    frozenset({CLOSED, CANCELLED}),
    frozenset({CLOSED}),
    (
        "Solution provided",
        "Workaround provided",
        "Resolved by caller",
        "Known error",
        "Duplicate",
        "No resolution provided",
    ),
    "resolved_by",
)
SECURITY_INCIDENT = Sort(
    "sn_si_incident",
    "SIR",
    {
        "10": "Draft",
        "16": "Analysis",
        "18": "Contain",
        "19": "Eradicate",
        "20": "Recover",
        "100": "Review",
        "3": "Closed",
        "7": "Cancelled",
    },
    "10",
    frozenset({"3"}),
    frozenset({"3", "7"}),
    close_codes=(
        "Investigation completed",
        "Threat mitigated",
        "Patched vulnerability",
        "Invalid vulnerability",
        "Not resolved",
        "False positive",
    ),
)
CATALOG_TASK = Sort(
    "sc_task",
    "SCTASK",
    {
        "-5": "Pending",
        "1": "Open",
        "2": "Work in Progress",
        "3": "Closed Complete",
        "4": "Closed Incomplete",
        "7": "Closed Skipped",
    },
    "1",
    frozenset({"3", "4", "7"}),
    frozenset(),
)
SORTS = {sort.table: sort for sort in (INCIDENT, SECURITY_INCIDENT, CATALOG_TASK)}
