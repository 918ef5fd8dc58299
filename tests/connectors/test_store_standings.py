"""Where people stand is kept until its time is over, or something else is said of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from connectors import store_standings
from connectors.store_sql import SqlStore
from correlate.departure import HERE
from correlate.model import PersonId
from correlate.ports_store import Transaction
from correlate.standstill import FOR_EVER
from correlate.verdict import (
    Departure,
    Embargo,
    Named,
    Person,
    Restriction,
    Standing,
    StandingState,
)
from tests.correlate.cast import NOW

ANN, BEN = PersonId("1"), PersonId("2")
DAY = timedelta(days=1)
LEFT = Standing(StandingState.LEFT, Departure(BEN, "2020", NOW, "hr", "day"), ("a note",))
PEOPLE = (Person(ANN, "Ann"), Person(BEN, "Ben"))


def keep(tx: Transaction) -> None:
    tx.people.save_persons(PEOPLE)
    tx.people.keep_standings([(ANN, HERE, FOR_EVER), (BEN, LEFT, NOW + DAY)], NOW)


def unkept(tx: Transaction, days: int = 0) -> set[PersonId]:
    """Return of whom nothing is kept, by both ways of asking."""
    now = NOW + days * DAY
    packs = list(tx.people.packed(1, unkept_at=now))
    found = {person.id for pack in packs for person in pack.unpack()}
    assert found == {one.id for one in PEOPLE} - tx.people.standings(now).keys()
    return found


def test_it_is_read_as_it_was_kept_from_then_until_its_time_is_over(store: SqlStore) -> None:
    with store.transaction() as tx:
        keep(tx)
        assert tx.people.standings(NOW) == {ANN: HERE, BEN: LEFT}
        assert [unkept(tx, days) for days in (-1, 0, 1)] == [{ANN, BEN}, set(), {BEN}]
        again = replace(LEFT, notes=())
        tx.people.keep_standings([(BEN, again, FOR_EVER)], NOW + DAY)
        assert tx.people.standings(NOW + DAY) == {ANN: HERE, BEN: again}


SAID = {
    "another row": lambda tx: tx.people.save_persons([PEOPLE[0], Person(BEN, "Ben II")]),
    "a changed row": lambda tx: tx.people.change_persons([Person(BEN, "Ben II")], ()),
    "an embargo": lambda tx: tx.sensitive.save_embargo(Embargo("r", BEN, NOW, "b", "c", NOW)),
    "a restriction": lambda tx: tx.sensitive.save_restriction(
        Restriction(BEN, holds=True, by="carol", reason="asked", at=NOW)
    ),
}


@pytest.mark.parametrize("say", SAID.values(), ids=SAID)
def test_what_is_said_of_somebody_makes_void_what_was_kept_of_them(
    store: SqlStore, say: Callable[[Transaction], None]
) -> None:
    with store.transaction() as tx:
        keep(tx)
        say(tx)
        assert unkept(tx) == {BEN}


def test_the_same_row_says_nothing_new(store: SqlStore) -> None:
    with store.transaction() as tx:
        keep(tx)
        tx.people.save_persons(PEOPLE)
        tx.people.change_persons(PEOPLE, ())
        assert unkept(tx) == set()


GONE = {
    "in no feed": lambda tx: tx.people.save_persons(PEOPLE[:1]),
    "taken out": lambda tx: tx.people.change_persons((), [BEN]),
    "forgotten": lambda tx: tx.sensitive.forget([Named(BEN, "ref-1", *[frozenset()] * 3)]),
}


@pytest.mark.parametrize("go", GONE.values(), ids=GONE)
def test_of_whoever_is_no_more_nothing_is_kept(
    store: SqlStore, go: Callable[[Transaction], None]
) -> None:
    with store.transaction() as tx:
        keep(tx)
        go(tx)
        assert set(tx.people.standings(NOW)) == {ANN}


def test_what_other_rules_made_is_not_kept(
    store: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    with store.transaction() as tx:
        keep(tx)
        monkeypatch.setattr(store_standings, "RULES", "another")
        assert unkept(tx) == {ANN, BEN}
        keep(tx)
        assert unkept(tx) == set()
