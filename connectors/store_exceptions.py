"""The store's exception verbs: every step, in its order."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, select

from connectors.store_rows import dumped, loaded
from connectors.store_schema import exception_step
from correlate.exception import ExceptionStep


@dataclass(frozen=True, slots=True)
class ExceptionRows:
    """`ExceptionVerbs` over one connection."""

    connection: Connection

    def save_step(self, step: ExceptionStep) -> None:
        self.connection.execute(exception_step.insert().values(data=dumped(step)))

    def steps(self) -> list[ExceptionStep]:
        query = select(exception_step.c.data).order_by(exception_step.c.number)
        return [loaded(ExceptionStep, text) for text in self.connection.scalars(query)]
