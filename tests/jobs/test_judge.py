"""The store's facts become cases; the same facts twice become nothing new."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from random import Random
from resource import RUSAGE_CHILDREN, getrusage

import pytest

from connectors.store_sql import SqlStore
from correlate.listed import Hint, InventoryRow, Listed, RowState
from correlate.model import (
    Employment,
    Identity,
    KindId,
    LivenessState,
    Locator,
    PersonId,
    Touch,
    Truth,
)
from correlate.policy import NOBODY_AWAY
from correlate.secret import Fingerprint
from correlate.verdict import CaseKind, CaseState, Correction, Step, SuccessionStep
from jobs.credentials import all_credentials
from jobs.judge import Sharing, judge_all
from jobs.judgement import judgement
from jobs.people import everybody
from jobs.pile import JudgeReport
from sample_data.corporation import NOW as COMPANY_NOW
from sample_data.corporation import build
from sample_data.corporation_secrets import KIND, keep, plant, register
from tests.correlate.cast import FP, NOW, answer, author, day, exposure, mail, snapshot, worker
from tests.jobs.apart import ROOT
from tests.jobs.stage import (
    COLLEAGUE,
    KINDS,
    LEAVER,
    PLACE,
    cases,
    fill,
    fresh_store,
    ledger,
)
from tests.services import postgresql

LIVE = answer(LivenessState.LIVE, Identity("github", "janed"))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    made = fresh_store(tmp_path)
    yield made
    made.close()


def judge(store: SqlStore, minutes: int = 0, gap: int = 0) -> JudgeReport:
    return judge_all(store, KINDS, NOW + timedelta(minutes=minutes), gap)


def test_a_leavers_live_token_is_one_case_once(store: SqlStore) -> None:
    fill(store, (LIVE,))
    assert judge(store).opened == 1
    entries = ledger(store)
    again = judge(store)
    assert again == JudgeReport(0, 0, 0, 0, 0)
    assert ledger(store) == entries
    (held,) = cases(store)
    assert (held.kind, held.person, held.state) == (CaseKind.F1, "1", CaseState.OPEN)
    assert any('"what":"departure"' in text for text in entries)


@pytest.mark.parametrize(
    ("used", "severity"), [(0, "high"), (-5, "critical")], ids=["we", "somebody"]
)
def test_only_a_use_by_others_after_the_leave_makes_it_worse(
    store: SqlStore, used: int, severity: str
) -> None:
    left = worker("1", "jane@x.example", login="janed", end=f"{NOW - timedelta(days=2):%Y-%m-%d}")
    said = replace(LIVE, last_used_at=NOW + timedelta(hours=used), asked_at=NOW)
    after = replace(said, at=NOW + timedelta(days=1), asked_at=NOW + timedelta(days=1))
    after = replace(after, last_used_at=after.asked_at)  # which is ours, and hides nothing
    fill(store, (said, after), people=snapshot(left, COLLEAGUE))
    judge(store, 24 * 60)
    found = {held.kind: held.severity for held in cases(store)}
    assert found.pop(CaseKind.F1) == severity
    assert list(found) == [CaseKind.F11] * (severity == "critical")


def test_two_spaced_rejections_close_it(store: SqlStore) -> None:
    fill(store, (LIVE,))
    judge(store)
    for minutes, state in (
        (5, CaseState.UNPROVEN),
        (9, CaseState.UNPROVEN),
        (15, CaseState.CLOSED),
    ):
        dead = answer(LivenessState.DEAD, at=NOW + timedelta(minutes=minutes))
        fill(store, (dead,))
        report = judge(store, minutes)
        assert cases(store)[0].state is state
    assert report.closed == 1
    assert [proof.at.minute for proof in cases(store)[0].rejections] == [5, 15]


def test_it_lives_again(store: SqlStore) -> None:
    fill(store, (LIVE,))
    judge(store)
    for minutes in (5, 20):
        fill(store, (answer(LivenessState.DEAD, at=NOW + timedelta(minutes=minutes)),))
        judge(store, minutes)
    fill(store, (replace(LIVE, at=NOW + timedelta(minutes=40)),))
    assert judge(store, 40).reopened == 1
    assert (cases(store)[0].state, cases(store)[0].generation) == (CaseState.OPEN, 2)


def test_an_issuer_that_is_down_changes_nothing(store: SqlStore) -> None:
    fill(store, (LIVE,))
    judge(store)
    fill(store, (answer(LivenessState.UNKNOWN, at=NOW + timedelta(minutes=5)),))
    assert judge(store, 5) == JudgeReport(0, 0, 0, 0, 0)


def test_a_reversed_departure_voids_the_case(store: SqlStore) -> None:
    fill(store, (LIVE,))
    judge(store)
    fill(store, people=snapshot(replace(LEAVER, ends_at=None), COLLEAGUE))
    judge(store, 5)
    held = {case.key: case for case in cases(store)}
    # the same person and credential: the case goes on as that of somebody who is here
    assert [(case.kind, case.state) for case in held.values()] == [(CaseKind.F5, CaseState.OPEN)]


def departures(store: SqlStore) -> list[tuple[str, str, bool]]:
    with store.transaction() as tx:
        return [
            (stated.spell, f"{stated.effective_at:%Y-%m-%d}", stated.reversed)
            for stated, _ in tx.people.departures()
        ]


def test_departures_are_recorded_as_stated_corrected_and_taken_back(store: SqlStore) -> None:
    again = worker("1", "jane@x.example", start="2015-01-01", end="2018-01-01")
    for minutes, rows in enumerate([
        (LEAVER, again),
        (replace(LEAVER, ends_at=day("2026-07-31")), again),
        (replace(LEAVER, ends_at=None), again),
        (replace(LEAVER, ends_at=None), again),
        (LEAVER, again),
    ]):  # fmt: skip
        fill(store, people=snapshot(*rows, COLLEAGUE))
        judge(store, minutes)
    assert departures(store) == [
        ("2015-01-01", "2018-01-01", False),
        ("2020-01-01", "2026-06-30", False),
        ("2020-01-01", "2026-07-31", False),
        ("2020-01-01", "2026-07-31", True),
        ("2020-01-01", "2026-06-30", False),
    ]
    entries = [json.loads(text) for text in ledger(store) if '"what":"departure"' in text]
    changes = [entry["data"]["change"] for entry in entries]
    assert changes == ["stated", "stated", "put back", "reversed", "stated again"]


def test_a_use_while_on_leave_is_a_case_and_the_way_back_ends_it(store: SqlStore) -> None:
    away = worker("1", "jane@x.example", login="janed", employment=Employment.ON_LEAVE)
    used = replace(LIVE, last_used_at=NOW + timedelta(hours=5), at=NOW + timedelta(hours=6))
    fill(store, (LIVE,), people=snapshot(away, COLLEAGUE))
    judge(store)
    fill(store, (used,), people=snapshot(away, COLLEAGUE))
    judge(store, 6 * 60)
    assert [(case.kind, case.severity) for case in cases(store)] == [(CaseKind.F9, "high")]
    fill(store, people=snapshot(replace(away, employment=Employment.ACTIVE), COLLEAGUE))
    judge(store, 7 * 60)
    assert [case.kind for case in cases(store)] == [CaseKind.F5]
    with store.transaction() as tx:
        assert [(row.since, row.until) for row in tx.successions.absences()] == [
            (NOW, None), (NOW, NOW + timedelta(hours=7)),
        ]  # fmt: skip
    states = [json.loads(text)["data"]["state"] for text in ledger(store) if '"absence"' in text]
    assert states == ["away", "back"]


def test_a_contractor_who_is_taken_on_has_not_left(store: SqlStore) -> None:
    contract = replace(LEAVER, worker_type="contractor")
    fill(store, (LIVE,), people=snapshot(contract, COLLEAGUE))
    judge(store)
    assert cases(store)[0].kind is CaseKind.F1
    employed = worker("1", "jane@x.example", login="janed", start="2026-07-01")
    fill(store, people=snapshot(contract, employed, COLLEAGUE))
    judge(store, 5)
    assert [case.kind for case in cases(store)] == [CaseKind.F5]


def test_a_case_waits_for_whoever_was_asked_to_inherit(store: SqlStore) -> None:
    fill(store, (LIVE,))
    judge(store)
    steps = [
        (Step.PROPOSED, CaseState.AWAITING_SUCCESSOR),
        (Step.ACCEPTED, CaseState.OPEN),
    ]
    for minutes, (step, state) in enumerate(steps, 1):
        with store.transaction() as tx:
            tx.successions.save_step(
                SuccessionStep(PersonId("1"), PersonId("2"), step, PersonId("2"), "why", NOW)
            )
        judge(store, minutes)
        assert [case.state for case in cases(store)] == [state]


def test_a_rehire_closes_nothing(store: SqlStore) -> None:
    place = exposure(author("omar@x.example", "2025-02-01"))
    fill(store, (LIVE,), places=(place,))
    judge(store)
    again = worker("1", "jane@x.example", login="janed", start="2026-09-01")
    fill(store, people=snapshot(LEAVER, again, COLLEAGUE))
    judge(store, 5)
    assert [case.state.ended for case in cases(store)] == [False]


def test_what_cannot_be_proved_is_watched(store: SqlStore) -> None:
    fill(store, (answer(LivenessState.NOT_VERIFIABLE),))
    assert judge(store) == JudgeReport(0, 0, 0, 0, 1)
    with store.transaction() as tx:
        assert [watch.person for watch in tx.cases.watches()] == ["1"]


def test_allow_listed_places_and_unknown_kinds_make_nothing(store: SqlStore) -> None:
    hidden = replace(PLACE, suppressed="pragma: allowlist secret")
    other = replace(PLACE, kind=KindId("gone"), locator=Locator("repos", "b", "c"))
    fill(store, (LIVE,), places=(hidden, replace(other, fingerprint=replace(FP, digest="f" * 64))))
    assert judge(store).opened == 0


def filled(store: SqlStore, seed: int) -> SqlStore:
    """A company some of whose credentials stand in issuers' lists too, one or two of them to a row."""
    company, luck = build(seed, 120), Random(seed)  # noqa: S311  # the same for the same seed
    planted = list(plant(company, seed, 120, 300))
    rows = []
    for number, one in enumerate(planted[::3]):
        hints = (f"{number // luck.choice((1, 2)):032x}",)
        planted[3 * number] = replace(
            one, exposures=tuple(replace(place, hints=hints) for place in one.exposures)
        )
        owner = luck.choice(company.humans)
        row = InventoryRow(
            "list", "acme", str(number), "issuer", "token", luck.choice(list(RowState)),
            owners=(Identity("mail", owner.mails[0]),), owner_is_person=Truth.YES,
            hints=tuple(Hint("id", value) for value in hints), created_at=COMPANY_NOW,
        )  # fmt: skip
        digest = hashlib.sha256(f"{seed} {number}".encode()).hexdigest()
        rows.append(Listed(row, Fingerprint("p1", digest), *[COMPANY_NOW] * 3))
    with store.transaction() as tx:
        register(company, tx)
        keep(planted, tx)
        tx.inventory.save_listed(rows)
    return store


@pytest.mark.parametrize("seed", range(3))
def test_what_is_not_looked_at_had_nothing_to_say(store: SqlStore, seed: int) -> None:
    kinds = {KIND.id: KIND}
    judge_all(filled(store, seed), kinds, COMPANY_NOW, 0)
    with store.transaction() as tx:
        known = everybody(tx, COMPANY_NOW)
        made = [
            judgement(one, known, NOBODY_AWAY)
            for some in all_credentials(tx, kinds)
            for one in some
        ]
        assert {watch for one in made for watch in one.watches} == set(tx.cases.watches())
        held = {(one.kind, one.fingerprint, one.person) for one in tx.cases.cases()}
    decided = {(one.kind, one.fingerprint, one.person) for its in made for one in its.decisions}
    assert decided == held
    assert len(decided) > 10
    assert any(not one.watches and not one.decisions for one in made)


@pytest.mark.parametrize(
    "touch",
    [
        author("zoe-old@x.example", "2025-02-01"),
        replace(author("who@x.example", "2025-02-01"), hint=mail("jane@x.example")),
        author("7+janed@users.noreply.github.com", "2025-02-01"),
    ],
    ids=["correction", "mailmap", "no-reply address"],
)
def test_a_leaver_is_found_by_all_ways_of_naming_them(store: SqlStore, touch: Touch) -> None:
    said = Correction(mail("zoe-old@x.example"), PersonId("1"), True, None, None, "b", "r", NOW)  # noqa: FBT003
    fill(store, places=(exposure(touch),))
    with store.transaction() as tx:
        tx.people.save_correction(said)
    assert judge(store).watched == 1


def elsewhere(url: str) -> SqlStore:
    store = SqlStore(url)
    store.prepare()
    return store


def compare(folder: Path, url: str) -> None:
    """Judge companies by one process and by two, over the years; run by a process of one thread."""
    for seed in range(2):
        stores = [filled(fresh_store(folder / f"{name}{seed}"), seed) for name in ("one", "two")]
        if seed:
            stores.append(filled(elsewhere(url), seed))
        for days in (0, 200):
            at = COMPANY_NOW + timedelta(days=days)
            alone, *shared = (
                judge_all(store, {KIND.id: KIND}, at, 0, sharing=Sharing(places, 2, 3))
                for store, places in zip(stores, (1_000_000, 0, 0), strict=False)
            )
            assert all(one == alone for one in shared)
            said = []
            for store in stores:
                with store.transaction() as tx:
                    said.append((tx.cases.cases(), tx.cases.watches(), tx.people.departures()))
            assert all(one == said[0] for one in said)
            assert said[0][0]
            assert said[0][1]
        for store in stores:
            store.close()
    sys.stdout.write(str(getrusage(RUSAGE_CHILDREN).ru_maxrss > 0))


def test_two_processes_judge_as_one_does_on_either_engine(tmp_path: Path) -> None:
    with postgresql() as url:
        words = f"from tests.jobs.test_judge import *; compare(Path({str(tmp_path)!r}), {url!r})"
        done = subprocess.run(
            [sys.executable, "-c", words], cwd=ROOT, capture_output=True, text=True, check=False
        )
    assert (done.stdout, done.stderr) == (str(len(os.sched_getaffinity(0)) > 1), "")
