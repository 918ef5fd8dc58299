"""Who ever held which identity, of all persons there are: read at once, decoded as it is asked.

Most of a company's identities are never asked about in one judgement.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cache
from sys import intern

import msgspec

from connectors.store_rows import dumped
from correlate.model import Identity, PersonId
from correlate.verdict import Holding, Person

HeldRow = tuple[str, str, str, str]  # handle, system, person, times
Held = tuple[PersonId, Holding]
_Times = list[tuple[datetime | None, datetime | None, str]]


def held_rows(person: Person) -> list[HeldRow]:
    """Return the rows of what a person held, one an identity."""
    times: dict[Identity, list[tuple[datetime | None, datetime | None, str]]] = {}
    for one in person.holdings:
        times.setdefault(one.identity, []).append((one.since, one.until, one.source))
    return [(who.handle, who.system, person.id, dumped(held)) for who, held in times.items()]


class HeldRows(Mapping[Identity, Sequence[Held]]):
    """Who held which identity, those of one identity by their ids."""

    def __init__(self) -> None:
        self._rows: dict[tuple[str, str], tuple[str, ...]] = {}

    def fill(self, rows: Iterable[HeldRow], of: Container[str]) -> set[str]:
        """Take rows, sorted by person within each identity; return the handles of the persons `of`."""
        handles: set[str] = set()
        same: dict[str, str] = {}  # what a person held was held from one day on, mostly
        for handle, system, person, times in rows:
            key, one = (intern(system), handle), (intern(person), same.setdefault(times, times))
            self._rows[key] = self._rows[key] + one if key in self._rows else one
            if person in of:
                handles.add(handle)
        return handles

    def __getitem__(self, identity: Identity) -> Sequence[Held]:
        return _decoded(identity, self._rows[identity.system, identity.handle])

    def __iter__(self) -> Iterator[Identity]:
        return (Identity(system, handle) for system, handle in self._rows)

    def __len__(self) -> int:
        return len(self._rows)


def _decoded(identity: Identity, row: Sequence[str]) -> list[Held]:
    return [
        (PersonId(person), Holding(identity, *times))
        for person, text in zip(row[::2], row[1::2], strict=True)
        for times in _reader().decode(text)
    ]


@cache
def _reader() -> msgspec.json.Decoder[_Times]:
    return msgspec.json.Decoder(_Times)
