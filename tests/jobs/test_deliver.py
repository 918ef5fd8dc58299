"""One case, one ticket, whatever crashes; a person's word is respected, proof closes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from connectors.ledger_key import LedgerKey
from connectors.store_sql import SqlStore
from correlate.break_glass import RESEAL
from correlate.errors import Refused, Unavailable
from correlate.model import CaseKey, Identity, LivenessState, PersonId
from correlate.stored import Delivery, Phase
from correlate.ticket import Draft, TicketRef, TicketStatus
from correlate.tree_head import heads_in
from correlate.verdict import CaseState, Step, SuccessionStep
from jobs.deliver import DeliverReport, Rules
from jobs.judge import judge_all
from jobs.ledger import witness_line
from jobs.nightly import deliver_to
from tests.correlate.cast import FP, NOW, answer, author, exposure
from tests.jobs.stage import KINDS, Time, cases, fill, fresh_store, ledger
from tests.twins.tickets import TicketTwin

LIVE = answer(LivenessState.LIVE, Identity("github", "janed"))
RULES = Rules(50, frozenset({"accepted risk"}), 30.0)
WAIVING = replace(RULES, waived_for=timedelta(days=90))


@dataclass(slots=True)
class LaggingTwin(TicketTwin):
    """Its search shows a new ticket only after some looks, like an index that lags."""

    blind_looks: int = 0
    looks: list[CaseKey] = field(default_factory=list)

    def find(self, key: CaseKey) -> Sequence[TicketStatus]:
        self.looks.append(key)
        found = TicketTwin.find(self, key)
        if found and self.blind_looks:
            self.blind_looks -= 1
            return []
        return found


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    made = fresh_store(tmp_path)
    fill(made, (LIVE,))
    judge_all(made, KINDS, NOW, 0)
    yield made
    made.close()


def deliver(
    store: SqlStore, twin: TicketTwin, rules: Rules = RULES, time: Time | None = None
) -> DeliverReport:
    report, time = DeliverReport(), time or Time()
    deliver_to(twin, store, KINDS, NOW, rules, report, time.now, time.wait)
    return report


def after(store: SqlStore, state: LivenessState, minutes: int) -> None:
    at = NOW + timedelta(minutes=minutes)
    fill(store, (replace(LIVE, state=state, at=at),))
    judge_all(store, KINDS, at, 0)


def the_delivery(store: SqlStore) -> Delivery:
    with store.transaction() as tx:
        (made,) = tx.cases.deliveries("tickets").values()
    return made


def test_a_ticket_changes_once_its_credential_is_told_to_be_for_emergencies(
    store: SqlStore,
) -> None:
    twin, sealed = TicketTwin(), replace(RULES, break_glass=(FP.short,))
    assert deliver(store, twin).opened == 1
    assert deliver(store, twin, sealed).updated == 1
    assert deliver(store, twin, sealed).updated == 0
    (made,) = twin.tickets
    assert RESEAL in repr(made.draft)


def test_a_case_gets_one_ticket_and_a_second_run_none(store: SqlStore) -> None:
    twin = TicketTwin()
    assert deliver(store, twin).opened == 1
    assert deliver(store, twin) == DeliverReport()
    assert (twin.creates, cases(store)[0].state) == (1, CaseState.TICKETED)


def test_what_is_written_carries_the_head_of_that_moment_and_nothing_is_written_for_it(
    store: SqlStore, tmp_path: Path
) -> None:
    twin, key = TicketTwin(), LedgerKey(tmp_path / "ledger.key")

    def night(at: int) -> None:
        report, time = DeliverReport(), Time()
        witness = partial(witness_line, store, key, time.now)
        after(store, LivenessState.DEAD if at else LivenessState.LIVE, at)
        deliver_to(
            twin, store, KINDS, NOW, RULES, report, time.now, time.wait, witness=witness
        )  # fmt: skip

    night(0)
    (held,) = twin.tickets
    (head,) = heads_in(held.draft.witness)
    assert key.genuine(head)
    assert '"what":"ticket_create"' in ledger(store)[head.size - 1]
    night(0)
    assert len(held.witnesses) == 1, "a new head is no reason to write"
    night(5)
    night(60)
    assert not held.status.open
    (last,) = heads_in(held.witnesses[-1])
    assert '"what":"ticket_close"' in ledger(store)[last.size - 1]


def test_the_intent_is_in_the_ledger_before_anything_is_sent(store: SqlStore) -> None:
    class Watching(TicketTwin):
        def open(self, draft: Draft) -> TicketRef:
            assert '"what":"ticket_create"' in ledger(store)[-1]
            assert the_delivery(store).phase is Phase.CREATING
            return super().open(draft)

    assert deliver(store, Watching()).opened == 1


@pytest.mark.parametrize("blind", [0, 3])
def test_a_lost_answer_makes_no_second_ticket(store: SqlStore, blind: int) -> None:
    twin, time = LaggingTwin(lost_answers=1, blind_looks=blind), Time()
    report = deliver(store, twin, time=time)
    assert (twin.creates, report.adopted, report.opened) == (1, 1, 0)
    assert time.waits == [0.25 * 2**n for n in range(blind)]


def test_a_create_that_never_arrived_is_repeated_only_after_the_index_settled(
    store: SqlStore,
) -> None:
    class Swallowing(TicketTwin):
        def open(self, draft: Draft) -> TicketRef:
            if not self.creates:
                self.creates += 1
                raise Unavailable("no usable answer", where=self.name, why="reset", fix="look")
            return super().open(draft)

    twin, time = Swallowing(), Time()
    assert deliver(store, twin, time=time).opened == 1
    assert sum(time.waits) >= RULES.settle_seconds
    assert len(twin.tickets) == 1


def test_a_row_left_by_a_killed_run_is_looked_up_first(store: SqlStore) -> None:
    twin = TicketTwin()
    (held,) = cases(store)
    twin.open(Draft(held.key, "made just before the kill", ()))
    with store.transaction() as tx:
        tx.cases.save_delivery(Delivery("tickets", held.key, Phase.CREATING, NOW))
    assert deliver(store, twin).adopted == 1
    assert twin.creates == 1
    assert twin.tickets[0].draft.title.startswith("Live credential")


def test_a_store_that_was_restored_adopts_the_ticket_that_is_there(store: SqlStore) -> None:
    twin = TicketTwin()
    deliver(store, twin)
    (held,) = cases(store)
    with store.transaction() as tx:
        tx.cases.drop_delivery("tickets", held.key)
    assert deliver(store, twin).adopted == 1
    assert twin.creates == 1


def test_new_places_update_the_ticket(store: SqlStore) -> None:
    twin = TicketTwin()
    deliver(store, twin)
    fill(store, places=(exposure(author("jane@x.example", "2025-02-01"), path="b.py"),))
    assert deliver(store, twin).updated == 1
    assert "b.py" in repr(twin.tickets[0].draft)


def test_only_proof_closes_and_the_proof_is_told(store: SqlStore) -> None:
    twin = TicketTwin()
    deliver(store, twin)
    after(store, LivenessState.DEAD, 5)
    assert deliver(store, twin).closed == 0
    after(store, LivenessState.DEAD, 20)
    assert deliver(store, twin).closed == 1
    (ticket,) = twin.tickets
    assert not ticket.status.open
    assert ticket.comments[0].count("2026-11-20") == 2
    assert deliver(store, twin) == DeliverReport()


def test_an_accepted_risk_stays_so(store: SqlStore) -> None:
    twin = TicketTwin()
    deliver(store, twin)
    twin.resolve_as_person(twin.tickets[0].status.ref, "Accepted Risk")
    assert deliver(store, twin).respected == 1
    after(store, LivenessState.LIVE, 60)
    assert deliver(store, twin) == DeliverReport()
    assert cases(store)[0].state is CaseState.WAIVED
    assert (twin.creates, twin.tickets[0].status.resolution) == (1, "Accepted Risk")


def test_done_is_not_believed_while_the_issuer_accepts_it(store: SqlStore) -> None:
    twin = TicketTwin()
    deliver(store, twin)
    twin.resolve_as_person(twin.tickets[0].status.ref, "Done")
    assert deliver(store, twin).reopened == 1
    assert twin.tickets[0].status.open
    assert "accepts this credential" in twin.tickets[0].comments[0]


def test_a_closed_case_that_lives_again_reopens_its_ticket(store: SqlStore) -> None:
    twin = TicketTwin()
    deliver(store, twin)
    for minutes in (5, 20):
        after(store, LivenessState.DEAD, minutes)
    deliver(store, twin)
    after(store, LivenessState.LIVE, 40)
    assert deliver(store, twin).reopened == 1
    assert (twin.creates, twin.tickets[0].status.open) == (1, True)


def test_where_a_ticket_stays_closed_for_good_the_case_goes_on_in_a_new_one(
    store: SqlStore,
) -> None:
    class Final(TicketTwin):
        def reopen(self, ref: TicketRef, draft: Draft, reason: str) -> None:
            raise Refused("no", where=ref.key, why=f"{draft.key} is closed: {reason}", fix="none")

    twin = Final()
    deliver(store, twin)
    twin.resolve_as_person(twin.tickets[0].status.ref, "Done")
    assert deliver(store, twin).opened == 1
    assert deliver(store, twin) == DeliverReport()
    assert [ticket.status.open for ticket in twin.tickets] == [False, True]
    assert twin.tickets[1].links == {("follows", "SEC-1")}


def test_too_many_new_tickets_need_an_explicit_word(store: SqlStore) -> None:
    twin = TicketTwin()
    report = deliver(store, twin, replace(RULES, max_new_tickets=0))
    assert (twin.creates, report.opened) == (0, 0)
    assert "--allow-tickets 1" in report.problems[0].what


@pytest.mark.parametrize(
    ("twin", "exit_name"),
    [(TicketTwin(down=True), "UNAVAILABLE"), (TicketTwin(refused_login=True), "AUTH")],
)
def test_a_system_that_is_down_is_told_and_tried_next_time(
    store: SqlStore, twin: TicketTwin, exit_name: str
) -> None:
    report = deliver(store, twin)
    assert [item.exit.name for item in report.problems] == [exit_name]
    twin.down = twin.refused_login = False
    assert deliver(store, twin).opened == 1


def test_a_throttled_create_leaves_no_trace_to_settle(store: SqlStore) -> None:
    class Throttling(TicketTwin):
        def open(self, draft: Draft) -> TicketRef:
            if not self.creates:
                self.creates += 1
                raise Unavailable("wait", where=self.name, why="429", fix="wait", retry_after=60)
            return super().open(draft)

    twin, time = Throttling(), Time()
    deliver(store, twin, time=time)
    assert deliver(store, twin, time=time).opened == 1
    assert time.waits == []


def test_a_ticket_that_is_refused_does_not_stop_the_others(store: SqlStore) -> None:
    class Refusing(TicketTwin):
        def open(self, draft: Draft) -> TicketRef:
            assert draft.key
            raise Refused("no", where=self.name, why="a field is missing", fix="doctor")

    report = deliver(store, Refusing())
    assert "a field is missing" in report.problems[0].what
    with store.transaction() as tx:
        assert tx.cases.deliveries("tickets") == {}


def test_a_ticket_says_who_inherits_and_stays_open_though_they_accepted(store: SqlStore) -> None:
    twin = TicketTwin()
    reports = [deliver(store, twin)]
    person, heir = PersonId("1"), PersonId("2")
    for step in (Step.PROPOSED, Step.ACCEPTED):
        with store.transaction() as tx:
            tx.successions.save_step(SuccessionStep(person, heir, step, heir, "why", NOW))
        judge_all(store, KINDS, NOW, 0)
        reports += [deliver(store, twin), deliver(store, twin)]
    assert [(made.opened, made.updated, made.closed) for made in reports] == [
        (1, 0, 0), (0, 1, 0), (0, 0, 0), (0, 1, 0), (0, 0, 0),
    ]  # fmt: skip
    assert cases(store)[0].state is CaseState.TICKETED


@pytest.mark.parametrize("resolution", ["Done", "Accepted Risk"])
def test_a_use_after_the_leave_has_a_ticket_of_its_own_which_a_person_closes(
    store: SqlStore, resolution: str
) -> None:
    fill(store, (replace(LIVE, last_used_at=NOW, at=NOW + timedelta(minutes=1)),))
    judge_all(store, KINDS, NOW, 0)
    twin = TicketTwin()
    assert deliver(store, twin).opened == 2
    incident = next(one for one in twin.tickets if "was used since" in one.draft.title)
    assert "whatever becomes of the credential" in repr(incident.draft)
    for minutes in (5, 20):
        after(store, LivenessState.DEAD, minutes)
    assert deliver(store, twin).closed == 1
    assert incident.status.open
    twin.resolve_as_person(incident.status.ref, resolution)
    assert deliver(store, twin).respected == 1
    after(store, LivenessState.LIVE, 60)
    assert deliver(store, twin).reopened == 1
    states = {held.kind.value: held.state for held in cases(store)}
    assert states == {"F1": CaseState.TICKETED, "F11": CaseState.CLOSED}
    assert not incident.status.open


def waived(store: SqlStore, twin: TicketTwin) -> None:
    deliver(store, twin, WAIVING)
    twin.resolve_as_person(twin.tickets[0].status.ref, "Accepted Risk")
    assert deliver(store, twin, WAIVING).respected == 1


def test_a_waiver_ends_and_the_case_goes_on_in_a_ticket_linked_to_the_one_that_was_accepted(
    store: SqlStore,
) -> None:
    twin = TicketTwin()
    waived(store, twin)
    for days, state, tickets in ((89, CaseState.WAIVED, 1), (90, CaseState.TICKETED, 2)):
        judge_all(store, KINDS, NOW + timedelta(days=days), 0)
        deliver(store, twin, WAIVING)
        deliver(store, twin, WAIVING)
        assert (cases(store)[0].state, len(twin.tickets)) == (state, tickets)
    first, second = twin.tickets
    assert (first.status.resolution, first.status.open, second.status.open) == (
        "Accepted Risk", False, True,
    )  # fmt: skip
    assert second.links == {("follows", "SEC-1")}
    assert "The case was in SEC-1 before" in repr(second.draft)
    twin.resolve_as_person(second.status.ref, "Accepted Risk")
    at = Time(NOW + timedelta(days=91))
    assert deliver(store, twin, WAIVING, at).respected == 1
    assert cases(store)[0].waived_until == NOW + timedelta(days=181)


def test_a_waiver_without_an_end_has_none(store: SqlStore) -> None:
    twin = TicketTwin()
    deliver(store, twin)
    twin.resolve_as_person(twin.tickets[0].status.ref, "Accepted Risk")
    deliver(store, twin)
    judge_all(store, KINDS, NOW + timedelta(days=9000), 0)
    assert cases(store)[0].state is CaseState.WAIVED


def test_waivers_that_end_all_at_once_are_new_tickets_to_the_guard(store: SqlStore) -> None:
    twin = TicketTwin()
    waived(store, twin)
    judge_all(store, KINDS, NOW + timedelta(days=90), 0)
    report = deliver(store, twin, replace(WAIVING, max_new_tickets=0))
    assert "--allow-tickets 1" in report.problems[0].what
    assert len(twin.tickets) == 1


@pytest.mark.parametrize("told", ["throttled", "refused"])
def test_a_second_ticket_that_could_not_be_made_is_tried_again(store: SqlStore, told: str) -> None:
    class Unwilling(TicketTwin):
        willing = True

        def open(self, draft: Draft) -> TicketRef:
            if self.willing:
                return super().open(draft)
            if told == "refused":
                raise Refused("no", where=self.name, why="a field", fix="doctor")
            raise Unavailable("wait", where=self.name, why="429", fix="wait", retry_after=60)

    twin = Unwilling()
    waived(store, twin)
    judge_all(store, KINDS, NOW + timedelta(days=90), 0)
    Unwilling.willing = False
    assert len(deliver(store, twin, WAIVING).problems) == 1
    Unwilling.willing = True
    assert deliver(store, twin, WAIVING).opened == 1
    assert the_delivery(store).former == (twin.tickets[0].status.ref,)


def test_a_second_ticket_whose_answer_was_lost_is_not_mistaken_for_the_first(
    store: SqlStore,
) -> None:
    twin = TicketTwin()
    waived(store, twin)
    judge_all(store, KINDS, NOW + timedelta(days=90), 0)
    twin.lost_answers = 1
    assert deliver(store, twin, WAIVING).adopted == 1
    assert deliver(store, twin, WAIVING) == DeliverReport()
    assert [ticket.status.open for ticket in twin.tickets] == [False, True]
    assert twin.tickets[1].links == {("follows", "SEC-1")}


@pytest.mark.parametrize("ours", [0, 1, 2])
def test_tickets_that_double_the_oldest_are_folded_into_it(store: SqlStore, ours: int) -> None:
    twin = TicketTwin()
    (held,) = cases(store)
    for _ in range(3):  # as other hosts would
        twin.open(Draft(held.key, "made elsewhere", ()))
    twin.open(Draft(CaseKey("cafe"), "of another organisation", ()))
    twin.open(Draft(CaseKey("cafe"), "of another organisation", ()))
    ref = twin.tickets[ours].status.ref
    with store.transaction() as tx:
        tx.cases.save_delivery(Delivery("tickets", held.key, Phase.OPEN, NOW, ref=ref))
    assert deliver(store, twin).folded == 2
    assert [one.status.open for one in twin.tickets] == [True, False, False, True, True]
    assert the_delivery(store).ref == twin.tickets[0].status.ref
    assert twin.tickets[0].draft.title.startswith("Live credential")
    assert twin.tickets[2].links == {("duplicate", "SEC-1")}
    assert "SEC-1, which is older" in twin.tickets[2].comments[0]
    assert sum('"what":"ticket_fold"' in text for text in ledger(store)) == 2
    assert deliver(store, twin) == DeliverReport()
