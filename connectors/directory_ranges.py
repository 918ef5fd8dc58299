"""Attributes with so many values that a server gives them in ranges. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from connectors.directory_values import Raw

RANGED = re.compile(r"([^;]+);range=(\d{1,9})-(\d{1,9}|\*)", re.ASCII)
_STEPS_MAX = 10_000


def whole(raw: Raw, more: Callable[[str], Raw]) -> Raw:
    """Return the attributes with those completed of which the server gave a first range only.

    `more` reads one attribute of the same entry, asked for as "name;range=1500-*". Raises
    ValueError when a range does not go on where the last one ended, or never ends.
    https://learn.microsoft.com/windows/win32/adsi/attribute-range-retrieval
    """
    if not any(map(RANGED.fullmatch, raw)):
        return raw
    held = {name: values for name, values in raw.items() if not RANGED.fullmatch(name)}
    for attribute in {found[1] for found in map(RANGED.fullmatch, raw) if found}:
        held[attribute] = tuple(_followed(attribute, raw, more))
    return held


def _followed(attribute: str, raw: Raw, more: Callable[[str], Raw]) -> Iterator[bytes]:
    start = 0
    for _ in range(_STEPS_MAX):
        end, values = _range(attribute, start, raw)
        yield from values
        if end is None:
            return
        start = end + 1
        raw = more(f"{attribute};range={start}-*")
    raise ValueError("the ranges of an attribute do not end")


def _range(attribute: str, start: int, raw: Raw) -> tuple[int | None, Sequence[bytes]]:
    """Return where the range that begins at `start` ends (None: with the last value), and its values."""
    for name, values in raw.items():
        found = RANGED.fullmatch(name)
        if found is None or found[1] != attribute or int(found[2]) != start:
            continue
        if found[3] == "*":
            return None, values
        if values and int(found[3]) - start + 1 == len(values):
            return int(found[3]), values
    raise ValueError("an attribute was not read to its end")
