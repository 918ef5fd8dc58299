"""What a ServiceNow instance remembers: incidents and other tasks, groups, and its way with queries.

Behaviour after the Table API's page (docs.servicenow.com, c_TableAPI): an invalid part of
an encoded query is dropped and the rest is answered, names of no field are dropped on
writing, and correlation_id is a field like any other: nothing makes it unique.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sample_data.simulators.task_tables import CLOSED, RESOLVED, SORTS, Sort

WRITABLE = [
    "short_description",
    "description",
    "correlation_id",
    "correlation_display",
    "category",
    "subcategory",
    "impact",
    "urgency",
    "priority",
    "severity",
    "assignment_group",
    "assigned_to",
    "caller_id",
    "state",
    "hold_reason",
    "close_code",
    "close_notes",
    "parent",
    "parent_incident",
    "business_service",
    "cmdb_ci",
    "contact_type",
    "due_date",
]
JOURNALS = ("work_notes", "comments")
READ_ONLY = [
    "sys_id",
    "number",
    "active",
    "opened_at",
    "opened_by",
    "sys_created_on",
    "sys_created_by",
    "sys_updated_on",
    "sys_updated_by",
    "resolved_at",
    "resolved_by",
    "closed_at",
    "closed_by",
    "sys_class_name",
    "sys_mod_count",
]
# a catalogue task has no resolution: it is closed, with notes and without a code
_LACKING = {"sc_task": frozenset({"close_code", "resolved_at", "resolved_by", "parent_incident"})}
COLUMNS = {
    **{
        table: frozenset((*WRITABLE, *READ_ONLY, *JOURNALS)) - _LACKING.get(table, frozenset())
        for table in SORTS
    },
    "sys_user_group": frozenset(["sys_id", "name", "active", "description", "email", "manager"]),
    "sys_user": frozenset({"sys_id", "user_name"}),
    "sys_journal_field": frozenset(
        ["sys_id", "name", "element", "element_id", "value", "sys_created_on", "sys_created_by"]
    ),
    "sys_dictionary": frozenset(["sys_id", "name", "element", "mandatory", "default_value"]),
    "sys_choice": frozenset(
        ["sys_id", "name", "element", "value", "label", "inactive", "language"]
    ),
}

Row = Mapping[str, str]


def sys_id(text: str) -> str:
    """Return 32 hex digits that stand for `text` for good."""
    return hashlib.sha256(text.encode()).hexdigest()[:32]


class Denied(Exception):
    """A data policy or access rule refuses a write; the text is what the instance says."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a journal field of a record."""

    record: str
    element: str
    value: str
    by: str
    at: str


@dataclass(slots=True)
class Incidents:
    """One instance. The world's lock guards it. `strict_queries` is the instance property
    glide.invalid_query.returns_no_rows. No task is made without the `mandatory` fields. `ignored`
    fields count as unknown in queries.
    """

    group_names: tuple[str, ...]
    account: str
    now: Callable[[], datetime]
    strict_queries: bool = False
    ignored: tuple[str, ...] = ()
    mandatory: tuple[str, ...] = ("short_description",)
    _rows: dict[str, Row] = field(default_factory=dict)
    _journal: list[Entry] = field(default_factory=list)
    _users: dict[str, None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Know the connector's own account before it has written anything."""
        self._users[self.account] = None

    @property
    def all(self) -> tuple[Row, ...]:
        """Every task as it stands now, oldest first."""
        return tuple(self._rows.values())

    def is_open(self, row: Row) -> bool:
        """Whether something is still to be done about a task."""
        sort = SORTS[row["sys_class_name"]]
        return row["state"] not in sort.done | sort.ended

    @property
    def journal(self) -> tuple[Entry, ...]:
        """Every journal entry, oldest first."""
        return tuple(self._journal)

    def table(self, name: str) -> tuple[Row, ...] | None:
        """Return the rows of a table, None for a table that there is not."""
        if name in SORTS:
            return tuple(row for row in self.all if row["sys_class_name"] == name)
        if name == "sys_user_group":
            return tuple(
                {"sys_id": sys_id(f"group {n} {group}"), "name": group, "active": "true"}
                for n, group in enumerate(self.group_names)
            )
        if name == "sys_user":
            return tuple({"sys_id": sys_id(f"user {n}"), "user_name": n} for n in self._users)
        if name == "sys_journal_field":
            return tuple(self._journal_row(n, entry) for n, entry in enumerate(self._journal))
        if name == "sys_dictionary":
            return tuple(
                {"sys_id": sys_id(f"{table} {n}"), "name": table, "element": n, "mandatory": "true"}
                | {"default_value": ""}
                for table in SORTS
                for n in self.mandatory
            )
        if name == "sys_choice":
            return tuple(_choices())
        return None

    def _journal_row(self, number: int, entry: Entry) -> Row:
        return {
            "sys_id": sys_id(f"journal {number}"),
            "name": self._rows[entry.record]["sys_class_name"],
            "element": entry.element,
            "element_id": entry.record,
            "value": entry.value,
            "sys_created_on": entry.at,
            "sys_created_by": entry.by,
        }

    def _at(self) -> str:
        return self.now().strftime("%Y-%m-%d %H:%M:%S")

    def create(self, values: Row, by: str, table: str = "incident") -> Row:
        """Make a task; raises Denied. Two with the same correlation_id both succeed."""
        number, at, sort = len(self._rows) + 1, self._at(), SORTS[table]
        record = sys_id(f"{table} {number}")
        start = dict.fromkeys(COLUMNS[table] - {*JOURNALS}, "") | {
            "sys_id": record,
            "sys_class_name": table,
            "number": f"{sort.prefix}{10000 + number:07d}",
            "state": sort.first,
            "impact": "3",
            "urgency": "3",
            "priority": "5",
            "opened_at": at,
            "opened_by": sys_id(f"user {by}"),
            "sys_created_on": at,
            "sys_created_by": by,
            "sys_mod_count": "-1",
        }
        lacking = [name for name in self.mandatory if not values.get(name)]
        if lacking:
            raise Denied(f"Data Policy Exception: mandatory: {', '.join(lacking)}")
        return self._write(start, values, by)

    def change(self, record: str, values: Row, by: str) -> Row:
        """Write to a task; raises Denied, or KeyError where there is none."""
        row = self._rows[record]
        if row["state"] in SORTS[row["sys_class_name"]].ended and "state" in values:
            raise Denied("ACL Exception Update Failed due to security constraints")
        return self._write(row, values, by)

    def _write(self, row: Row, values: Row, by: str) -> Row:
        at = self._at()
        self._users[by] = None
        sort = SORTS[row["sys_class_name"]]
        known = COLUMNS[sort.table]
        kept = {name: text for name, text in values.items() if name in known & {*WRITABLE}}
        merged = {**row, **kept}
        _check(sort, row, merged)
        if merged["state"] != row["state"] and merged["state"] in sort.done:
            merged[sort.resolver] = sys_id(f"user {by}")
        if self.is_open(merged):
            merged |= dict.fromkeys({sort.resolver, "close_code", "close_notes"} & known, "")
        merged["active"] = "false" if merged["state"] in sort.ended else "true"
        merged |= {"sys_updated_on": at, "sys_updated_by": by}
        merged["sys_mod_count"] = str(int(row["sys_mod_count"]) + 1)
        self._rows[merged["sys_id"]] = merged
        self._journal += [
            Entry(merged["sys_id"], name, values[name], by, at)
            for name in JOURNALS
            if values.get(name)
        ]
        return merged

    def resolve(self, key: str, close_code: str, by: str) -> None:
        """Let a person resolve a task by number or sys_id; raises KeyError for none."""
        for record, row in self._rows.items():
            if key in (record, row["number"]):
                sort = SORTS[row["sys_class_name"]]
                codes = sort.close_codes or ("",)
                code = close_code if close_code in codes else codes[0]
                state = min(sort.done)
                values = {"state": state, "close_code": code, "close_notes": close_code}
                self._write(row, values, by)
                return
        raise KeyError(key)

    def auto_close(self) -> None:
        """Close resolved incidents, as the instance does after some days."""
        closed = {"state": CLOSED, "active": "false", "closed_at": self._at()}
        for record, row in self._rows.items():
            if row["sys_class_name"] == "incident" and row["state"] == RESOLVED:
                self._rows[record] = {**row, **closed}


def _choices() -> Iterable[Row]:
    for sort in SORTS.values():
        choices = [("state", value, label) for value, label in sort.states.items()]
        choices += [("close_code", code, code) for code in sort.close_codes]
        for element, value, label in choices:
            yield {
                "sys_id": sys_id(f"choice {sort.table} {element} {value}"),
                "name": sort.table,
                "element": element,
                "value": value,
                "label": label,
                "inactive": "false",
                "language": "en",
            }


def _check(sort: Sort, before: Row, after: Row) -> None:
    state = after["state"]
    if state not in sort.states:
        raise Denied("Data Policy Exception: State is not valid")
    if state == before["state"]:
        return
    if state in sort.unwritable:
        raise Denied("ACL Exception Update Failed due to security constraints")
    if sort.states[state] == "On Hold" and not after["hold_reason"]:
        raise Denied("Data Policy Exception: On hold reason is mandatory")
    if state in sort.done and sort.close_codes:
        if not after["close_code"] or not after["close_notes"]:
            words = "Data Policy Exception: The following fields are mandatory: "
            raise Denied(words + "Resolution code, Resolution notes")
        if after["close_code"] not in sort.close_codes:
            raise Denied("Data Policy Exception: Resolution code is not valid")
