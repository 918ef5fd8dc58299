"""Who held what is read at once, whoever and however many they were."""

from __future__ import annotations

from datetime import timedelta

from connectors.store_sql import SqlStore
from correlate.model import Identity, PersonId
from correlate.verdict import Holding, Person
from tests.correlate.cast import NOW

MAIL = Identity("mail", "ann@x.example")


def test_holders_come_by_their_ids_each_with_all_their_times(store: SqlStore) -> None:
    spans = ((NOW, NOW + timedelta(days=1)), (None, NOW))
    held_by_ann = tuple(Holding(MAIL, since, until, "hr") for since, until in spans)
    ann = Person(PersonId("1"), "Ann", holdings=held_by_ann)
    login = Holding(Identity("login", "ben"), NOW, None, "ad")
    ben = Person(PersonId("2"), "Ben", holdings=(Holding(MAIL, None, None, "ad"), login))
    with store.transaction() as tx:
        tx.people.save_persons([ben, ann])
        held, handles_of = tx.people.every_holder()
    both = [(one.id, hold) for one in (ann, ben) for hold in one.holdings]
    assert dict(held) == {
        MAIL: [(who, hold) for who, hold in both if hold.identity == MAIL],
        login.identity: [(ben.id, login)],
    }
    assert len(held) == 2
    assert held.get(Identity("github", MAIL.handle)) is None
    assert handles_of({ann.id}) == {MAIL.handle}
    assert handles_of({ben.id}) == {MAIL.handle, "ben"}
    assert handles_of({PersonId("9")}) == set()
