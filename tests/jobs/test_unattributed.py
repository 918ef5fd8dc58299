"""A credential without an owner is listed with why; one that is dead, a decoy or somebody's is not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from correlate import decoys
from correlate.attribution import claims
from correlate.departure import standing
from correlate.linking import link
from correlate.model import Identity, Liveness, LivenessState, Truth
from correlate.policy import Credential
from jobs.unattributed import named, unattributed
from tests.correlate.cast import FP, NOW, answer, author, exposure, mail, snapshot, worker
from tests.jobs.stage import KIND

PEOPLE = link([snapshot(
    worker("1", "jane@x.example", "team@x.example", login="janed"),
    worker("2", "omar@x.example", "team@x.example"),
)])  # fmt: skip
STANDINGS = {key: standing(one, NOW) for key, one in PEOPLE.persons.items()}


def rows(said: Liveness | None) -> list[str]:
    item = Credential(FP, KIND, (exposure(author("jane@x.example", "2025-02-01")),), said, said)
    made = claims(FP, item.exposures, said, PEOPLE, STANDINGS)
    return [row.why for row in unattributed(item, made, (), PEOPLE)]


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (None, "no issuer has named its owner"),
        (answer(), "no issuer has named its owner"),
        (answer(LivenessState.LIVE, mail("ci@x.example")), "its issuer names a machine"),
        (answer(LivenessState.LIVE, mail("team@x.example")), "its issuer names an account that several people share"),
        (answer(LivenessState.LIVE, mail("who@y.example")), "its issuer names an account that is nobody's whom we know"),
        (answer(LivenessState.LIVE, mail("jane@x.example"), person=Truth.NO), "its issuer says that no person owns it"),
    ],
)  # fmt: skip
def test_why_nobody_is_named(said: Liveness | None, why: str) -> None:
    assert rows(said) == [why]


@pytest.mark.parametrize(
    "said",
    [
        answer(LivenessState.LIVE, Identity("github", "janed")),
        answer(LivenessState.DEAD),
        decoys.skipped(NOW),
    ],
    ids=["owned", "dead", "decoy"],
)
def test_what_is_not_listed(said: Liveness) -> None:
    assert rows(said) == []


def test_all_that_it_is_tied_to_is_told() -> None:
    said = answer(LivenessState.LIVE, mail("who@y.example"))
    item = Credential(FP, KIND, (exposure(),), said, replace(said, state=LivenessState.UNKNOWN))
    (row,) = unattributed(item, (), (mail("j\u0430ne@x.example"),), PEOPLE)
    assert row.liveness == "unknown"
    assert row.names == (
        "mail:who@y.example",
        "mail:j\u0430ne@x.example (made to look like mail:jane@x.example, and is not)",
    )
    assert named(mail("jane@x.example")) == "mail:jane@x.example"
