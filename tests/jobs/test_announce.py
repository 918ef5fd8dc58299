"""Each transition is told once in each outlet, whatever crashes, and the ledger says so first."""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest

from connectors.store_sql import SqlStore
from correlate.model import Identity, LivenessState
from correlate.notice import Notice, Outcome, Receipt, Transition
from correlate.sla import Deadlines
from correlate.verdict import CaseKind, Restriction
from jobs.announce import AnnounceReport, TellingRules, announce
from jobs.config import parse
from jobs.deliver import Rules
from jobs.judge import judge_all
from jobs.nightly import announce_step, subjects_now
from jobs.outcome import Exit
from jobs.progress import Silent
from jobs.wiring import Wiring
from tests.connectors.outlets import Receiver
from tests.connectors.wire import answering
from tests.correlate.cast import NOW, answer
from tests.jobs.stage import KINDS, cases, fill, fresh_store, ledger
from tests.twins.outlet import OutletTwin

LIVE = answer(LivenessState.LIVE, Identity("github", "janed"))
RULES = TellingRules(50)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    made = fresh_store(tmp_path)
    fill(made, (LIVE,))
    judge_all(made, KINDS, NOW, 0)
    yield made
    made.close()


def tell(
    store: SqlStore, outlet: OutletTwin, rules: TellingRules = RULES, days: int = 0
) -> AnnounceReport:
    now, report = NOW + timedelta(days=days), AnnounceReport()
    (held,) = cases(store)
    assert held.departure is not None
    until_due = NOW + timedelta(days=6) - held.departure.due_from
    deadlines = Deadlines({held.kind: int(until_due / timedelta(hours=1))})
    subjects = subjects_now(store, KINDS, now, deadlines=deadlines)
    tickets = {held.key: ("SEC-1",)}
    announce(outlet, store, subjects, tickets, rules, now, report, lambda: now)
    return report


def entries(store: SqlStore) -> list[dict[str, object]]:
    found = [json.loads(text) for text in ledger(store)]
    return [entry for entry in found if entry["what"] == "notice"]


def moves(outlet: OutletTwin) -> list[Transition]:
    return [one.transition for one in outlet.sent]


def test_a_transition_is_told_once(store: SqlStore) -> None:
    outlet = OutletTwin()
    assert tell(store, outlet).taken == 1
    assert tell(store, outlet).taken == 0
    assert moves(outlet) == [Transition.OPENED]
    assert (outlet.sent[0].person, outlet.sent[0].tickets) == ("Person 1", ("SEC-1",))
    tell(store, outlet, days=7)
    tell(store, outlet, days=8)
    assert moves(outlet) == [Transition.OPENED, Transition.OVERDUE]
    assert len(entries(store)) == 2
    other = OutletTwin("mail")
    tell(store, other)
    assert len(other.sent) == 1


def test_the_end_is_told_to_who_heard_of_the_beginning(store: SqlStore) -> None:
    knows, knows_not = OutletTwin("a"), OutletTwin("b")
    tell(store, knows)
    for minutes in (10, 30):
        at = NOW + timedelta(minutes=minutes)
        fill(store, (replace(LIVE, state=LivenessState.DEAD, at=at),))
        judge_all(store, KINDS, at, 0)
    tell(store, knows)
    tell(store, knows_not)
    assert moves(knows) == [Transition.OPENED, Transition.CLOSED]
    assert knows_not.sent == []


def test_what_a_crash_left_open_is_told_again_under_the_same_id(store: SqlStore) -> None:
    outlet = OutletTwin(crashes=True)
    with pytest.raises(KeyboardInterrupt):
        tell(store, outlet)
    assert [entry["data"] for entry in entries(store)]  # committed before it was sent
    outlet.crashes = False
    tell(store, outlet)
    tell(store, outlet)
    assert len(outlet.sent) == 2
    assert len({one.id for one in outlet.sent}) == 1
    assert [entry["data"]["attempt"] for entry in entries(store)] == [1, 2]  # type: ignore[index]


def test_the_ledger_holds_the_entry_before_anything_is_sent(store: SqlStore) -> None:
    @dataclass
    class Looking(OutletTwin):
        seen: int = 0

        def send(self, notices: Sequence[Notice]) -> Sequence[Receipt]:
            assert notices
            self.seen = len(entries(store))
            return []

    outlet = Looking()
    report = tell(store, outlet)
    assert (outlet.seen, report.unclear) == (1, 1)


@pytest.mark.parametrize(
    ("outcome", "again"), [(Outcome.REFUSED, 0), (Outcome.SENDING, 1), (Outcome.TAKEN, 0)]
)
def test_only_what_is_not_known_is_sent_again(
    store: SqlStore, outcome: Outcome, again: int
) -> None:
    outlet = OutletTwin(outcome=outcome)
    report = tell(store, outlet)
    assert bool(report.problems) == (outcome is not Outcome.TAKEN)
    tell(store, outlet)
    assert len(outlet.sent) == 1 + again


def test_a_refused_login_is_a_problem_and_ends_nothing(store: SqlStore) -> None:
    outlet = OutletTwin(refused_login=True)
    (said,) = tell(store, outlet).problems
    assert (said.step, said.place, said.exit) == ("outlets", "channel", Exit.AUTH)
    outlet.refused_login = False
    assert tell(store, outlet).taken == 1


def test_more_than_is_allowed_needs_a_word_and_nothing_is_written(store: SqlStore) -> None:
    outlet = OutletTwin()
    (said,) = tell(store, outlet, TellingRules(0)).problems
    assert "--allow-tickets 1" in said.what
    assert (outlet.sent, entries(store)) == ([], [])


def test_kinds_without_tickets_are_not_told_of(store: SqlStore) -> None:
    outlet = OutletTwin()
    tell(store, outlet, replace(RULES, untold=frozenset({CaseKind.F1})))
    assert outlet.sent == []


def test_of_a_restricted_person_the_words_are_neutral(store: SqlStore) -> None:
    outlet = OutletTwin()
    (held,) = cases(store)
    assert held.person is not None
    with store.transaction() as tx:
        tx.sensitive.save_restriction(Restriction(held.person, True, "c@x", "why", NOW))  # noqa: FBT003
    tell(store, outlet)
    (told,) = outlet.sent
    assert (told.person, told.kind) == ("", "")
    assert "left" not in told.title
    assert {"jane@x.example"} <= told.not_to


def test_a_configured_outlet_is_told_by_the_nightly_step(
    store: SqlStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    receiver, key = Receiver(), base64.b64encode(secrets.token_bytes(32)).decode()
    monkeypatch.setenv("HOOK_KEY", key)
    with answering(receiver) as base:
        hook = {
            "type": "webhook", "name": "hook", "url": base, "key": {"env": "HOOK_KEY"},
            "internal_hosts": ["127.0.0.1"],
        }  # fmt: skip
        raw = {"organisation": {"pepper": {"env": "PEPPER"}}, "outlets": [hook]}
        config = parse(raw, tmp_path / "offkey.toml", {"PEPPER": "x" * 64})
        wiring = Wiring(config, tuple(KINDS.values()))
        rules = Rules(50, frozenset(), 0)
        for _ in range(2):
            assert announce_step(wiring, store, KINDS, NOW, rules, Silent()) == []
    (asked,) = receiver.asked
    assert json.loads(asked.body)["type"] == "case.opened"
    assert asked.headers["webhook-id"] == entries(store)[0]["data"]["id"]  # type: ignore[index]
