"""Where persons stand, kept until it changes by itself: no judgement looks at all of a company again."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from sqlalchemy import Connection, and_, delete, select
from sqlalchemy.sql.elements import ColumnElement

from connectors.store_rows import chunks, dumped, instant, loaded, streamed, upsert
from connectors.store_schema import person, standing
from connectors.store_texts import among
from correlate.departure import HERE
from correlate.model import PersonId
from correlate.standstill import FOR_EVER, RULES
from correlate.verdict import Standing

_AT_ONCE = 2000


def standings(connection: Connection, now: datetime) -> Mapping[PersonId, Standing]:
    """Return what `PeopleVerbs.standings` does."""
    query = select(standing.c.person, standing.c.data).where(_in_force(now))
    return {
        PersonId(name): loaded(Standing, text) if text else HERE
        for name, text in streamed(connection, query)
    }


def is_unkept(now: datetime) -> ColumnElement[bool]:
    """Return the condition that it is not kept where a person stands at `now`."""
    return ~select(standing).where(standing.c.person == person.c.id, _in_force(now)).exists()


def keep_standings(
    connection: Connection, some: Iterable[tuple[PersonId, Standing, datetime]], now: datetime
) -> None:
    """Do what `PeopleVerbs.keep_standings` promises."""
    since, for_ever = instant(now), instant(FOR_EVER)
    for chunk in chunks(some, _AT_ONCE):
        rows = [
            {
                "person": name,
                "rules": RULES,
                "since": since,
                "until": for_ever if until == FOR_EVER else instant(until),
                "data": "" if held == HERE else dumped(held),
            }
            for name, held, until in chunk
        ]
        upsert(connection, standing, rows)


def forget_standings(connection: Connection, persons: Collection[PersonId]) -> None:
    """Keep no longer where these stand."""
    for some in chunks(persons):
        connection.execute(delete(standing).where(among(standing.c.person, some)))


def _in_force(now: datetime) -> ColumnElement[bool]:
    at = instant(now)
    return and_(standing.c.rules == RULES, standing.c.since <= at, standing.c.until > at)
