"""Whom one gets to know by asking is judged as if everybody were known."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from connectors.store_sql import SqlStore
from correlate.identity import Match
from correlate.model import Identity, PersonId, Reader
from correlate.ports_store import Transaction
from correlate.verdict import Correction, Embargo, Held, Restriction, StandingState
from jobs.circle import Circle, Staff
from jobs.judgement import claims_on, judgement, ties_on
from jobs.people import circle, everybody
from tests.correlate.cast import NOW, account, author, day, exposure, mail, snapshot, worker
from tests.jobs.stage import fill, fresh_store, unabsorbed

CREW = snapshot(
    worker("1", "jane@x.example", end="2026-06-30"),
    worker("2", "omar@x.example"),
    worker("3", "jane@x.example", start="2026-09-01"),
    worker("4", "zoe@x.example"),
    accounts=(account("omar", "o@x.example", worker_id="2"),),
)

NAMED = [mail("jane@x.example"), mail("zoe@x.example")]  # by a place and its reader


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    made = fresh_store(tmp_path)
    reader = Reader(mail("zoe@x.example"), "committed", day("2024-01-01"))
    place = exposure(author("jane@x.example", "2025-02-01"), readers=(reader,))
    fill(made, people=CREW, places=(place,))
    yield made
    made.close()


def lean_after(tx: Transaction, nights: int, *met: str) -> tuple[Circle, Staff]:
    """Return who is known when it was kept on the nights before where people stand."""
    for _ in range(nights):
        known = circle(tx, NOW)
        known.know({PersonId(one) for one in met})
        staff = known.everybody_lean(3, both=False)
        tx.people.keep_standings((one for one in known.looked_at() if one[2] > NOW), NOW)
    return known, staff


def of_named(held: Held) -> dict[Identity, object]:
    return {one: held[one] for one in NAMED}


def test_it_knows_only_whom_it_asked_about(store: SqlStore) -> None:
    with store.transaction() as tx:
        known = circle(tx, NOW)
        assert known.staff.people.persons == {}
        staff = known.ask({"omar@x.example", "nobody@x.example"})
        assert set(staff.people.persons) == {"2"}
        assert staff.people.who(mail("Omar@X.example"), None).person == "2"
        assert set(known.know({PersonId("4"), PersonId("9")}).people.persons) == {"2", "4"}
        assert known.handles_of({PersonId("2")}) == {
            "omar@x.example",
            "o@x.example",
            "omar",
            "id-omar",
        }


def test_an_address_that_several_held_has_all_its_holders(store: SqlStore) -> None:
    with store.transaction() as tx:
        people = circle(tx, NOW).ask({"jane@x.example"}).people
    assert people.who(mail("jane@x.example"), day("2026-01-01")).person == "1"
    assert people.who(mail("jane@x.example"), day("2026-10-01")).person == "3"
    assert people.who(mail("jane@x.example"), day("2026-07-20")).match is Match.AMBIGUOUS


def test_what_it_says_of_a_credential_is_what_everybody_says(store: SqlStore) -> None:
    with store.transaction() as tx:
        (item,) = unabsorbed(tx)
        met = circle(tx, NOW).meet([item])
        whole = Circle(tx, NOW).everybody()
        assert ties_on(item, met) == ties_on(item, whole)
        assert judgement(item, met) == judgement(item, whole)
        assert [gone for gone in met.gone.values() if gone] == list(whole.gone.values()) == []
        assert {(one.person, one.relation.value) for one in claims_on(item, met)} == {
            ("1", "introduced"),
            ("4", "could_read"),
        }
        assert everybody(tx, NOW).leavers() == ["1"]
        assert dict(circle(tx, NOW).standings())[PersonId("1")].state is StandingState.LEFT


@pytest.mark.parametrize("holds", [True, False])
def test_what_people_say_counts_for_whoever_is_met(store: SqlStore, holds: bool) -> None:
    shared = mail("jane@x.example")
    said = Correction(
        shared, PersonId("4" if holds else "1"), holds, None, None, "boss", "known", NOW
    )
    with store.transaction() as tx:
        tx.people.save_correction(said)
        link = circle(tx, NOW).ask({"jane@x.example"}).people.who(shared, day("2026-01-01"))
        assert link.person == ("4" if holds else "3")
        assert ("jane@x.example" in circle(tx, NOW).handles_of({PersonId("4")})) is holds


def test_an_account_is_its_persons(store: SqlStore) -> None:
    with store.transaction() as tx:
        known = circle(tx, NOW)
        assert known.of_account("ID-omar") == "2"
        assert known.of_account("id-nobody") is None
        assert known.staff.people.who(Identity("login", "omar"), None).match is Match.NONE


@pytest.mark.parametrize("nights", [1, 2])
def test_of_very_many_only_what_is_asked_about_is_kept(store: SqlStore, nights: int) -> None:
    with store.transaction() as tx:
        tx.sensitive.save_restriction(
            Restriction(PersonId("3"), holds=True, by="carol", reason="asked", at=NOW)
        )
        whole = everybody(tx, NOW)
        known, lean = lean_after(tx, nights, "4")
    looked = {one for one, _, _ in known.looked_at()}
    assert looked == ({"1", "2", "3", "4"} if nights == 1 else {"3", "4"})
    assert set(lean.people.persons) == {"3", "4"}
    assert dict(lean.people.held) == of_named(whole.people.held)
    assert lean.standings == whole.standings
    assert lean.gone.items() <= whole.gone.items()


@pytest.mark.parametrize("nights", [1, 2])
@pytest.mark.parametrize("by_feed", [True, False])
def test_of_very_many_nothing_is_told_that_may_not_be_read(
    store: SqlStore, by_feed: bool, nights: int
) -> None:
    shared, until = mail("jane@x.example"), day("2027-01-01")
    no = Correction(shared, PersonId("3"), False, None, None, "boss", "known", NOW)  # noqa: FBT003
    with store.transaction() as tx:
        open_ends = dict(everybody(tx, NOW).people.held)[shared]
        if by_feed:
            first, *others = CREW.workers
            sealed = (replace(first, embargo_until=until), *others)
            tx.people.save_snapshot(replace(CREW, workers=sealed))
        else:
            tx.sensitive.save_embargo(Embargo("r1", PersonId("1"), until, "b", "c", NOW))
        tx.people.save_correction(no)
        (_, lean), whole = lean_after(tx, nights), everybody(tx, NOW)
    assert [(who, hold.until is None) for who, hold in open_ends] == [("1", False), ("3", True)]
    assert [(who, hold.until) for who, hold in lean.people.held[shared]] == [("1", None)]
    assert dict(lean.people.held) == of_named(whole.people.held)
    assert lean.standings == whole.standings
    assert lean.standings[PersonId("1")].state is StandingState.HERE
    assert len(lean.people.held) == len(NAMED)


def test_readers_who_left_are_known_by_the_ways_they_are_named(store: SqlStore) -> None:
    by_correction, by_number = mail("zoe-old@x.example"), mail("7+z@users.noreply.github.com")
    told = (
        Reader(by_correction, "a member"),
        Reader(by_number, "a member"),
        Reader(mail("omar@x.example"), "x"),
    )
    said = Correction(by_correction, PersonId("1"), True, None, None, "boss", "known", NOW)  # noqa: FBT003
    with store.transaction() as tx:
        tx.access.save_readers(("repos", "other"), told, NOW)
        tx.people.save_correction(said)
        lean, whole = circle(tx, NOW).everybody_lean(3, both=False), everybody(tx, NOW)
    assert [one.person for one in lean.gone["repos", "other"]] == ["1"]
    assert {place: gone for place, gone in whole.gone.items() if gone} == {
        place: gone for place, gone in lean.gone.items() if gone
    }
