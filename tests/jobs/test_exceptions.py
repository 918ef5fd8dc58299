"""Two persons let a credential live on for a time; whoever may not is refused with the next command."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from connectors.store_sql import SqlStore
from correlate.errors import ConfigError
from correlate.exception import Stage
from correlate.model import Identity, LivenessState, Worker
from correlate.verdict import Case, CaseKind, CaseState
from jobs.cli.cases import told
from jobs.config_sections import ExceptionSettings
from jobs.deliver import DeliverReport
from jobs.exception_book import listed
from jobs.exceptions import Desk, Wish, approve, end, renew, request
from jobs.export import case_records, sarif
from jobs.judge import judge_all
from jobs.nightly import deliver_to
from jobs.report_data import collect
from tests.correlate.cast import NOW, answer, snapshot, worker
from tests.jobs.stage import COLLEAGUE, KINDS, LEAVER, Time, cases, fill, fresh_store, ledger
from tests.jobs.test_deliver import RULES
from tests.twins.tickets import TicketTwin

ANNA, BEN = (worker(n, f"{who}@x.example") for n, who in (("3", "anna"), ("4", "ben")))
A, B, OMAR, JANE = "anna@x.example", "ben@x.example", "omar@x.example", "jane@x.example"
LIVE = answer(LivenessState.LIVE, Identity("github", "janed"))
STAFF = snapshot(LEAVER, COLLEAGUE, ANNA, BEN)
DAY = timedelta(days=1)


@dataclass
class Office:
    """A leaver's live token, three people who are here, and settings that let two of them approve."""

    store: SqlStore
    settings: ExceptionSettings = field(
        default_factory=lambda: ExceptionSettings((B, OMAR, JANE, "gone@x"), ("RISK-7 2",))
    )
    now: datetime = NOW

    def __post_init__(self) -> None:
        fill(self.store, (LIVE,), STAFF)
        self.judge()

    @property
    def desk(self) -> Desk:
        return Desk(self.store, KINDS, self.settings)

    def people(self, *workers: Worker) -> None:
        with self.store.transaction() as tx:
            tx.people.save_snapshot(snapshot(*workers))

    def judge(self, days: float = 0) -> None:
        self.now += days * DAY
        judge_all(self.store, KINDS, self.now, 0)

    def deliver(self, twin: TicketTwin) -> DeliverReport:
        report, time = DeliverReport(), Time(self.now)
        deliver_to(twin, self.store, KINDS, self.now, RULES, report, time.now, time.wait)
        return report

    def ask(self, who: str = A, days: int = 30, policy: str = "RISK-7", **more: object) -> str:
        wish = replace(Wish(days, policy, "the shop needs it"), **more)  # type: ignore[arg-type]
        return request(self.desk, self.case.key, who, wish, self.now).id

    def approve(self, name: str, who: str = B) -> None:
        approve(self.desk, name, who, "for the season", self.now)

    def renew(self, name: str, days: int = 30) -> str:
        return renew(self.desk, name, A, days, "still", self.now).id

    def granted(self, **more: object) -> str:
        name = self.ask(**more)  # type: ignore[arg-type]
        self.approve(name)
        self.judge()
        return name

    @property
    def case(self) -> Case:
        return next(one for one in cases(self.store) if one.kind is CaseKind.F1)

    @property
    def late(self) -> Case:
        return next(one for one in cases(self.store) if one.kind is CaseKind.F7)

    def stages(self) -> list[Stage]:
        return [one.judged.stage for one in listed(self.store, self.now)]


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(fresh_store(tmp_path))


def test_a_case_is_waived_once_a_second_person_approves_and_not_before(office: Office) -> None:
    name = office.ask()
    office.judge()
    assert (office.case.state, office.stages()) == (CaseState.OPEN, [Stage.ASKED])
    office.approve(name)
    office.judge()
    held = office.case
    assert (held.state, held.exception, held.waived_until) == (
        CaseState.WAIVED, name, NOW + 30 * DAY,
    )  # fmt: skip
    before = ledger(office.store)
    office.judge()
    assert ledger(office.store) == before
    said = [entry for text in before if (entry := json.loads(text))["what"] == "exception"]
    with office.store.transaction() as tx:
        names = tx.sensitive.references({"3", "4"})
    assert [(one["data"]["move"], one["data"]["by"]) for one in said] == [
        ("asked", names["3"]), ("approved", names["4"]),
    ]  # fmt: skip
    assert said[0]["data"]["policy"] == "RISK-7 2"


def test_past_its_end_the_case_is_open_and_the_exception_is_one_too(office: Office) -> None:
    office.granted()
    office.judge(29)
    assert office.case.state is CaseState.WAIVED
    office.judge(1)
    assert (office.case.state, office.case.generation) == (CaseState.OPEN, 2)
    assert "it ended on 2026-12-20" in office.case.note
    assert (office.late.state, office.late.person) == (CaseState.OPEN, "1")
    before = cases(office.store)
    office.judge()
    assert cases(office.store) == before


def test_a_renewal_needs_its_own_approval_and_ends_the_expired_ones_case(office: Office) -> None:
    office.granted()
    office.judge(31)
    again = office.renew(listed(office.store, office.now)[0].judged.exception.id)
    office.judge()
    assert office.case.state is CaseState.OPEN
    office.approve(again)
    office.judge()
    assert (office.case.state, office.case.exception) == (CaseState.WAIVED, again)
    assert office.late.state is CaseState.VOID
    assert office.late.note == "the exception that had ended was renewed"
    assert listed(office.store, office.now)[-1].judged.exception.renewals == 1
    office.judge(30)
    assert (office.late.state, office.late.generation) == (CaseState.OPEN, 2)


def test_its_ticket_is_closed_for_a_time_and_opened_again_and_both_are_told(office: Office) -> None:
    twin = TicketTwin()
    office.deliver(twin)
    name = office.granted()
    assert office.deliver(twin).closed == 1
    (ticket,) = twin.tickets
    assert not ticket.status.open
    assert f"exception {name} holds until 2026-12-20" in ticket.comments[-1]
    shown = repr(ticket.draft.restricted)
    for part in ("Person 3 (3)", "Person 4 (4)", "the shop needs it", "RISK-7 2", "never renewed"):
        assert part in shown
        assert part not in repr(ticket.draft.body) + "".join(ticket.comments)
    assert office.deliver(twin) == DeliverReport()
    office.judge(30)
    report = office.deliver(twin)
    assert (report.reopened, report.opened) == (1, 1)
    assert f"Exception {name} holds no longer: it ended on 2026-12-20. The issuer" in "".join(
        ticket.comments
    )
    late = twin.tickets[1]
    assert "Exception past its end" in late.draft.title
    assert "Person 4 (4)" in repr(late.draft.restricted)
    assert office.deliver(twin) == DeliverReport()
    office.approve(office.renew(name))
    office.judge()
    assert office.deliver(twin).closed == 2
    assert "was renewed" in late.comments[-1]


def test_a_report_says_who_approved_until_when_and_how_often(office: Office) -> None:
    name = office.granted()
    office.now += 10 * DAY
    again = office.renew(name)
    office.approve(again)
    office.judge()
    (row,) = collect(office.store, KINDS, "us", (), office.now).cases
    assert (row.exception, row.waiver_approver, row.waiver_renewals) == (again, "Person 4 (4)", 1)
    assert f"2026-12-30, {again}, renewed once, approved by Person 4 (4)" in "\n".join(
        told(row, office.now)
    )
    (result,) = json.loads(sarif(case_records([row]), "1"))["runs"][0]["results"]
    properties = result["suppressions"][0]["properties"]
    assert properties["offkey/approver"] == "Person 4 (4)"
    assert properties["offkey/expires_at"].startswith("2026-12-30")


@pytest.mark.parametrize("who", ["the approver", "the beneficiary"])
def test_a_leave_voids_it_and_one_that_is_taken_back_does_not(office: Office, who: str) -> None:
    office.granted(beneficiary=OMAR)
    office.judge(5)
    gone = BEN if who == "the approver" else COLLEAGUE
    here = (LEAVER, *(one for one in (COLLEAGUE, ANNA, BEN) if one != gone))
    office.people(*here, replace(gone, ends_at=office.now))
    office.judge()
    assert (office.case.state, office.stages()) == (CaseState.OPEN, [Stage.VOID])
    assert office.case.note.endswith(f"holds no longer: its {who.split()[1]} has left")
    office.people(*here, gone)
    office.judge()
    assert (office.case.state, office.stages()) == (CaseState.WAIVED, [Stage.VALID])


def test_an_approver_whom_no_feed_knows_any_more_is_told_and_not_taken_for_gone(
    office: Office,
) -> None:
    name = office.granted()
    with office.store.transaction() as tx:
        tx.people.save_persons(one for one in tx.people.every_person() if one.id != "4")
    office.judge()
    assert (office.case.state, office.case.exception) == (CaseState.WAIVED, name)
    (found,) = listed(office.store, office.now)
    assert found.judged.why == "whether its approver is here is not known"
    assert found.name(found.judged.exception.approved_by) == "4, not known any more"


@pytest.mark.parametrize("whole", [True, False])
def test_a_rejection_ends_it_and_it_never_expires(office: Office, *, whole: bool) -> None:
    office.granted(whole_credential=whole)
    for days in (1, 1):
        office.now += days * DAY
        fill(office.store, (answer(LivenessState.DEAD, at=office.now),), STAFF)
        office.judge()
    assert (office.case.state, office.stages()) == (CaseState.CLOSED, [Stage.PROVED])
    office.judge(60)
    assert [one.kind for one in cases(office.store)] == [CaseKind.F1]


def test_an_end_by_a_person_opens_the_case_and_is_no_way_to_a_first_renewal(
    office: Office,
) -> None:
    name = office.granted()
    end(office.desk, name, A, "not needed", office.now)
    office.judge()
    assert (office.case.state, office.stages()) == (CaseState.OPEN, [Stage.ENDED])
    with pytest.raises(ConfigError, match="would count no renewal"):
        office.ask()
    with pytest.raises(ConfigError, match="over already"):
        end(office.desk, name, A, "again", office.now)
    office.approve(office.renew(name))
    office.judge()
    assert office.case.state is CaseState.WAIVED


def test_one_that_is_past_its_end_is_not_ended_away(office: Office) -> None:
    name = office.granted()
    office.judge(30)
    with pytest.raises(ConfigError, match="over already"):
        end(office.desk, name, A, "why", office.now)
    assert office.stages() == [Stage.EXPIRED]


def test_renewals_have_a_limit_and_a_word_how(office: Office) -> None:
    name = office.granted()
    for _ in range(office.settings.max_renewals):
        office.now += 10 * DAY
        again = office.renew(name)
        with pytest.raises(ConfigError, match=f"{again} renews it already"):
            office.renew(name)
        office.approve(again)
        name = again
    with pytest.raises(ConfigError, match=r"renewed 2 times.*have the limit raised"):
        office.renew(name)


def test_a_renewal_that_was_ended_is_renewed_itself_so_that_it_counts(office: Office) -> None:
    name = office.granted()
    again = office.renew(name)
    office.approve(again)
    end(office.desk, again, A, "moved", office.now)
    with pytest.raises(ConfigError, match=f"{again} renews it already"):
        office.renew(name)
    with pytest.raises(ConfigError, match=f"except show {again}"):
        office.ask()
    office.renew(again)
    assert listed(office.store, office.now)[-1].judged.exception.renewals == 2


def test_a_renewal_may_be_for_another_user_since_the_first_has_left(office: Office) -> None:
    name = office.granted(beneficiary=OMAR)
    office.people(LEAVER, replace(COLLEAGUE, ends_at=office.now), ANNA, BEN)
    office.judge()
    assert office.case.state is CaseState.OPEN
    made = renew(office.desk, name, A, 30, "she took over", office.now, A)
    office.approve(made.id)
    office.judge()
    assert (office.case.state, made.terms.beneficiary) == (CaseState.WAIVED, "3")


def test_after_a_proof_there_is_nothing_to_renew_and_a_new_one_may_be_asked_for(
    office: Office,
) -> None:
    name = office.granted()
    office.approve(again := office.renew(name))
    office.judge()
    for days in (1, 1):
        office.now += days * DAY
        fill(office.store, (answer(LivenessState.DEAD, at=office.now),), STAFF)
        office.judge()
    with pytest.raises(ConfigError, match="issuer rejected"):
        office.renew(again)
    office.now += DAY
    fill(office.store, (replace(LIVE, at=office.now),), STAFF)
    office.judge()
    assert office.case.state is CaseState.OPEN
    assert office.ask() not in (name, again)


def test_what_was_asked_for_and_never_approved_does_not_stand_in_the_way(office: Office) -> None:
    name = office.ask()
    with pytest.raises(ConfigError, match="never approved"):
        office.renew(name)
    with pytest.raises(ConfigError, match=f"offkey except show {name}"):
        office.ask(whole_credential=True)
    end(office.desk, name, A, "mistaken", office.now)
    again = office.ask()
    office.now += 30 * DAY
    assert office.ask() not in (name, again)


def test_one_for_the_credential_covers_cases_to_come(office: Office) -> None:
    name = office.granted(whole_credential=True)
    (found,) = listed(office.store, office.now)
    assert found.judged.exception.terms.case is None
    assert office.case.exception == name


def _by_the_asker(office: Office) -> None:
    office.settings = replace(office.settings, approvers=(A, B))
    office.approve(office.ask(), A)


def _by_the_user(office: Office) -> None:
    office.approve(office.ask(beneficiary=OMAR), OMAR)


def _by_a_leaver(office: Office) -> None:
    office.approve(office.ask(), JANE)


def _by_nobody_we_know(office: Office) -> None:
    office.approve(office.ask(), "stranger@x.example")


def _by_one_who_is_not_listed(office: Office) -> None:
    office.settings = replace(office.settings, approvers=(OMAR,))
    office.approve(office.ask(), B)


def _of_ones_own(office: Office) -> None:
    office.people(replace(LEAVER, ends_at=None), COLLEAGUE, ANNA, BEN)
    office.approve(office.ask(), JANE)


def _for_a_user_who_left_since(office: Office) -> None:
    name = office.ask(beneficiary=OMAR)
    office.people(LEAVER, replace(COLLEAGUE, ends_at=office.now), ANNA, BEN)
    office.approve(name)


def _too_late(office: Office) -> None:
    name = office.ask()
    office.now += 30 * DAY
    office.approve(name)


def _switched_off(office: Office) -> None:
    office.settings = ExceptionSettings()
    office.ask()


def _unknown(office: Office) -> None:
    office.approve("ex-0")


@pytest.mark.parametrize(
    ("step", "why"),
    [
        (_by_the_asker, "whoever asks cannot approve"),
        (_by_the_user, "whoever goes on using"),
        (_by_a_leaver, "have left"),
        (_by_nobody_we_know, "run nightly"),
        (_by_one_who_is_not_listed, "not among exceptions.approvers"),
        (_of_ones_own, "the case is held against them"),
        (_for_a_user_who_left_since, "has left"),
        (_too_late, "its end is past"),
        (_switched_off, r"\[exceptions\] with approvers"),
        (_unknown, "none of that name"),
        (lambda office: office.ask(JANE), "have left"),
        (lambda office: office.ask(beneficiary=JANE), "have left"),
        (lambda office: office.ask(days=91), "1 to 90"),
        (lambda office: office.ask(days=0), "1 to 90"),
        (lambda office: office.ask(policy="RISK-8"), "name one of RISK-7"),
    ],
)
def test_what_is_refused_is_not_approved(
    office: Office, step: Callable[[Office], object], why: str
) -> None:
    with pytest.raises(ConfigError, match=why):
        step(office)
    office.judge()
    assert '"move":"approved"' not in "".join(ledger(office.store))
    assert all(one.state is not CaseState.WAIVED for one in cases(office.store))
