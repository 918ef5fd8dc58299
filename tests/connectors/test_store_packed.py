"""What is packed is read later and elsewhere as it was stored, on each engine."""

from __future__ import annotations

import pickle
from dataclasses import replace
from datetime import timedelta
from typing import TypeVar

from connectors.store_sql import SqlStore
from correlate.case import key
from correlate.model import (
    Exposure,
    Identity,
    KindId,
    Liveness,
    LivenessState,
    Locator,
    Medium,
    PersonId,
)
from correlate.secret import Fingerprint
from correlate.stored import Answers, Packed, Uses
from correlate.verdict import Case, CaseKind, CaseState, Embargo, Holding, Person, Restriction
from tests.correlate.cast import NOW

LATER = NOW + timedelta(hours=1)
KIND = KindId("github-pat")
FEW = [Fingerprint("p1", f"{number:064x}") for number in range(5)]
MAIL = Identity("mail", "ann@x.example")
T = TypeVar("T")


def sent(one: Packed[T]) -> Packed[T]:
    copy: Packed[T] = pickle.loads(pickle.dumps(one))  # noqa: S301  # our own
    return copy


def case(number: int) -> Case:
    name = key(FEW[number], None)
    return Case(
        name, CaseKind.F3, FEW[number], KIND, None, None, CaseState.OPEN, "medium", NOW, NOW
    )


def test_what_was_found_comes_with_its_answers_and_uses(store: SqlStore) -> None:
    live = Liveness(LivenessState.LIVE, LATER, "yes", asked_at=LATER, last_used_at=NOW)
    doubt = Liveness(LivenessState.UNKNOWN, NOW, "?", asked_at=NOW)
    dead = Liveness(LivenessState.DEAD, NOW, "no", asked_at=NOW)
    with store.transaction() as tx:
        for one in FEW:
            places = [Locator("repos", "payments", "0" * 40, line=line) for line in (1, 2)]
            tx.scans.save_exposures([Exposure(one, KIND, at, Medium.FILE) for at in places], NOW)
        given = [
            (FEW[1], live),
            (FEW[1], doubt),
            (FEW[2], dead),
            (FEW[2], replace(doubt, at=LATER)),
        ]
        tx.scans.save_answers([(one, KIND, said) for one, said in given])
        stored = list(tx.scans.by_credential())
        packs = list(tx.scans.packed(2))
        some = [names for names, _ in tx.scans.packed(9, FEW[:2])]
    assert [names for names, _ in packs] == [FEW[:2], FEW[2:4], FEW[4:]]
    assert some == [FEW[:2]]
    found = [one for _, pack in packs for one in sent(pack).unpack()]
    assert [one.exposures for one in found] == stored
    assert [one.answers for one in found[:3]] == [
        Answers(None, None),
        Answers(live, live),
        Answers(dead, replace(doubt, at=LATER)),
    ]
    assert (set(found[1].uses.asked), found[1].uses.used) == ({NOW, LATER}, (NOW,))
    assert found[2].uses == Uses()  # no answer tells of a use


def test_cases_are_found_by_their_credential(store: SqlStore) -> None:
    with store.transaction() as tx:
        tx.cases.save_cases(map(case, range(3)))
        packed, nothing = sent(tx.cases.packed(FEW[1:])), tx.cases.packed([])
        assert tx.cases.in_cases() == set(FEW[:3])
    assert sorted(one.key for one in packed.unpack()) == sorted(case(n).key for n in (1, 2))
    assert nothing.unpack() == []


def test_persons_come_without_what_they_held_and_with_what_was_said(store: SqlStore) -> None:
    ann = Person(PersonId("1"), "Ann", holdings=(Holding(MAIL, NOW, None, "hr"),))
    ben = Person(PersonId("2"), "Ben", machine=True, left_seen_at=NOW)
    with store.transaction() as tx:
        tx.people.save_persons([ben, ann])
        tx.sensitive.save_embargo(Embargo("r1", ann.id, LATER, "b", "c", NOW))
        tx.sensitive.save_restriction(Restriction(ben.id, holds=True, by="b", reason="c", at=NOW))
        packs = [sent(one) for one in tx.people.packed(1)]
    assert [pack.unpack() for pack in packs] == [
        [replace(ann, holdings=(), embargo_until=LATER)],
        [replace(ben, restricted=True)],
    ]


def test_a_store_of_before_is_filled_out(store: SqlStore) -> None:
    ann = Person(PersonId("1"), "Ann", holdings=(Holding(MAIL, NOW, None, "hr"),))
    with store.transaction() as tx:
        tx.people.save_persons([ann])
        tx.cases.save_cases([case(0)])
        before = dict(tx.people.named_holders().held)
    with store._opened().begin() as connection:
        for words in (
            "DROP TABLE standing",
            "DROP INDEX held_case_of",
            "ALTER TABLE held_case DROP COLUMN key_id",
            "ALTER TABLE held_case DROP COLUMN digest",
            "ALTER TABLE holding DROP COLUMN times",
            "UPDATE alembic_version SET version_num = '0012'",
        ):
            connection.exec_driver_sql(words)
    store.prepare()
    with store.transaction() as tx:
        assert tx.cases.packed(FEW).unpack() == [case(0)]
        assert dict(tx.people.named_holders().held) == before
