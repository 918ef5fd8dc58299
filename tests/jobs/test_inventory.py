"""An issuer's list alone makes, keeps and closes a leaver's case; a bad list changes nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from connectors.store_sql import SqlStore
from correlate.errors import AuthError
from correlate.listed import Hint, InventoryRow, RowState
from correlate.model import CoverageState, Identity, Truth
from correlate.secret import Pepper, Secret
from correlate.verdict import HYGIENE, Case, CaseKind, CaseState
from jobs.config import parse
from jobs.deliver import Courier, DeliverReport, Rules
from jobs.inventory import InventoryReport, Keeper, inventory_step, read_inventories
from jobs.judge import judge_all
from jobs.kind_files import packaged_kinds
from jobs.people import everybody
from jobs.pile import JudgeReport
from jobs.scan_hints import hints_of
from jobs.subject import subjects_of
from jobs.wiring import Wiring
from tests.connectors.wire import Asked, Told, answering
from tests.correlate.cast import FP, NOW
from tests.jobs.stage import (
    KINDS,
    PLACE,
    Time,
    cases,
    everything,
    fill,
    fresh_store,
    ledger,
    unabsorbed,
)
from tests.twins.inventory import ListTwin
from tests.twins.tickets import TicketTwin

PEPPER = Pepper("p1", b"k" * 32)
TOKEN = "tok_" + "abcdefghij" * 3
JANE, OMAR = Identity("github", "janed"), Identity("mail", "omar@x.example")


def row(number: int, owner: Identity = JANE, **changes: object) -> InventoryRow:
    made = InventoryRow(
        "issuer-list", "acme", f"t{number}", "issuer", "token", RowState.ACTIVE, name=f"ci {number}",
        owners=(owner,), owner_is_person=Truth.YES, created_at=NOW - timedelta(days=90),
    )  # fmt: skip
    return replace(made, **changes)  # type: ignore[arg-type]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    made = fresh_store(tmp_path)
    fill(made, places=())
    yield made
    made.close()


@pytest.fixture
def twin() -> ListTwin:
    return ListTwin(rows=[row(1)])


def read(store: SqlStore, twin: ListTwin, hours: float = 0, vanished: int = 3) -> InventoryReport:
    keeper = Keeper(store, PEPPER, lambda name: name.replace(TOKEN, "[a token]"), vanished)
    return read_inventories([twin], keeper, NOW + timedelta(hours=hours))


def night(store: SqlStore, twin: ListTwin, hours: float = 0) -> JudgeReport:
    read(store, twin, hours)
    return judge_all(store, KINDS, NOW + timedelta(hours=hours), 0)


def only(store: SqlStore) -> Case:
    (held,) = cases(store)
    return held


def test_a_leavers_row_is_a_case_though_nothing_leaked(store: SqlStore, twin: ListTwin) -> None:
    assert night(store, twin).opened == 1
    held = only(store)
    assert (held.kind, held.person, held.state) == (CaseKind.F1, "1", CaseState.OPEN)
    before = ledger(store)
    assert night(store, twin) == JudgeReport(0, 0, 0, 0, 0)
    assert [text for text in ledger(store)[len(before) :] if '"what":"case"' in text] == []


@pytest.mark.parametrize("ends", [None, RowState.REVOKED, RowState.EXPIRED])
def test_two_spaced_looks_at_a_whole_list_close_it(
    store: SqlStore, twin: ListTwin, ends: RowState | None
) -> None:
    night(store, twin)
    twin.rows = [] if ends is None else [row(1, state=ends)]
    for hours, state in (
        (24, CaseState.UNPROVEN),
        (24.5, CaseState.UNPROVEN),
        (48, CaseState.CLOSED),
    ):
        night(store, twin, hours)
        assert only(store).state is state
    assert [proof.method for proof in only(store).rejections] == ["list", "list"]
    twin.rows = [row(1)]
    assert night(store, twin, 72).reopened == 1


@pytest.mark.parametrize("state", [RowState.DISABLED, RowState.UNKNOWN])
def test_what_may_come_back_closes_nothing(
    store: SqlStore, twin: ListTwin, state: RowState
) -> None:
    night(store, twin)
    twin.rows = [row(1, state=state)]
    for day in (1, 2, 3):
        night(store, twin, 24 * day)
    assert only(store).state is CaseState.OPEN


def test_a_list_that_broke_off_or_failed_closes_nothing(store: SqlStore, twin: ListTwin) -> None:
    night(store, twin)
    twin.rows, twin.whole = [], False
    for day in (1, 2):
        report = read(store, twin, 24 * day)
        assert [part.state for part in report.coverage] == [CoverageState.INCOMPLETE]
        judge_all(store, KINDS, NOW + timedelta(days=day), 0)
    twin.fault = AuthError("refused", where="x", why="401", fix="y")
    report = read(store, twin, 72)
    assert [part.state for part in report.coverage] == [CoverageState.FAILED]
    assert len(report.problems) == 1
    assert only(store).state is CaseState.OPEN


def test_a_login_that_lost_its_rights_empties_no_case(store: SqlStore, twin: ListTwin) -> None:
    twin.rows = [row(number) for number in range(6)]
    night(store, twin)
    twin.rows = []
    for day in (1, 2, 3):
        report = read(store, twin, 24 * day)
        assert [part.state for part in report.coverage] == [CoverageState.INCOMPLETE]
        assert "6 of 6 rows are gone" in report.problems[0].what
        judge_all(store, KINDS, NOW + timedelta(days=day), 0)
    assert {held.state for held in cases(store)} == {CaseState.OPEN}
    for day in (4, 5):
        read(store, twin, 24 * day, vanished=6)
        judge_all(store, KINDS, NOW + timedelta(days=day), 0)
    assert {held.state for held in cases(store)} == {CaseState.CLOSED}


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"created_at": NOW - timedelta(days=400)}, CaseKind.F4),
        ({"created_at": NOW - timedelta(days=400), "expires": Truth.NO}, CaseKind.F4),
        ({"expires": Truth.NO}, CaseKind.F8),
        ({"expires": Truth.NO, "created_at": None}, CaseKind.F8),
        ({"expires": Truth.YES}, None),
        ({"expires": Truth.UNKNOWN}, None),
        ({"expires": Truth.NO, "state": RowState.REVOKED}, None),
    ],
)
def test_rows_of_people_who_are_here(
    store: SqlStore, twin: ListTwin, changes: dict[str, object], kind: CaseKind | None
) -> None:
    twin.rows = [row(1, OMAR, **changes)]
    night(store, twin)
    assert [(held.kind, held.person) for held in cases(store)] == ([(kind, "2")] if kind else [])


def test_a_reason_that_fell_away_voids_its_case_and_says_so(
    store: SqlStore, twin: ListTwin
) -> None:
    twin.rows = [row(1, OMAR, expires=Truth.NO)]
    night(store, twin)
    twin.rows = [row(1, OMAR, expires=Truth.YES, expires_at=NOW + timedelta(days=9))]
    night(store, twin, 24)
    assert only(store).state is CaseState.VOID
    assert "no longer gives a reason" in only(store).note


def test_what_is_only_old_has_no_ticket_unless_asked_for(store: SqlStore, twin: ListTwin) -> None:
    twin.rows = [row(1), row(2, OMAR, expires=Truth.NO)]
    night(store, twin)
    for unticketed, opened in ((HYGIENE, 1), (frozenset[CaseKind](), 1)):
        sink, time, report = TicketTwin(), Time(), DeliverReport()
        rules = Rules(9, frozenset(), 0.0, unticketed)
        with store.transaction() as tx:
            known, held = everything(tx), tx.cases.cases()
            persons = everybody(tx, NOW).people.persons
        subjects = subjects_of(
            held, KINDS, {}, {item.fingerprint: item.liveness for item in known if item.liveness},
            persons, {item.fingerprint: item.listed for item in known if item.listed},
        )  # fmt: skip
        Courier(sink, store, rules, time.now, time.wait, report).deliver(subjects)
        assert report.problems == []
        assert report.opened == opened
        texts = [str(subject.draft()) for subject in subjects.values()]
        assert any("in no text that was looked at" in text for text in texts)
        assert any("lists it as active" in text for text in texts)


def test_a_leak_found_later_takes_the_case_over(store: SqlStore, twin: ListTwin) -> None:
    twin.rows = [row(1, hints=(Hint("last8", TOKEN[-8:]),))]
    night(store, twin)
    alone = only(store)
    place = replace(PLACE, hints=hints_of("issuer", Secret(TOKEN), PEPPER))
    fill(store, places=(place,))
    night(store, twin, 1)
    by_key = {held.key: held for held in cases(store)}
    assert by_key.pop(alone.key).state is CaseState.VOID
    (held,) = by_key.values()
    assert (held.fingerprint, held.kind, held.person) == (FP, CaseKind.F1, "1")
    with store.transaction() as tx:
        assert len(unabsorbed(tx)) == 1


def test_no_part_of_a_secret_gets_into_the_store(
    store: SqlStore, twin: ListTwin, tmp_path: Path
) -> None:
    twin.rows = [row(1, name=f"pasted {TOKEN}", hints=(Hint("last8", TOKEN[-8:]),))]
    read(store, twin)
    with store.transaction() as tx:
        (kept,) = tx.inventory.listed()
    assert kept.row.name == "pasted [a token]"
    assert kept.row.hints[0].value == PEPPER.hint("issuer", "last8", TOKEN[-8:])
    store.close()
    for path in tmp_path.iterdir():
        assert TOKEN[-8:].encode() not in path.read_bytes()


def test_the_nightly_step_reads_what_is_configured_and_counts_what_is_not(
    tmp_path: Path, store: SqlStore
) -> None:
    tokens = {
        "api_tokens": [{"id": "a1", "note": "n", "created": "2020-01-01", "expires_at": None}]
    }

    def hub(asked: Asked) -> Told:
        users = {"items": [{"name": "janed"}], "_pagination": {"next": None}}
        if not asked.path.startswith("/users"):
            return Told(404)
        return Told(body=json.dumps(users if asked.path == "/users" else tokens).encode())

    with answering(hub) as base:
        table = {"type": "jupyterhub", "name": "hub", "base_url": base, "token": {"env": "TOKEN"}}
        table["internal_hosts"] = ["127.0.0.1"]
        broken = {**table, "name": "broken", "base_url": f"{base}/nowhere"}
        raw = {
            "organisation": {"pepper": {"env": "TOKEN"}, "state": str(tmp_path / "state")},
            "inventory": [table, broken],
        }
        with pytest.MonkeyPatch.context() as patched:
            patched.setenv("TOKEN", "x" * 64)
            config = parse(raw, tmp_path / "offkey.toml", {"TOKEN": "x" * 64})
            report = inventory_step(Wiring(config, packaged_kinds()[:3]), store, NOW)
    states = [(part.source, part.container, part.state) for part in report.coverage]
    assert states == [
        ("hub", "user janed", CoverageState.COMPLETE),
        ("broken", "users", CoverageState.INCOMPLETE),
    ]
    with store.transaction() as tx:
        assert [one.row.owner_name for one in tx.inventory.listed("hub")] == ["janed"]
