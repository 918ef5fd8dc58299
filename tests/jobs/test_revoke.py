"""Nothing is sent but what a second person approved, once, and it is proved or said to be unproved."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

import pytest

from connectors.store_sql import SqlStore
from correlate.break_glass import RESEAL
from correlate.errors import ConfigError
from correlate.kind import Effect
from correlate.model import LivenessState
from correlate.ports import RevocationReply
from correlate.revocation import End, Outcome
from correlate.verdict import CaseState
from jobs.cli.revoke import told
from jobs.config_sections import RevocationSettings
from jobs.judge import judge_all
from jobs.plaintext import Places
from jobs.revoke import Desk, Hands, approve, ask, carry_out, quotes_a_secret, subject
from tests.correlate.cast import NOW, answer, author, mail, snapshot, worker
from tests.jobs.stage import KIND, KINDS, Time, fresh_store, ledger
from tests.jobs.test_verify import FP, PEPPER, PLACE, SECRET, WHERE, WordDetector
from tests.twins.issuer import IssuerTwin
from tests.twins.revoker import RevokerTwin
from tests.twins.source import SourceTwin

JANE = worker("1", "jane@x.example", end="2026-06-30")
ANNA, BEN, CARL = (
    worker(n, f"{name}@x.example") for n, name in zip("234", ("anna", "ben", "carl"), strict=True)
)
A, B, C, J = "anna@x.example", "ben@x.example", "carl@x.example", "jane@x.example"
HELD = replace(
    PLACE,
    trace=replace(PLACE.trace, introduced=(author(J, "2025-02-01"),)) if PLACE.trace else None,
)


@dataclass
class Office:
    store: SqlStore
    source: SourceTwin = field(default_factory=lambda: SourceTwin("repos"))
    issuer: IssuerTwin = field(default_factory=lambda: IssuerTwin(frozenset({KIND.id})))
    settings: RevocationSettings = field(
        default_factory=lambda: RevocationSettings(enabled=True, approvers=(B, J, "gone@x.example"))
    )
    time: Time = field(default_factory=Time)
    break_glass: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        self.revoker = RevokerTwin(self.issuer)
        self.source.texts[WHERE] = b"something\nthe-secret-itself\n"
        self.say(LivenessState.LIVE)
        self.people(JANE, ANNA, BEN, CARL)
        with self.store.transaction() as tx:
            tx.scans.save_exposures([HELD], NOW)
            tx.scans.save_answer(FP, KIND.id, answer(LivenessState.LIVE, mail(J)))
        judge_all(self.store, KINDS, NOW, 0)
        with self.store.transaction() as tx:
            (case,) = tx.cases.cases()
        self.case = case.key

    def say(self, state: LivenessState) -> None:
        self.issuer.say(SECRET, state, host="issuer.example", identities=(mail(J),))

    def people(self, *workers: object) -> None:
        with self.store.transaction() as tx:
            tx.people.save_snapshot(snapshot(*workers))  # type: ignore[arg-type]

    @property
    def desk(self) -> Desk:
        revokers, spared = {KIND.id: self.revoker}, self.break_glass
        return Desk(self.store, KINDS, revokers, self.settings, break_glass=spared)

    @property
    def hands(self) -> Hands:
        places = Places({"repos": self.source}, WordDetector(), PEPPER)
        return Hands(places, lambda: {KIND.id: self.issuer}, self.time.now, self.time.wait)

    def ask(self, who: str = A) -> None:
        ask(self.desk, self.case, who, "she left", self.time.now())

    def approve(self, who: str = B) -> None:
        approve(self.desk, self.case, who, self.time.now())

    def do(self, who: str = A) -> Outcome:
        return carry_out(self.desk, self.hands, self.case, who)[1]

    def state(self) -> CaseState:
        with self.store.transaction() as tx:
            return tx.cases.cases()[0].state


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(fresh_store(tmp_path))


def test_a_dry_run_sends_nothing_and_tells_what_would_be(office: Office) -> None:
    about = subject(office.desk, office.case[:6], NOW)
    assert not isinstance(about.call, str)
    wanted = ("DELETE", "https://issuer.example/self")
    assert (about.call.method, about.call.url) == wanted
    assert (office.revoker.sent, office.issuer.asked) == ({}, {})


def test_a_break_glass_credential_is_told_how_to_seal_anew(office: Office) -> None:
    _sealed(office)
    about = subject(office.desk, office.case, NOW)
    assert isinstance(about.call, str)
    shown = "\n".join(told(about, NOW, enabled=True))
    assert RESEAL in shown
    assert "DELETE" not in shown


def test_two_persons_make_it_happen_once_and_the_issuer_proves_it(office: Office) -> None:
    office.ask()
    office.approve()
    before: list[int] = []
    office.revoker.before = lambda: before.append(
        sum("revocation_sending" in text for text in ledger(office.store))
    )
    outcome = office.do()
    assert outcome.end is End.PROVED
    assert before == [1], "the ledger says it before it is sent"
    assert office.revoker.sent == {SECRET.reveal(): 1}
    assert office.state() is CaseState.UNPROVEN, "one rejection closes nothing"
    assert SECRET.reveal() not in "".join(ledger(office.store))
    with pytest.raises(ConfigError, match="issuer said dead"):
        office.do()


def _off(office: Office) -> None:
    office.settings = replace(office.settings, enabled=False)


def _leave(mails: str) -> Callable[[Office], None]:
    def left(office: Office) -> None:
        gone = [replace(one, ends_at=NOW - timedelta(days=1)) if mails in one.emails else one
                for one in (JANE, ANNA, BEN, CARL)]  # fmt: skip
        office.people(*gone)

    return left


def _changed(office: Office) -> None:
    office.revoker.digest = "d2"


def _later(office: Office) -> None:
    office.time.wait(24 * 3600)


def _unlisted(office: Office) -> None:
    office.settings = replace(office.settings, approvers=(C,))


def _moved(office: Office) -> None:
    office.issuer.say(SECRET, LivenessState.LIVE, host="other.example", identities=(mail(J),))


def _removed(office: Office) -> None:
    office.source.texts[WHERE] = b"something else\n"


def _sealed(office: Office) -> None:
    office.break_glass = (FP.short,)


def _anew(office: Office) -> None:
    office.ask()


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (_off, "switched off"),
        (_leave(B), "have left"),
        (_leave(A), "have left"),
        (_changed, "not what was asked for"),
        (_later, "request ended"),
        (_unlisted, "not among revocation.approvers"),
        (lambda office: office.say(LivenessState.DEAD), "issuer now says dead"),
        (lambda office: office.say(LivenessState.UNKNOWN), "issuer now says unknown"),
        (_moved, "issuer now says live"),
        (_removed, "issuer now says unknown"),
        (_anew, "nobody approved"),
        (_sealed, "break-glass"),
    ],
)
def test_what_changed_since_the_approval_ends_it(
    office: Office, change: Callable[[Office], None], why: str
) -> None:
    office.ask()
    office.approve()
    change(office)
    with pytest.raises(ConfigError, match=why):
        office.do()
    assert office.revoker.sent == {}
    assert "revocation_sending" not in "".join(ledger(office.store))


@pytest.mark.parametrize(
    ("step", "why"),
    [
        (lambda office: office.do(), "nobody asked"),
        (lambda office: office.approve(), "nobody asked"),
        (lambda office: office.ask(J), "have left"),
        (lambda office: office.ask("nobody@x.example"), "Nobody is known"),
        (lambda office: (office.ask(), office.do()), "nobody approved"),
        (lambda office: (office.ask(), office.approve(C)), "not among revocation.approvers"),
        (lambda office: (office.ask(), office.approve(J)), "have left"),
        (lambda office: (office.ask(B), office.approve(B)), "whoever asks cannot approve"),
        (lambda office: (office.ask(), office.approve(), office.do(B)), "somebody else asked"),
        (lambda office: [change(office) for change in (_off, Office.ask)], "switched off"),
        (lambda office: [change(office) for change in (_sealed, Office.ask)], "break-glass"),
        (
            lambda office: [change(office) for change in (Office.ask, _sealed, Office.approve)],
            "break-glass",
        ),
    ],
)
def test_whoever_may_not_does_not(
    office: Office, step: Callable[[Office], object], why: str
) -> None:
    with pytest.raises(ConfigError, match=why):
        step(office)
    assert office.revoker.sent == {}


def test_the_owner_has_no_say_even_when_here(office: Office) -> None:
    office.people(replace(JANE, ends_at=None), ANNA, BEN, CARL)
    with pytest.raises(ConfigError, match="theirs"):
        office.ask(J)


class Killed(BaseException):
    """The process died here."""


def test_a_process_that_died_after_sending_is_probed_and_never_sends_again(office: Office) -> None:
    office.ask()
    office.approve()

    def die() -> None:
        raise Killed

    office.revoker.before = die
    with pytest.raises(Killed):
        office.do()
    for again in (office.ask, office.approve):
        with pytest.raises(ConfigError, match="may have been sent"):
            again()
    assert office.do().end is End.UNCLEAR
    assert office.revoker.sent == {SECRET.reveal(): 1}
    with pytest.raises(ConfigError, match="last request is over"):
        office.do()


@pytest.mark.parametrize(
    ("effect", "works", "end"),
    [
        (Effect.DONE, False, End.UNPROVED),
        (Effect.REFUSED, False, End.REFUSED),
        (Effect.UNCLEAR, False, End.UNCLEAR),
        (Effect.UNCLEAR, True, End.PROVED),
    ],
)
def test_the_reply_alone_proves_nothing(
    office: Office, effect: Effect, works: bool, end: End
) -> None:
    office.revoker.reply, office.revoker.works = RevocationReply(effect, "said"), works
    office.ask()
    office.approve()
    assert office.do().end is end
    assert sum(office.revoker.sent.values()) == 1
    assert (office.time.waits == []) is (end in (End.REFUSED, End.PROVED))


def test_a_reason_that_quotes_a_secret_is_known() -> None:
    assert quotes_a_secret(WordDetector().find, "the-secret-itself")
