"""Typed reading of a rule that a stranger wrote: a wrong type is a reason not to take the rule."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from detectors.packs.pack import NotTaken

Table = Mapping[str, Any]


def table_of(value: object) -> Table:
    """Return the value as a table. Raises NotTaken when it is none."""
    if not isinstance(value, Mapping):
        raise NotTaken("it is no table")
    return value


def text_in(table: Table, key: str) -> str:
    """Return a text, empty when absent. Raises NotTaken for another type."""
    value = table.get(key)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise NotTaken(f"its {key} is no text")
    return value


def number_in(table: Table, key: str) -> float:
    """Return a number that is not negative, 0 when absent. Raises NotTaken for anything else."""
    value = table.get(key, 0)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1 << 31:
        raise NotTaken(f"its {key} is no number")
    return float(value)


def texts_in(table: Table, key: str) -> tuple[str, ...]:
    """Return a list of texts, empty when absent. Raises NotTaken for another type."""
    value = table.get(key)
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise NotTaken(f"its {key} is no list of texts")
    return tuple(value)


def tables_in(table: Table, key: str) -> list[Table]:
    """Return a table or a list of tables as a list, empty when absent. Raises NotTaken."""
    value = table.get(key)
    if value is None:
        return []
    items = [value] if isinstance(value, Mapping) else value
    if not isinstance(items, list) or not all(isinstance(item, Mapping) for item in items):
        raise NotTaken(f"its {key} is no table")
    return items
