"""Who held what is read at once, whoever and however many they were, if anything names it."""

from __future__ import annotations

from datetime import timedelta

from connectors.store_sql import SqlStore
from correlate.model import Identity, KindId, Liveness, LivenessState, PersonId, Reader
from correlate.secret import Fingerprint
from correlate.verdict import Holding, Person
from tests.correlate.cast import NOW

MAIL = Identity("mail", "ann@x.example")


def test_holders_come_by_their_ids_each_with_all_their_times(store: SqlStore) -> None:
    spans = ((NOW, NOW + timedelta(days=1)), (None, NOW))
    held_by_ann = tuple(Holding(MAIL, since, until, "hr") for since, until in spans)
    ann = Person(PersonId("1"), "Ann", holdings=held_by_ann)
    login = Holding(Identity("login", "ben"), NOW, None, "ad")
    number = Holding(Identity("github-id", "77"), NOW, None, "ad")
    unnamed = Holding(Identity("login", "benny"), NOW, None, "ad")
    mails = Holding(MAIL, None, None, "ad")
    ben = Person(PersonId("2"), "Ben", holdings=(mails, login, number, unnamed))
    issuer = Liveness(LivenessState.LIVE, NOW, "yes", identities=(Identity("gitlab", "Ben"),))
    with store.transaction() as tx:
        tx.people.save_persons([ben, ann])
        tx.access.save_readers(("repos", "payments"), [Reader(MAIL, "a member")], NOW)
        tx.scans.save_answer(Fingerprint("p1", "0" * 64), KindId("github-pat"), issuer)
        held, handles_of = tx.people.named_holders()
    assert dict(held) == {
        MAIL: [*((ann.id, one) for one in held_by_ann), (ben.id, mails)],
        login.identity: [(ben.id, login)],
        number.identity: [(ben.id, number)],
    }
    assert len(held) == 3
    assert held.get(Identity("github", MAIL.handle)) is None
    assert handles_of({ann.id}) == {MAIL.handle}
    assert handles_of({ben.id}) == {MAIL.handle, "ben", "77"}
    assert handles_of({PersonId("9")}) == set()
