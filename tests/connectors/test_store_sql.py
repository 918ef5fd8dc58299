"""The store keeps all or nothing, twice the same is once, and nobody else may read it."""

from __future__ import annotations

import sqlite3
import stat
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from connectors import store_sql
from connectors.store_schema import metadata
from connectors.store_sql import NEWEST, SqlStore
from correlate.case import key
from correlate.errors import ConfigError
from correlate.exception import ExceptionStep, Move, Terms
from correlate.forgetting import is_reference
from correlate.listed import Hint, InventoryRow, Listed, RowState
from correlate.memory import memory_of
from correlate.model import (
    Coverage,
    CoverageState,
    Employment,
    Exposure,
    Identity,
    KindId,
    Liveness,
    LivenessState,
    Locator,
    Medium,
    PeopleSnapshot,
    PersonId,
    Place,
    Reader,
    Touch,
    Trace,
    Truth,
    Worker,
    WorkerId,
)
from correlate.ports import Setup
from correlate.ports_store import AccessVerbs
from correlate.secret import Fingerprint
from correlate.stored import Delivery, Lifespan, Phase, RunRecord, Uses
from correlate.ticket import TicketRef
from correlate.verdict import (
    Absence,
    Case,
    CaseKind,
    CaseState,
    Correction,
    Departure,
    Doubt,
    Embargo,
    Holding,
    Named,
    Person,
    Restriction,
    Step,
    SuccessionStep,
    Watch,
)

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
FP = Fingerprint("p1", "ab" * 32)
KIND = KindId("github-pat")
PLACE = Locator("repos", "payments", "0" * 40, "", 3)
WORKER = Worker(WorkerId("9"), "1", "Zoe", Employment.LEFT)


@pytest.fixture
def on_disk(tmp_path: Path) -> Iterator[SqlStore]:
    made = store_sql.connect(store_sql.Settings(), Setup("store", tmp_path / "state"))
    made.prepare()
    yield made
    made.close()


def exposure(place: Locator = PLACE) -> Exposure:
    return Exposure(FP, KIND, place, Medium.FILE, {"note": "x"})


def test_scanned_items_are_remembered_per_ruleset(store: SqlStore) -> None:
    items = [f"{n:040x}" for n in range(12_000)]
    with store.transaction() as tx:
        tx.scans.mark_scanned("r1", items[:11_000])
        tx.scans.mark_scanned("r1", items[:5])
    with store.transaction() as tx:
        assert tx.scans.unscanned("r1", items) == items[11_000:]
        assert tx.scans.unscanned("r2", items[:3]) == items[:3]


def test_an_exposure_keeps_its_first_sight_and_its_trace(store: SqlStore) -> None:
    trace = Trace(PLACE, "a.py", (Touch(Identity("mail", "a@x.example"), "author", NOW),))
    later = NOW + timedelta(days=1)
    with store.transaction() as tx:
        tx.scans.save_exposures([exposure()], NOW)
        assert tx.scans.untraced("repos") == [PLACE]
        tx.scans.save_trace(trace, NOW)
        tx.scans.save_exposures([exposure()], later)
    with store.transaction() as tx:
        (kept,) = tx.scans.exposures(FP)
        assert tx.scans.untraced("repos") == []
        assert tx.scans.exposures_of_items(["0" * 40]) == [kept]
    assert (kept.trace, kept.first_seen_at, kept.last_seen_at) == (trace, NOW, later)
    assert kept.facts == {"note": "x"}


def a_row(hint: Hint, owner: Identity) -> Listed:
    row = InventoryRow(
        "gh", "acme", "7", "github", "token", RowState.ACTIVE, owners=(owner,), hints=(hint,)
    )
    return Listed(row, Fingerprint("p1", "cd" * 32), NOW, NOW, NOW)


def reader(handle: str, since: datetime | None = None, until: datetime | None = None) -> Reader:
    return Reader(Identity("mail", handle), "committed", since, until)


def packed(access: AccessVerbs, handle: str) -> dict[Place, tuple[Reader, ...]]:
    return dict(one for pack in access.packed({handle}, 1) for one in pack.unpack())


def test_readers_stand_once_for_each_container_with_their_time(store: SqlStore) -> None:
    place, other = ("repos", "payments"), ("repos", "other")
    with store.transaction() as tx:
        tx.access.save_readers(place, [reader("a@x", NOW), reader("B@x"), reader("b@x", NOW)], NOW)
        tx.access.save_readers(place, [reader("a@x", LATER)], LATER)
        tx.access.save_readers(other, [reader("c@x", None, NOW)], NOW)
    with store.transaction() as tx:
        held = tx.access.readers([place, other, ("repos", "none")])
        assert dict(tx.access.all_readers()) == held
        assert packed(tx.access, "c@x") == {other: held[other]}
        assert tx.access.readable(["b@x", "nobody"]) == {place}
        assert tx.access.readable([]) == set()
    assert held[other] == (reader("c@x", None, NOW),)
    # who was told of twice could read since the first instant; who no longer is, until now
    assert set(held[place]) == {reader("a@x", NOW), reader("b@x", None, LATER)}
    with store.transaction() as tx:
        tx.access.save_readers(place, [reader("b@x")], LATER)
        back = {one.identity.handle: one.until for one in tx.access.readers([place])[place]}
        by_number = reader("7+cy@users.noreply.github.com")
        tx.access.save_readers(other, [by_number, reader("c@x")], LATER)
        assert packed(tx.access, "7") == {other: (by_number,)}
    assert back == {"a@x": LATER, "b@x": None}


def test_a_credential_is_found_by_whom_it_names_and_by_its_hints(store: SqlStore) -> None:
    jane = Identity("mail", "7+Jane@users.noreply.github.com")
    hint = Identity("mail", "hint@x")
    touch = Touch(jane, "author", NOW, hint=hint)
    trace = Trace(PLACE, "a.py", (touch,), (reader("r@x"),))
    found = replace(exposure(), hints=("h1", "h2"))
    live = Liveness(LivenessState.LIVE, NOW, "ok", identities=(Identity("github", "Omar"),))
    with store.transaction() as tx:
        tx.scans.save_exposures([found], NOW)
        tx.scans.save_trace(trace, NOW)
        tx.scans.save_answer(FP, KIND, live)
        listed = a_row(Hint("last8", "h2"), Identity("mail", "list@x"))
        tx.inventory.save_listed([listed])
    with store.transaction() as tx:
        for handle in ("jane", "7", "omar", "hint@x"):
            assert tx.scans.mentioning([handle]) == {FP}
        assert tx.scans.mentioning(["list@x"]) == {listed.fingerprint}
        assert tx.scans.mentioning(["r@x", "Omar"]) == set()
        assert tx.scans.standing_in([("repos", "payments"), ("x", "y")]) == {FP}
        (kept,) = tx.scans.exposures(FP)
        assert kept.trace is not None
        assert kept.trace.readers == ()
        assert tx.access.readable(["r@x"]) == {("repos", "payments")}
        bearers = {tuple(one) for one in tx.scans.hints_of([listed.fingerprint])}
        assert bearers == {("h2", FP, False), ("h2", listed.fingerprint, True)}
        assert tx.inventory.listed(only=[listed.fingerprint]) == [listed]
        assert tx.inventory.listed(only=[FP]) == []


def test_credentials_come_one_by_one_with_all_their_places(store: SqlStore) -> None:
    other = Fingerprint("p1", "00" * 32)
    places = [replace(PLACE, line=line) for line in (3, 4, 5)]
    here = [replace(exposure(), locator=place) for place in places]
    with store.transaction() as tx:
        tx.scans.save_exposures([*here, replace(here[0], fingerprint=other)], NOW)
        dead = Liveness(LivenessState.DEAD, NOW, "no")
        tx.scans.save_answers([(FP, KIND, dead), (other, KIND, dead)])
        tx.scans.save_answer(other, KIND, Liveness(LivenessState.UNKNOWN, LATER, "down"))
    with store.transaction() as tx:
        counts = [(one[0].fingerprint, len(one)) for one in tx.scans.by_credential()]
        assert counts == [(other, 1), (FP, 3)]
        assert [one[0].fingerprint for one in tx.scans.by_credential([FP])] == [FP]
        assert tx.scans.rejected() == {FP}
        assert set(tx.scans.answers([other])) == {other}
        assert tx.scans.how_many_places() == 4


def test_persons_are_kept_until_a_snapshot_is_saved(store: SqlStore) -> None:
    held = Holding(Identity("mail", "ann@x"), NOW, None, "hr")
    ann, ben = Person(PersonId("1"), "Ann", holdings=(held,)), Person(PersonId("2"), "Ben")
    with store.transaction() as tx:
        assert not tx.people.persons_current()
        tx.people.save_persons([ann, ben])
        assert tx.people.persons_current()
        assert list(tx.people.every_person()) == [ann, ben]
        assert tx.people.holders(["ann@x", "y"]) == [(held.identity, ann.id)]
    moved = replace(ann, holdings=(replace(held, identity=Identity("mail", "anna@x")),))
    with store.transaction() as tx:
        tx.people.save_persons([moved])
        assert tx.people.persons([ann.id, ben.id]) == {ann.id: moved}
        assert tx.people.holders(["ann@x"]) == []
        assert tx.people.how_many_persons() == 1
        tx.people.save_snapshot(PeopleSnapshot("hr", NOW, complete=True, digest="d"))
        assert not tx.people.persons_current()


def test_the_last_definite_answer_outlives_a_doubtful_one(store: SqlStore) -> None:
    live = Liveness(LivenessState.LIVE, NOW, "accepted", identities=(Identity("github", "a"),))
    doubt = Liveness(LivenessState.UNKNOWN, NOW + timedelta(hours=1), "timeout")
    with store.transaction() as tx:
        tx.scans.save_answer(FP, KIND, live)
        tx.scans.save_answer(FP, KIND, doubt)
        tx.scans.save_answer(FP, KIND, doubt)
        said = tx.scans.answers()[FP]
    assert (said.definite, said.latest) == (live, doubt)


def test_an_answer_that_stood_in_is_taken_back_and_no_other(store: SqlStore) -> None:
    other = Fingerprint("p1", "b" * 64)
    stand_ins = [Liveness(LivenessState.UNKNOWN, NOW, "asked", asked_at=at) for at in (NOW, LATER)]
    came = Liveness(LivenessState.DEAD, NOW, "rejected")
    with store.transaction() as tx:
        tx.scans.save_answers([(one, KIND, said) for one in (FP, other) for said in stand_ins])
        tx.scans.drop_answers([(FP, stand_ins[0]), (FP, stand_ins[1]), (other, stand_ins[1])])
        tx.scans.drop_answers([])
        tx.scans.save_answer(FP, KIND, came)
        said = tx.scans.answers()
    assert (said[FP].latest, said[other].latest) == (came, stand_ins[0])


def test_when_a_credential_was_asked_about_and_used_is_told_of_all_answers(store: SqlStore) -> None:
    other = Fingerprint("p1", "b" * 64)
    day = timedelta(days=1)
    first = Liveness(LivenessState.LIVE, NOW, "", last_used_at=NOW - day, asked_at=NOW)
    second = Liveness(LivenessState.LIVE, LATER, "", last_used_at=NOW, asked_at=LATER)
    with store.transaction() as tx:
        tx.scans.save_answer(FP, KIND, first)
        tx.scans.save_answer(FP, KIND, second)
        tx.scans.save_answer(other, KIND, Liveness(LivenessState.UNKNOWN, NOW, "never sent"))
        uses = tx.scans.uses([FP, other])
        assert tx.scans.uses([]) == {}
    assert (set(uses[FP].asked), set(uses[FP].used)) == ({NOW, LATER}, {NOW - day, NOW})
    assert uses[other] == Uses()


@pytest.mark.parametrize(
    ("states", "live", "dead"),
    [
        ("live dead dead", 0, 1),
        ("live dead live_limited", 2, None),  # it came back to life
        ("dead live dead dead", 1, 2),
        ("dead dead", None, 0),
        ("live unknown rate_limited", 0, None),
        ("live unknown dead", 0, 2),
    ],
)
def test_a_lifespan_ends_with_the_first_rejection_that_was_not_taken_back(
    store: SqlStore, states: str, live: int | None, dead: int | None
) -> None:
    at = [NOW + timedelta(hours=number) for number in range(5)]
    other = Fingerprint("p1", "b" * 64)
    with store.transaction() as tx:
        for number, state in reversed(list(enumerate(states.split()))):
            tx.scans.save_answer(FP, KIND, Liveness(LivenessState(state), at[number], ""))
        tx.scans.save_answer(other, KIND, Liveness(LivenessState.UNKNOWN, NOW, ""))
        found = tx.scans.lifespans([FP, other])
    ends = [None if number is None else at[number] for number in (live, dead)]
    assert found == {FP: Lifespan(*ends)}


def test_rows_of_an_issuers_list_are_kept_as_last_seen(store: SqlStore) -> None:
    row = InventoryRow(
        "gh", "acme", "7", "github", "token", RowState.ACTIVE, owners=(Identity("github", "a"),),
        expires=Truth.NO, scopes=("repo",), hints=(Hint("last8", "keyed"),), created_at=NOW,
    )  # fmt: skip
    first = Listed(row, FP, NOW, NOW, NOW)
    later = replace(first, checked_at=NOW + timedelta(days=1))
    other = Listed(replace(row, source="gl"), FP, NOW, NOW, NOW)
    with store.transaction() as tx:
        tx.inventory.save_listed([first, other])
        tx.inventory.save_listed([later, later])
        tx.inventory.save_listed([])
    with store.transaction() as tx:
        assert tx.inventory.listed() == [later, other]
        assert tx.inventory.listed("gl") == [other]
        assert tx.inventory.listed("gone") == []


def test_corrections_are_kept_in_their_order(store: SqlStore) -> None:
    who = Identity("github", "octo")
    one = Correction(who, PersonId("1"), True, None, LATER, "boss", "known", NOW)  # noqa: FBT003
    other = replace(one, holds=False, reason="mistaken")
    with store.transaction() as tx:
        for said in (one, other, one):
            tx.people.save_correction(said)
    with store.transaction() as tx:
        assert tx.people.corrections() == [one, other, one]


def test_successions_and_absences_are_kept_in_their_order(store: SqlStore) -> None:
    who, heir = PersonId("1"), PersonId("2")
    asked = SuccessionStep(who, heir, Step.PROPOSED, PersonId("3"), "known", NOW)
    steps = [asked, replace(asked, step=Step.ACCEPTED, by=heir), asked]
    away = [Absence(who, NOW), Absence(who, NOW, LATER)]
    with store.transaction() as tx:
        for step in steps:
            tx.successions.save_step(step)
        tx.successions.save_absences(away)
        tx.successions.save_absences([])
    with store.transaction() as tx:
        assert tx.successions.steps() == steps
        assert tx.successions.absences() == away


def test_steps_of_exceptions_are_kept_in_their_order(store: SqlStore) -> None:
    terms = Terms(FP, key(FP, None), "RISK-7", "2", LATER, PersonId("3"), "billing", "ex-0")
    asked = ExceptionStep("ex-1", Move.ASKED, PersonId("1"), "why", NOW, terms)
    proved = replace(asked, move=Move.PROVED, by=None, terms=None)
    with store.transaction() as tx:
        for step in (asked, proved, asked):
            tx.exceptions.save_step(step)
    with store.transaction() as tx:
        assert tx.exceptions.steps() == [asked, proved, asked]


def test_what_operators_said_last_stands_on_every_person_read(store: SqlStore) -> None:
    jane, omar = PersonId("1"), PersonId("2")
    first = Embargo("r1", jane, LATER, "counsel@x.example", "why", NOW)
    said = (Restriction(omar, holds, "dpo@x.example", "why", NOW) for holds in (True, False))
    with store.transaction() as tx:
        tx.people.save_persons([Person(jane, "Jane"), Person(omar, "Omar")])
        tx.sensitive.save_embargo(first)
        tx.sensitive.save_restriction(next(said))
        read = {one.id: one for one in tx.people.every_person()}
        assert (read[jane].embargo_until, read[jane].restricted) == (LATER, False)
        assert (read[omar].embargo_until, read[omar].restricted) == (None, True)
        tx.sensitive.save_embargo(replace(first, until=NOW))
        tx.sensitive.save_restriction(next(said))
    with store.transaction() as tx:
        read = tx.people.persons({jane, omar})
        assert (read[jane].embargo_until, read[omar].restricted) == (NOW, False)
        assert [one.until for one in tx.sensitive.embargoes()] == [LATER, NOW]
        assert [one.holds for one in tx.sensitive.restrictions()] == [True, False]


def test_references_last_and_are_drawn_by_lot(store: SqlStore) -> None:
    with store.transaction() as tx:
        first = tx.sensitive.references({"1", "2"})
        again = tx.sensitive.references({"1", first["2"]})
    assert first["1"] != first["2"]
    assert again == {"1": first["1"], first["2"]: first["2"]}
    assert all(is_reference(one) for one in first.values())


def test_who_is_forgotten_stands_in_no_row(store: SqlStore) -> None:
    jane, omar, mail = PersonId("70001"), PersonId("2"), Identity("mail", "jane@x.example")
    by = Touch(mail, "author", NOW, "Jane Doe")
    place = replace(exposure(), trace=Trace(PLACE, "a/jane@x.example", (by,)))
    held = Case(
        key(FP, jane), CaseKind.F1, FP, KIND, jane, None, CaseState.CLOSED, "high", NOW, NOW
    )  # fmt: skip
    named = Named(
        jane, "person:ref", frozenset({"70001"}), frozenset({mail}),
        frozenset({"Jane Doe", "jane@x.example", "70001"}),
    )  # fmt: skip
    with store.transaction() as tx:
        tx.people.save_persons([Person(jane, "Jane Doe"), Person(omar, "Omar")])
        tx.people.record_departures([Departure(jane, "s", NOW, "hr")], NOW)
        for person in (jane, omar):
            tx.people.save_correction(Correction(mail, person, True, None, None, "b", "c", NOW))  # noqa: FBT003
        tx.successions.save_step(SuccessionStep(omar, jane, Step.PROPOSED, jane, "c", NOW))
        tx.successions.save_absences([Absence(jane, NOW)])
        terms = Terms(FP, None, "RISK-7", "2", LATER, jane)
        tx.exceptions.save_step(ExceptionStep("ex-1", Move.ASKED, jane, "Jane Doe", NOW, terms))
        tx.sensitive.save_embargo(Embargo("r1", jane, NOW, "b", "c", NOW))
        tx.sensitive.save_restriction(Restriction(jane, True, "b", "c", NOW))  # noqa: FBT003
        tx.sensitive.references({jane, str(mail)})
        more = [replace(PLACE, line=number) for number in range(10, 1200)]
        again = [replace(place, locator=one, trace=Trace(one, "b", (by,))) for one in more]
        tx.scans.save_exposures([place, *again], NOW)
        tx.scans.save_answer(FP, KIND, Liveness(LivenessState.DEAD, NOW, "no", identities=(mail,)))
        tx.access.save_readers(("repos", "payments"), [Reader(mail, "a member")], NOW)
        tx.cases.save_case(held)
        memory = PeopleSnapshot(memory_of("hr"), NOW, True, "d", (WORKER,))  # noqa: FBT003
        tx.people.save_snapshot(replace(memory, workers=(replace(WORKER, manager=WorkerId(jane)),)))
        tx.sensitive.forget([named])
    with store.transaction() as tx:
        rows = [
            str(tuple(row))
            for table in metadata.sorted_tables
            for row in tx.scans.connection.execute(table.select())  # type: ignore[attr-defined]
        ]
        assert tx.cases.cases()[0].person == "person:ref"
        assert tx.successions.steps()[0].successor == "person:ref"
        (step,) = tx.exceptions.steps()
        assert step.terms is not None
        assert step.by == step.reason == step.terms.beneficiary == "person:ref"
        kept = tx.scans.exposures()[0]
    text = "\n".join(rows)
    assert not {word for word in ("Jane Doe", "70001") if word in text}
    assert kept.trace is not None
    assert kept.trace.introduced[0].identity.handle == kept.trace.introduced[0].name == "person:ref"
    assert text.count("jane@x.example") == 1  # the place's own address


def test_what_was_deleted_stands_in_no_file(on_disk: SqlStore, tmp_path: Path) -> None:
    with on_disk.transaction() as tx:
        tx.people.save_persons(
            [Person(PersonId(str(number)), f"Jane {number}") for number in range(500)]
        )
    with on_disk.transaction() as tx:
        tx.people.save_persons([])
    assert on_disk.wipe()
    for path in (tmp_path / "state").iterdir():
        assert b"Jane" not in path.read_bytes()


def test_people_and_departures_are_kept(store: SqlStore) -> None:
    worker = Worker(WorkerId("000123"), "2020-01-01", "Jo NA", Employment.ACTIVE, ("jo@x.example",))
    snapshot = PeopleSnapshot("hr", NOW, complete=True, digest="d" * 64, workers=(worker,))
    stated = Departure(PersonId("000123"), "2020-01-01", NOW, "hr")
    moved = Departure(PersonId("000123"), "2020-01-01", NOW + timedelta(days=3), "hr")
    with store.transaction() as tx:
        tx.people.save_snapshot(snapshot)
        added = [tx.people.record_departures([d], NOW) for d in (stated, stated, moved, moved)]
        assert tx.people.last_snapshot("hr") == snapshot
        assert tx.people.last_snapshot("other") is None
        assert tx.people.snapshots() == [snapshot]
        assert [row for row, _ in tx.people.departures()] == [stated, moved]
    assert added == [[stated], [], [moved], []]


def test_cases_deliveries_and_watches_are_kept(store: SqlStore) -> None:
    held = Case(
        key(FP, None), CaseKind.F3, FP, KIND, None, None, CaseState.OPEN, "medium", NOW, NOW,
    )  # fmt: skip
    made = Delivery("jira", held.key, Phase.CREATING, NOW, ref=TicketRef("jira", "1", "SEC-1"))
    seen = Watch(FP, KIND, PersonId("7"), Doubt.UNKNOWN, "timeout")
    with store.transaction() as tx:
        tx.cases.save_case(held)
        tx.cases.save_case(held)
        tx.cases.save_delivery(made)
        tx.cases.replace_watches([seen, seen])
        tx.cases.replace_watches([seen])
    with store.transaction() as tx:
        assert tx.cases.cases() == [held]
        assert tx.cases.deliveries("jira") == {held.key: made}
        assert tx.cases.deliveries("servicenow") == {}
        assert tx.cases.watches() == [seen]
        tx.cases.drop_delivery("jira", held.key)
        assert tx.cases.deliveries("jira") == {}


def test_an_exception_leaves_nothing_behind(store: SqlStore) -> None:
    def half() -> None:
        with store.transaction() as tx:
            tx.scans.mark_scanned("r", ["a"])
            raise RuntimeError

    with pytest.raises(RuntimeError):
        half()
    with store.transaction() as tx:
        assert tx.scans.unscanned("r", ["a"]) == ["a"]


def test_a_lock_has_one_holder_until_its_time_is_over(store: SqlStore) -> None:
    until = NOW + timedelta(minutes=5)
    with store.transaction() as tx:
        assert tx.runs.acquire("org", "a", NOW, until)
        assert tx.runs.acquire("org", "a", NOW, until)
        assert not tx.runs.acquire("org", "b", NOW, until)
        assert tx.runs.acquire("org", "b", until, until + timedelta(minutes=5))
        tx.runs.release("org", "a")
        assert not tx.runs.acquire("org", "a", until, until)
        tx.runs.release("org", "b")
        assert tx.runs.acquire("org", "a", until, until)


def test_runs_and_coverage_are_kept(store: SqlStore) -> None:
    first = RunRecord("1", "nightly", NOW)
    second = RunRecord("2", "nightly", NOW + timedelta(days=1), NOW + timedelta(days=2), "clean")
    examined = Coverage("repos", "payments", CoverageState.COMPLETE, 3, 99)
    with store.transaction() as tx:
        for record in (first, second, second):
            tx.runs.save_run(record)
        tx.runs.replace_coverage("2", [replace(examined, container="planned")])
        tx.runs.replace_coverage("2", [examined])
        assert tx.runs.runs("nightly") == [second, first]
        assert tx.runs.runs("leaver") == []
        assert tx.runs.coverage("2") == [examined]


def test_the_file_is_its_owners_alone(on_disk: SqlStore, tmp_path: Path) -> None:
    path = tmp_path / "state" / "offkey.db"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_new_file_has_larger_pages_and_an_old_one_keeps_its_own(tmp_path: Path) -> None:
    for name, pages, expected in (("new", 0, store_sql.PAGE), ("old", 4096, 4096)):
        path = tmp_path / name / "offkey.db"
        path.parent.mkdir()
        if pages:
            with closing(sqlite3.connect(path)) as before:
                before.execute(f"PRAGMA page_size={pages}")
                before.execute("CREATE TABLE something (x)")
        store = store_sql.connect(store_sql.Settings(), Setup("store", path.parent))
        store.prepare()
        store.close()
        with closing(sqlite3.connect(path)) as after:
            assert after.execute("PRAGMA page_size").fetchone() == (expected,)
            assert after.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_writers_wait_for_each_other(store: SqlStore) -> None:
    def write(who: int) -> None:
        for n in range(20):
            with store.transaction() as tx:
                tx.scans.mark_scanned("r", [f"{who}-{n}"])

    threads = [threading.Thread(target=write, args=(who,)) for who in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with store.transaction() as tx:
        assert tx.scans.unscanned("r", [f"{w}-{n}" for w in range(4) for n in range(20)]) == []


def test_a_reader_sees_what_was_committed_while_somebody_writes(store: SqlStore) -> None:
    with store.transaction() as tx:
        tx.scans.mark_scanned("r1", ["a"])
    with store.transaction() as tx:
        tx.scans.mark_scanned("r1", ["b"])
        with store.reading() as other:
            assert other.scans.unscanned("r1", ["a", "b"]) == ["b"]


def test_the_migrations_make_what_the_code_reads(store: SqlStore) -> None:
    with store._opened().begin() as connection:
        context = MigrationContext.configure(connection)
        differences = compare_metadata(context, metadata)
        assert context.get_current_revision() == NEWEST
    assert differences == []


def test_prepare_twice_is_once_and_a_newer_schema_is_refused(store: SqlStore) -> None:
    store.prepare()
    engine = store._opened()
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(ConfigError, match="newer offkey"):
        store.prepare()


def test_a_url_with_a_password_is_not_shown() -> None:
    shown = repr(SqlStore("postgresql+psycopg://u:hush@localhost/db"))
    assert "hush" not in shown
