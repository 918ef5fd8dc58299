"""What tells ServiceNow's tables of tasks apart, as they are delivered.

Tasks in general: https://www.servicenow.com/docs/ (Important Task Table Fields); incidents: the
same (Resolve and close an incident). An instance may renumber its states and have codes of its own:
the settings win, and `check` compares them with the instance's choices.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Table:
    """How a task of one table is ended and taken up again. `resolved` is the state that we set;
    where it is one of `ended` too, what was resolved stays so. `resolver` is the field with who
    did it. An empty `close_code`: the table has none.
    """

    resolved: str
    ended: tuple[str, ...]
    reopened: str
    close_code: str
    duplicate_code: str
    resolver: str


_TABLES: Mapping[str, Table] = {
    "incident": Table("6", ("7", "8"), "2", "Solution provided", "Duplicate", "resolved_by"),
    "sn_si_incident": Table(
        "3", ("3", "7"), "16", "Threat mitigated", "Invalid vulnerability", "closed_by"
    ),
    "sc_task": Table("3", ("4", "7"), "2", "", "", "closed_by"),
}
PLAIN = Table("3", ("4", "7"), "2", "", "", "closed_by")  # what any table of tasks begins with


def table_of(name: str) -> Table:
    """Return what is known of a table; for one that is not known, that of tasks in general."""
    return _TABLES.get(name, PLAIN)
