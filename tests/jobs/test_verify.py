"""The place is read again, the issuer is asked, and every question is written down first."""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors.store_sql import SqlStore
from correlate.decoys import is_decoy
from correlate.kind import Grade
from correlate.model import (
    Batch,
    Document,
    Finding,
    KindId,
    Liveness,
    LivenessState,
    Medium,
    Skip,
)
from correlate.policy import Credential
from correlate.secret import Pepper, Secret
from jobs.lanes import Budget
from jobs.plaintext import Places
from jobs.verify import Verifier, due, verify_all
from tests.correlate.cast import NOW, answer, exposure
from tests.jobs.stage import KIND, fresh_store, ledger, unabsorbed
from tests.twins.issuer import IssuerTwin
from tests.twins.source import SourceTwin

PEPPER = Pepper("p1", b"\x01" * 32)
SECRET = Secret("the-secret-itself")
FP = PEPPER.fingerprint(KIND.id, SECRET)
PLACE = replace(exposure(path="a.py"), fingerprint=FP)
WHERE = (PLACE.locator.container, PLACE.locator.item)


class WordDetector:
    """Takes every line for a secret."""

    def __init__(self) -> None:
        self.ruleset = "words"
        self.dropped: MutableMapping[str, int] = {}

    def screen(self, batch: Batch) -> Iterator[tuple[int, Any]]:
        return ((number, None) for number in range(len(batch.items)))

    def find(self, document: Document, seen: Any = None) -> Iterator[Finding | Skip]:
        assert seen is None
        for line in document.data.decode().splitlines():
            yield Finding(KIND.id, Secret(line), document.locator, Medium.FILE)


@dataclass(slots=True)
class Scene:
    source: SourceTwin = field(default_factory=lambda: SourceTwin("repos"))
    issuer: IssuerTwin = field(default_factory=lambda: IssuerTwin(frozenset({KIND.id})))

    def __post_init__(self) -> None:
        self.source.texts[WHERE] = b"something\nthe-secret-itself\n"
        self.issuer.say(SECRET, LivenessState.LIVE)

    def verifier(self, *, issuers: bool = True) -> Verifier:
        known = {KIND.id: self.issuer} if issuers else {}
        return Verifier(Places({"repos": self.source}, WordDetector(), PEPPER), known)


def credential(*places: str, latest: Liveness | None = None) -> Credential:
    found = tuple(
        replace(PLACE, locator=replace(PLACE.locator, item=place.encode().hex()), trace=None)
        for place in places or ("a.py",)
    )
    return Credential(FP, KIND, found, None, latest)


def test_the_very_secret_is_asked_about() -> None:
    scene = Scene()
    assert scene.verifier().ask(credential(), NOW).state is LivenessState.LIVE
    assert scene.issuer.asked == {"the-secret-itself": 1}


def test_what_cannot_be_read_again_is_unknown_and_nobody_is_asked() -> None:
    scene = Scene()
    scene.source.texts.clear()
    said = scene.verifier().ask(credential(), NOW)
    assert said.state is LivenessState.UNKNOWN
    assert "gone" in said.reason
    assert scene.issuer.asked == {}


def test_of_a_decoy_nobody_is_asked_and_no_place_is_read() -> None:
    scene = Scene()
    scene.source.texts.clear()
    asking = replace(scene.verifier(), decoys=(FP.short,))
    assert is_decoy(asking.ask(credential(), NOW))
    assert not is_decoy(replace(asking, decoys=("0" * 8,)).ask(credential(), NOW))
    assert scene.issuer.asked == {}


def test_a_source_or_issuer_that_is_not_configured_is_named() -> None:
    scene = Scene()
    elsewhere = replace(PLACE, locator=replace(PLACE.locator, source="former"))
    said = scene.verifier().ask(Credential(FP, KIND, (elsewhere,), None, None), NOW)
    assert "former" in said.reason
    assert "no issuer connector" in scene.verifier(issuers=False).ask(credential(), NOW).reason
    kind = replace(KIND, verification=None)
    unasked = scene.verifier().ask(replace(credential(), kind=kind), NOW)
    assert unasked.state is LivenessState.NOT_VERIFIABLE


@pytest.mark.parametrize(
    ("latest", "contested", "minutes", "wanted"),
    [
        (None, False, 0, True),
        (LivenessState.LIVE, False, 0, False),
        (LivenessState.LIVE, True, 0, True),
        (LivenessState.LIVE, False, 24 * 60, True),
        (LivenessState.DEAD, True, 9, False),
        (LivenessState.DEAD, True, 10, True),
        (LivenessState.DEAD, False, 24 * 60, False),
        (LivenessState.UNKNOWN, False, 11, True),
    ],
)
def test_who_has_a_fresh_answer_is_not_asked(
    latest: LivenessState | None, contested: bool, minutes: int, wanted: bool
) -> None:
    item = credential(latest=answer(latest) if latest else None)
    held = frozenset[object]({FP} if contested else ())
    assert bool(due([item], held, NOW + timedelta(minutes=minutes))) is wanted


def test_an_answer_of_the_run_that_is_taken_up_serves_a_case_too() -> None:
    item, held = credential(latest=answer(LivenessState.LIVE)), frozenset[object]({FP})
    later = NOW + timedelta(minutes=30)
    assert due([item], held, later, since=NOW) == []
    assert due([item], held, later, since=NOW + timedelta(minutes=1)) == [item]


def test_a_generic_secret_has_nobody_to_be_asked() -> None:
    kind = replace(KIND, grade=Grade.GENERIC)
    assert due([replace(credential(), kind=kind)], frozenset(), NOW) == []


def test_the_question_is_written_down_before_it_is_sent(tmp_path: Path) -> None:
    store = fresh_store(tmp_path)
    with store.transaction() as tx:
        tx.scans.save_exposures([PLACE], NOW)

    class Watching(IssuerTwin):
        def verify(self, kind: KindId, secret: Secret, now: datetime) -> Liveness:
            assert '"what":"probe"' in ledger(store)[-1]
            return IssuerTwin.verify(self, kind, secret, now)

    scene = Scene(issuer=Watching(frozenset({KIND.id})))
    with store.transaction() as tx:
        credentials = unabsorbed(tx)
    counted: list[int] = []
    report = verify_all(scene.verifier(), store, credentials, NOW, counted.append)
    assert (report.asked, report.states, sum(counted)) == (1, {LivenessState.LIVE: 1}, 1)
    assert '"what":"answer"' in ledger(store)[-1]
    assert "the-secret-itself" not in "".join(ledger(store))
    _kept(store)
    store.close()


def test_where_nobody_can_be_asked_no_question_is_written_down(tmp_path: Path) -> None:
    store = fresh_store(tmp_path)
    with store.transaction() as tx:
        tx.scans.save_exposures([PLACE], NOW)
        credentials = unabsorbed(tx)
    verifier, counted = Scene().verifier(issuers=False), list[int]()
    report = verify_all(verifier, store, credentials, NOW, counted.append)
    assert (report.states, counted) == ({LivenessState.UNKNOWN: 1}, [1])
    assert ['"what":"answer"' in entry for entry in ledger(store)] == [True]
    store.close()


def test_an_answer_says_when_its_question_went_out(tmp_path: Path) -> None:
    store = fresh_store(tmp_path)
    with store.transaction() as tx:
        tx.scans.save_exposures([PLACE], NOW)
        credentials = unabsorbed(tx)
    later, budget, scene = NOW + timedelta(minutes=40), Budget(), Scene()
    scene.issuer.say(SECRET, LivenessState.LIVE, host="issuer.example")
    verify_all(scene.verifier(), store, credentials, NOW, lambda _: None, budget, lambda: later)
    with store.transaction() as tx:
        said = tx.scans.answers()[FP].definite
    assert said is not None
    assert (said.at, said.asked_at) == (NOW, later)
    assert f'"asked_at":"{later.isoformat()}"' in ledger(store)[-1]
    store.close()


def _kept(store: SqlStore) -> None:
    with store.transaction() as tx:
        said = tx.scans.answers()[FP]
    assert said.definite is not None
    assert said.definite.state is LivenessState.LIVE


def test_an_answer_that_was_never_kept_spares_the_next_run_a_second_question(
    tmp_path: Path,
) -> None:
    store = fresh_store(tmp_path)
    with store.transaction() as tx:
        tx.scans.save_exposures([PLACE], NOW)
        credentials = unabsorbed(tx)

    class Killed(BaseException):
        """As a kill would, between the answer and its being kept."""

    class Dying(IssuerTwin):
        def verify(self, kind: KindId, secret: Secret, now: datetime) -> Liveness:
            IssuerTwin.verify(self, kind, secret, now)
            raise Killed

    scene = Scene(issuer=Dying(frozenset({KIND.id})))
    with pytest.raises(Killed):
        verify_all(scene.verifier(), store, credentials, NOW, lambda _: None)
    with store.transaction() as tx:
        (item,) = unabsorbed(tx)
    assert item.latest is not None
    assert (item.latest.state, item.liveness) == (LivenessState.UNKNOWN, None)
    assert due([item], frozenset(), NOW + timedelta(seconds=5)) == []
    assert due([item], frozenset(), NOW + timedelta(seconds=30)) == [item]
    store.close()


def test_an_issuer_with_a_flaw_of_ours_is_unknown_and_tells_nothing_of_the_secret(
    tmp_path: Path,
) -> None:
    store = fresh_store(tmp_path)
    with store.transaction() as tx:
        tx.scans.save_exposures([PLACE], NOW)
        credentials = unabsorbed(tx)

    class Flawed(IssuerTwin):
        def verify(self, kind: KindId, secret: Secret, now: datetime) -> Liveness:
            raise KeyError(secret.reveal(), kind, now)

    scene = Scene(issuer=Flawed(frozenset({KIND.id})))
    verify_all(scene.verifier(), store, credentials, NOW, lambda _: None)
    assert "an unforeseen KeyError" in ledger(store)[-1]
    assert "the-secret-itself" not in "".join(ledger(store))
    store.close()
