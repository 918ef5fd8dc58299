"""Typed reading of a TOML table, where every key must be asked for before `finish`."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any, NoReturn, TypeVar

from correlate.errors import ConfigError

_E = TypeVar("_E", bound=StrEnum)
_T = TypeVar("_T")


class Table:
    """One table; `where` is its full name for errors, `name` its own."""

    def __init__(self, values: Mapping[str, Any], where: str, name: str = "") -> None:
        self._values, self._where, self.name = dict(values), where, name
        self._asked: set[str] = set()

    def finish(self) -> None:
        """Raise ConfigError if a key is left that nobody asked for, naming the nearest known."""
        for key in self._values:
            if key not in self._asked:
                near = difflib.get_close_matches(key, sorted(self._asked), 1)
                self._fail(key, "unknown key", f"did you mean {near[0]}?" if near else "remove it")

    def text(self, key: str, default: str | None = None) -> str:
        """Return a string; without a default the key is required."""
        return self._get(key, str, default)

    def number(self, key: str, default: float) -> float:
        """Return an integer or a float."""
        value = self._raw(key, default)
        if isinstance(value, bool) or not isinstance(value, int | float):
            self._fail(key, "not a number", "write a number")
        return float(value)

    def flag(self, key: str, *, default: bool) -> bool:
        """Return true or false."""
        return self._get(key, bool, default)

    def texts(self, key: str) -> tuple[str, ...]:
        """Return a list of strings, empty when absent."""
        return tuple(self._list(key, str))

    def integers(self, key: str) -> tuple[int, ...]:
        """Return a list of integers, empty when absent."""
        return tuple(self._list(key, int))

    def text_map(self, key: str) -> dict[str, str]:
        """Return a table of strings, empty when absent."""
        value: dict[str, Any] = self._get(key, dict, {})
        if not all(isinstance(item, str) for item in value.values()):
            self._fail(key, "not a table of strings", "quote its values")
        return value

    def tables(self, key: str) -> list[Table]:
        """Return a list of tables, empty when absent."""
        items = self._list(key, dict)
        return [Table(item, f"{self._where}.{key}[{i}]") for i, item in enumerate(items)]

    def tables_by_name(self, key: str) -> list[Table]:
        """Return the tables under a table, by name."""
        value: dict[str, Any] = self._get(key, dict, {})
        return [Table(item, f"{self._where}.{key}.{name}", name) for name, item in value.items()]

    def member(self, key: str, of: type[_E], default: _E) -> _E:
        """Return a member of an enumeration, written as its value."""
        return of(self.choice(key, [item.value for item in of], default.value))

    def choice(self, key: str, allowed: Sequence[str], default: str | None = None) -> str:
        """Return one of the allowed words."""
        value = self.text(key, default)
        if value not in allowed:
            self._fail(key, f"unknown value {value[:40]!r}", f"use one of {', '.join(allowed)}")
        return value

    def named(self, key: str, among: Mapping[str, _T], default: _T) -> _T:
        """Return the value that the string names."""
        name = self.text(key, "")
        if name and name not in among:
            self._fail(key, f"nothing is called {name[:40]!r}", f"known: {', '.join(among)}")
        return among[name] if name else default

    def _list(self, key: str, of: type[_T]) -> list[_T]:
        value: list[Any] = self._get(key, list, [])
        if not all(isinstance(item, of) for item in value):
            self._fail(key, f"not a list of {of.__name__}", "correct its items")
        return value

    def _get(self, key: str, of: type[_T], default: _T | None) -> _T:
        value = self._raw(key, default)
        if not isinstance(value, of):
            self._fail(key, f"not a {of.__name__}", "correct its type")
        return value

    def _raw(self, key: str, default: object) -> object:
        self._asked.add(key)
        if key in self._values:
            return self._values[key]
        if default is None:
            self._fail(key, "missing", "add it")
        return default

    def _fail(self, key: str, why: str, fix: str) -> NoReturn:
        raise ConfigError("a kind file is wrong", where=f"{self._where}.{key}", why=why, fix=fix)
