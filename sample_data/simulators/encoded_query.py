"""ServiceNow's encoded queries, with their trap: what cannot be understood is left out.

docs.servicenow.com, c_TableAPI: unless glide.invalid_query.returns_no_rows is set, an
invalid part is ignored and the rest is answered, be it the whole table.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from sample_data.simulators.incidents import Row

_PART = re.compile(
    r"(?P<name>[a-z_][a-z0-9_.]*)"
    r"(?P<sign>!=|>=|<=|=|>|<|NOT IN|IN|NOTLIKE|LIKE|STARTSWITH|ENDSWITH|ISEMPTY|ISNOTEMPTY)"
    r"(?P<value>.*)",
    re.DOTALL,
)
_ORDER = re.compile(r"ORDERBY(DESC)?(\w+)")

_SIGNS: dict[str, Callable[[str, str], bool]] = {
    "=": lambda held, value: held == value,
    "!=": lambda held, value: held != value,
    ">=": lambda held, value: held >= value,
    "<=": lambda held, value: held <= value,
    ">": lambda held, value: held > value,
    "<": lambda held, value: held < value,
    "IN": lambda held, value: held in value.split(","),
    "NOT IN": lambda held, value: held not in value.split(","),
    "LIKE": lambda held, value: value.lower() in held.lower(),
    "NOTLIKE": lambda held, value: value.lower() not in held.lower(),
    "STARTSWITH": lambda held, value: held.lower().startswith(value.lower()),
    "ENDSWITH": lambda held, value: held.lower().endswith(value.lower()),
    "ISEMPTY": lambda held, _value: not held,
    "ISNOTEMPTY": lambda held, _value: bool(held),
}


def select(
    rows: Iterable[Row], query: str, columns: frozenset[str], *, strict: bool
) -> tuple[Row, ...]:
    """Return the rows that an encoded query leaves, in its order.

    A part with an unknown field or operator is dropped; with `strict` it leaves no row.
    """
    found: list[Row] = []
    everything = list(rows)
    for alternative in query.split("^NQ"):
        kept = _restricted(everything, alternative, columns, strict=strict)
        found += [row for row in kept if row not in found]
    for part in reversed(query.split("^")):
        order = _ORDER.fullmatch(part)
        if order and order[2] in columns:
            name = order[2]
            found.sort(key=lambda row, name=name: row.get(name, ""), reverse=bool(order[1]))  # type: ignore[misc]
    return tuple(found)


def _restricted(rows: list[Row], query: str, columns: frozenset[str], *, strict: bool) -> list[Row]:
    groups: list[list[tuple[str, str, str]]] = []
    for part in query.split("^"):
        if not part or _ORDER.fullmatch(part) or part == "EQ":
            continue
        joined = part.startswith("OR") and bool(groups)
        match = _PART.fullmatch(part[2:] if joined else part)
        if match is None or match["name"].partition(".")[0] not in columns:
            if strict:
                return []
            continue
        clause = (match["name"], match["sign"], match["value"])
        if joined:
            groups[-1].append(clause)
        else:
            groups.append([clause])
    return [row for row in rows if all(_any(row, group) for group in groups)]


def _any(row: Row, clauses: list[tuple[str, str, str]]) -> bool:
    return any(_SIGNS[sign](row.get(name, ""), value) for name, sign, value in clauses)
