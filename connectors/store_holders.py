"""Who ever held which identity, of all persons there are: read at once, decoded as it is asked.

Most of a company's identities are never asked about in one judgement.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any

import msgspec

from correlate.model import Identity, PersonId
from correlate.verdict import Holding, Person

HeldRow = tuple[str, str, str, str]  # handle, system, person, times
Holder = tuple[PersonId, Holding]
_Times = list[tuple[datetime | None, datetime | None, str]]


def held_rows(person: Person) -> list[HeldRow]:
    """Return the rows of what a person held, one an identity."""
    times: dict[Identity, _Times] = {}
    for one in person.holdings:
        times.setdefault(one.identity, []).append((one.since, one.until, one.source))
    return [
        (who.handle, who.system, person.id, msgspec.json.encode(held).decode())
        for who, held in times.items()
    ]


class HeldRows(Mapping[Identity, Sequence[Holder]]):
    """Who held which identity, those of one identity by their ids."""

    def __init__(self, rows: Iterable[HeldRow]) -> None:
        """Take rows that are sorted by person within each identity."""
        held: dict[tuple[str, str], tuple[str, ...]] = {}
        once = dict[str, str]().setdefault  # systems, persons and times come again and again
        for handle, system, person, times in rows:
            key, one = (once(system, system), handle), (once(person, person), once(times, times))
            before = held.setdefault(key, one)
            if before is not one:
                held[key] = before + one
        self._rows = held

    def handles_of(self, persons: Container[PersonId]) -> set[str]:
        """Return the handles of all that any of the persons held."""
        return {
            handle
            for (_, handle), row in self._rows.items()
            if row[0] in persons
            or (len(row) > 2 and any(person in persons for person in row[2::2]))  # noqa: PLR2004
        }

    def get(self, identity: Identity, default: Any = None) -> Any:
        """Return who held an identity, and nothing slower than that: it is asked millions of times."""
        row = self._rows.get((identity.system, identity.handle))
        return default if row is None else _decoded(identity, row)

    def __getitem__(self, identity: Identity) -> Sequence[Holder]:
        return _decoded(identity, self._rows[identity.system, identity.handle])

    def __iter__(self) -> Iterator[Identity]:
        return (Identity(system, handle) for system, handle in self._rows)

    def __len__(self) -> int:
        return len(self._rows)


def _decoded(identity: Identity, row: Sequence[str]) -> list[Holder]:
    return [
        (PersonId(person), Holding(identity, *times))
        for person, text in zip(row[::2], row[1::2], strict=True)
        for times in _reader().decode(text)
    ]


@cache
def _reader() -> msgspec.json.Decoder[_Times]:
    return msgspec.json.Decoder(_Times)
