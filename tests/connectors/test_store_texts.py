"""Any number of texts are one parameter, and are found as they are."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from connectors.store_rows import insert_new
from connectors.store_schema import scanned_item
from connectors.store_sql import SqlStore
from connectors.store_texts import among

TEXTS = st.sets(st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=9))


@given(TEXTS, TEXTS)
@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_those_asked_for_are_found(store: SqlStore, there: set[str], wanted: set[str]) -> None:
    item = scanned_item.c.item
    with store._opened().connect() as connection, connection.begin() as undone:
        connection.execute(scanned_item.delete())
        insert_new(connection, scanned_item, [{"ruleset": "r", "item": one} for one in there])
        found = connection.scalars(select(item).where(among(item, wanted))).all()
        undone.rollback()
    assert sorted(found) == sorted(there & wanted)


def test_there_may_be_more_than_a_statement_has_parameters(store: SqlStore) -> None:
    names = [f"{number:x}" for number in range(100_000)]
    with store._opened().begin() as connection:
        insert_new(connection, scanned_item, [{"ruleset": "r", "item": "ff"}])
        item = scanned_item.c.item
        assert connection.scalars(select(item).where(among(item, names))).all() == ["ff"]
