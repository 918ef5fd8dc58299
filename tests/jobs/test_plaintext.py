from __future__ import annotations

from dataclasses import replace

import pytest

from correlate.model import Document, Locator, Medium, Truth
from correlate.policy import Credential
from correlate.secret import Secret
from jobs.plaintext import Places
from tests.jobs.stage import KIND
from tests.jobs.test_verify import FP, PEPPER, PLACE, WHERE, WordDetector, credential
from tests.twins.source import SourceTwin


def places(**sources: SourceTwin) -> Places:
    return Places(sources, WordDetector(), PEPPER)


def source() -> SourceTwin:
    made = SourceTwin("repos")
    made.texts[WHERE] = b"something\nthe-secret-itself\n"
    return made


def told(found: tuple[Secret | None, str]) -> tuple[str, str]:
    secret, why = found
    return (secret.reveal() if secret else "", why)


def test_the_very_secret_is_found_again() -> None:
    assert told(places(repos=source()).secret(credential())) == ("the-secret-itself", "")


def test_another_place_serves_when_one_is_gone() -> None:
    found = places(repos=source()).secret(credential("gone.py", "a.py"))
    assert told(found) == ("the-secret-itself", "")


def test_places_that_still_stand_are_read_first() -> None:
    gone = replace(PLACE, trace=replace(PLACE.trace, at_tip=Truth.NO) if PLACE.trace else None)
    asked: list[Locator] = []

    class Listening(SourceTwin):
        def reread(self, locator: Locator) -> Document:
            asked.append(locator)
            return Document(locator, b"the-secret-itself", Medium.FILE)

    stands = replace(PLACE, locator=replace(PLACE.locator, item="tip"))
    places(repos=Listening("repos")).secret(Credential(FP, KIND, (gone, stands), None, None))
    assert [place.item for place in asked] == ["tip"]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (b"something else", "its place holds something else now"),
        (None, "its place is gone"),
    ],
)
def test_why_it_cannot_be_had_is_told(text: bytes | None, why: str) -> None:
    emptied = source()
    if text is None:
        emptied.texts.clear()
    else:
        emptied.texts[WHERE] = text
    secret, told_why = places(repos=emptied).secret(credential())
    assert secret is None
    assert told_why.startswith(why)


def test_a_source_that_is_not_configured_any_more_and_no_place_at_all_are_told() -> None:
    elsewhere = replace(PLACE, locator=replace(PLACE.locator, source="former"))
    found = places(repos=source()).secret(Credential(FP, KIND, (elsewhere,), None, None))
    assert found == (None, "source 'former' is not configured any more")
    nowhere = places(repos=source()).secret(Credential(FP, KIND, (), None, None))
    assert nowhere == (None, "it stands nowhere any more")
