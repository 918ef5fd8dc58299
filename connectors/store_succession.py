"""The store's succession verbs: steps towards successors, and leaves of absence as they were seen."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, select

from connectors.store_rows import dumped, loaded
from connectors.store_schema import absence, succession_step
from correlate.verdict import Absence, SuccessionStep


@dataclass(frozen=True, slots=True)
class SuccessionRows:
    """`SuccessionVerbs` over one connection."""

    connection: Connection

    def save_step(self, step: SuccessionStep) -> None:
        self.connection.execute(succession_step.insert().values(data=dumped(step)))

    def steps(self) -> list[SuccessionStep]:
        query = select(succession_step.c.data).order_by(succession_step.c.number)
        return [loaded(SuccessionStep, text) for text in self.connection.scalars(query)]

    def save_absences(self, rows: Iterable[Absence]) -> None:
        made = [{"data": dumped(row)} for row in rows]
        if made:
            self.connection.execute(absence.insert(), made)

    def absences(self) -> list[Absence]:
        query = select(absence.c.data).order_by(absence.c.number)
        return [loaded(Absence, text) for text in self.connection.scalars(query)]
