"""The place is read again, the issuer is asked, and every question is written down first."""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors.store_sql import SqlStore
from correlate.kind import Grade
from correlate.model import (
    Batch,
    Document,
    Finding,
    KindId,
    Liveness,
    LivenessState,
    Locator,
    Medium,
    Skip,
    Truth,
)
from correlate.policy import Credential
from correlate.secret import Pepper, Secret
from jobs.judge import load_credentials
from jobs.verify import Verifier, due, verify_all
from tests.correlate.cast import NOW, answer, exposure
from tests.jobs.stage import KIND, KINDS, fresh_store, ledger
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
        return Verifier({"repos": self.source}, WordDetector(), known, PEPPER)


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


def test_another_place_serves_when_one_is_gone() -> None:
    assert Scene().verifier().ask(credential("gone.py", "a.py"), NOW).state is LivenessState.LIVE


def test_places_that_still_stand_are_read_first() -> None:
    scene = Scene()
    gone = replace(PLACE, trace=replace(PLACE.trace, at_tip=Truth.NO) if PLACE.trace else None)
    asked: list[Locator] = []

    class Listening(SourceTwin):
        def reread(self, locator: Locator) -> Document:
            asked.append(locator)
            return Document(locator, b"the-secret-itself", Medium.FILE)

    verifier = replace(scene.verifier(), sources={"repos": Listening("repos")})
    stands = replace(PLACE, locator=replace(PLACE.locator, item="tip"))
    verifier.ask(Credential(FP, KIND, (gone, stands), None, None), NOW)
    assert [place.item for place in asked] == ["tip"]


@pytest.mark.parametrize(
    ("text", "reason"),
    [(b"something else", "holds something else"), (None, "gone")],
)
def test_what_cannot_be_read_again_is_unknown_and_nobody_is_asked(
    text: bytes | None, reason: str
) -> None:
    scene = Scene()
    if text is None:
        scene.source.texts.clear()
    else:
        scene.source.texts[WHERE] = text
    said = scene.verifier().ask(credential(), NOW)
    assert said.state is LivenessState.UNKNOWN
    assert reason in said.reason
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


DEAD = answer(LivenessState.DEAD)


@pytest.mark.parametrize(
    ("latest", "contested", "days", "wanted"),
    [
        (None, False, 0, True),
        (answer(LivenessState.LIVE), False, 0, True),
        (answer(LivenessState.UNKNOWN), False, 0, True),
        (DEAD, False, 0, False),
        (DEAD, True, 0, True),
        (DEAD, False, 8, True),
    ],
)
def test_a_dead_one_is_asked_again_weekly_or_while_a_case_is_open(
    latest: Liveness | None, contested: bool, days: int, wanted: bool
) -> None:
    item = credential(latest=latest)
    held = frozenset[object]({FP} if contested else ())
    assert bool(due([item], held, NOW + timedelta(days=days))) is wanted


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
        credentials = load_credentials(tx, KINDS)
    counted: list[int] = []
    report = verify_all(scene.verifier(), store, credentials, NOW, counted.append)
    assert (report.asked, report.states, counted) == (1, {LivenessState.LIVE: 1}, [1])
    assert '"what":"answer"' in ledger(store)[-1]
    assert "the-secret-itself" not in "".join(ledger(store))
    _kept(store)
    store.close()


def _kept(store: SqlStore) -> None:
    with store.transaction() as tx:
        said = tx.scans.answers()[FP]
    assert said.definite is not None
    assert said.definite.state is LivenessState.LIVE
