"""Dotted paths into JSON, as a configuration names where a field stands.

    person.legalName.givenName            a name within a name
    emails.0                              an element of a list, by its number
    emails.*.value                        of every element
    assignments[primary=true].hireDate    of the elements whose field says so
    lastWorkingDay|terminationDate        the first of them that holds anything

A key that has dots itself ("@odata.nextLink") is found when it is the whole rest of the path.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

_STEP = re.compile(r"(?P<name>[^.\[\]]+)(?:\[(?P<key>[^=\[\]]+)=(?P<value>[^\[\]]*)\])?(?:\.|\Z)")


def usable(path: str) -> bool:
    """Say whether `path` is one."""
    return all(
        alternative and _STEP.sub("", alternative) == "" and not alternative.endswith(".")
        for alternative in path.split("|")
    )


def picked(value: object, path: str) -> Iterator[object]:
    """Yield what stands at `path` (without alternatives): nothing where it leads nowhere, null
    as None.
    """
    if not path:
        yield value
        return
    if isinstance(value, dict) and path in value:
        yield value[path]
        return
    step = _STEP.match(path)
    if step is None:
        return
    rest = path[step.end() :]
    for found in _entered(value, step["name"]):
        if step["key"] is None:
            yield from picked(found, rest)
        else:
            for one in found if isinstance(found, list) else ():
                said = next(picked(one, step["key"]), None)
                if not isinstance(said, dict | list) and scalar(said) == step["value"]:
                    yield from picked(one, rest)


def _entered(value: object, name: str) -> Iterator[object]:
    if isinstance(value, dict):
        if name in value:
            yield value[name]
    elif isinstance(value, list):
        if name == "*":
            yield from value
        elif name.isascii() and name.isdigit() and int(name) < len(value):
            yield value[int(name)]


def texts(value: object, path: str) -> list[str] | None:
    """Return the texts of the first alternative that holds any; None where all lead nowhere.

    Raises ValueError where an object stands in place of a text.
    """
    there = False
    for alternative in path.split("|"):
        found = [part for one in picked(value, alternative) for part in _flat(one)]
        there = there or any(True for _ in picked(value, alternative))
        filled = [text for text in map(scalar, found) if text]
        if filled:
            return filled
    return [] if there else None


def _flat(value: object) -> list[object]:
    return value if isinstance(value, list) else [value]


def scalar(value: object) -> str:
    """Return a JSON scalar as it was written: true, 12, 1.50, words; null is empty.

    Raises ValueError for an object or a list.
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int | Decimal):
        return str(value)
    raise ValueError("an object stands where a text is meant")
