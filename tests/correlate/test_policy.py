"""The rules in order: a leaver's own, what a leaver knew, notebooks, the exposed, the orphans."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from correlate.decoys import skipped
from correlate.kind import Grade, Kind
from correlate.listed import InventoryRow, Listed, RowState
from correlate.model import Exposure, KindId, Liveness, LivenessState, Medium, PersonId, Truth
from correlate.policy import Credential, judge
from correlate.severity import severity
from correlate.verdict import (
    CaseKind,
    Claim,
    Departure,
    Doubt,
    Ground,
    Relation,
    Standing,
    StandingState,
)
from tests.correlate.cast import FP, NOW, answer, author, exposure

KIND = Kind(KindId("kind"), "issuer", "Kind", "x", ("x",), "source", "x")
LEFT_AT = NOW - timedelta(days=10)
WHO = {name: PersonId(name) for name in ("left", "gone", "here", "leave", "leaving", "suspected")}
STANDINGS = {
    WHO["left"]: Standing(StandingState.LEFT, Departure(WHO["left"], "s", LEFT_AT, "hr")),
    WHO["gone"]: Standing(StandingState.LEFT, Departure(WHO["gone"], "s", LEFT_AT, "hr")),
    WHO["here"]: Standing(StandingState.HERE),
    WHO["leave"]: Standing(StandingState.ON_LEAVE),
    WHO["leaving"]: Standing(StandingState.LEAVING, Departure(WHO["leaving"], "s", NOW, "hr")),
    WHO["suspected"]: Standing(StandingState.SUSPECTED, None, ("disabled",)),
}
LIVE = answer()


def credential(
    said: Liveness | None = LIVE,
    latest: Liveness | None = None,
    kind: Kind = KIND,
    places: tuple[Exposure, ...] = (exposure(),),
) -> Credential:
    return Credential(FP, kind, places, said, latest or said)


def claim(person: str, relation: Relation, strength: float) -> Claim:
    return Claim(FP, PersonId(person), relation, strength, (Ground("why", "s", strength),))


OWNS, PUT, READ = Relation.OWNS, Relation.INTRODUCED, Relation.COULD_READ


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        ([("left", OWNS, 0.95)], [("F1", "left")]),
        ([("left", OWNS, 0.95), ("gone", PUT, 0.65)], [("F1", "left")]),
        ([("left", OWNS, 0.3), ("here", PUT, 0.65)], [("F5", "here")]),
        ([("here", OWNS, 0.95), ("left", PUT, 0.65)], [("F2", "left")]),
        ([("left", PUT, 0.65), ("gone", READ, 0.6)], [("F2", "gone"), ("F2", "left")]),
        ([("left", PUT, 0.65), ("left", READ, 0.6)], [("F2", "left")]),
        ([("left", PUT, 0.45)], [("F3", None)]),
        ([("here", OWNS, 0.95)], [("F5", "here")]),
        ([("leave", PUT, 0.65)], [("F5", "leave")]),
        ([("leaving", OWNS, 0.95)], [("F5", "leaving")]),
        ([("here", READ, 0.6)], [("F3", None)]),
        ([], [("F3", None)]),
        ([("suspected", OWNS, 0.95)], []),
        ([("suspected", OWNS, 0.95), ("left", READ, 0.6)], [("F2", "left")]),
    ],
)
def test_who_is_held(
    made: list[tuple[str, Relation, float]], expected: list[tuple[str, str | None]]
) -> None:
    found = judge(credential(), [claim(*item) for item in made], STANDINGS)
    assert [(item.kind.value, item.person) for item in found.decisions] == expected


@pytest.mark.parametrize("medium", [Medium.NOTEBOOK_SOURCE, Medium.NOTEBOOK_OUTPUT])
@pytest.mark.parametrize(
    ("made", "expected"),
    [
        ([("here", OWNS, 0.95)], ("F6", "here")),
        ([("here", PUT, 0.65)], ("F6", "here")),
        ([], ("F6", None)),
        ([("left", OWNS, 0.95)], ("F1", "left")),
        ([("left", READ, 0.6)], ("F2", "left")),
    ],
)
def test_notebooks(
    medium: Medium, made: list[tuple[str, Relation, float]], expected: tuple[str, str | None]
) -> None:
    places = (exposure(), exposure(medium=medium, path="b.ipynb"))
    found = judge(credential(places=places), [claim(*item) for item in made], STANDINGS)
    assert [(item.kind.value, item.person) for item in found.decisions] == [expected]


@pytest.mark.parametrize(
    ("said", "latest", "doubt"),
    [
        (None, None, Doubt.UNKNOWN),
        (None, answer(LivenessState.UNKNOWN), Doubt.UNKNOWN),
        (None, answer(LivenessState.RATE_LIMITED), Doubt.UNKNOWN),
        (None, answer(LivenessState.SKIPPED), Doubt.UNKNOWN),
        (None, answer(LivenessState.NOT_VERIFIABLE), Doubt.NOT_VERIFIABLE),
    ],
)
def test_what_cannot_be_proved_is_watched_for_leavers_only(
    said: Liveness | None, latest: Liveness | None, doubt: Doubt
) -> None:
    item = Credential(FP, KIND, (exposure(),), said, latest)
    mine = judge(item, [claim("left", PUT, 0.65)], STANDINGS)
    assert [(watch.person, watch.doubt) for watch in mine.watches] == [("left", doubt)]
    assert judge(item, [claim("here", PUT, 0.65)], STANDINGS).watches == ()
    assert judge(item, [claim("left", READ, 0.6)], STANDINGS).watches == ()
    assert mine.decisions == ()


def test_a_suspected_leaver_is_watched_and_never_held() -> None:
    found = judge(credential(), [claim("suspected", OWNS, 0.95)], STANDINGS)
    assert [watch.doubt for watch in found.watches] == [Doubt.SUSPECTED_LEAVER]


@pytest.mark.parametrize(
    "item",
    [
        credential(answer(LivenessState.DEAD)),
        credential(kind=replace(KIND, grade=Grade.GENERIC)),
        credential(places=()),
    ],
    ids=["dead", "generic", "nowhere"],
)
def test_what_makes_nothing(item: Credential) -> None:
    found = judge(item, [claim("left", OWNS, 0.95), claim("left", PUT, 0.65)], STANDINGS)
    assert (found.decisions, found.watches) == ((), ())


def test_a_doubtful_answer_leaves_the_last_definite_one_in_force() -> None:
    item = credential(LIVE, answer(LivenessState.UNKNOWN))
    assert judge(item, [claim("left", OWNS, 0.95)], STANDINGS).decisions[0].kind is CaseKind.F1


PERSONS = st.sampled_from([*WHO, "stranger"])
CLAIMS = st.lists(
    st.builds(claim, PERSONS, st.sampled_from(Relation), st.sampled_from([0.3, 0.5, 0.65, 0.95])),
    max_size=6,
)


@given(CLAIMS, st.sampled_from(LivenessState), st.sampled_from(Medium))
def test_every_usable_credential_is_held_or_watched_and_nobody_present_is_called_a_leaver(
    made: list[Claim], state: LivenessState, medium: Medium
) -> None:
    made = sorted(made, key=lambda item: -item.strength)
    item = credential(answer(state), places=(exposure(medium=medium),))
    found = judge(item, made, STANDINGS)
    if state.usable:
        assert found.decisions or found.watches
    for decision in found.decisions:
        if decision.kind in (CaseKind.F1, CaseKind.F2, CaseKind.F11):
            assert decision.person in (WHO["left"], WHO["gone"])
        else:
            assert decision.person not in (WHO["left"], WHO["gone"], WHO["suspected"])
    kinds = {decision.kind for decision in found.decisions}
    assert len(kinds - {CaseKind.F11}) <= 1


@pytest.mark.parametrize(
    ("used", "kinds"),
    [
        (None, ["F1"]),
        (timedelta(hours=-1), ["F1"]),
        (timedelta(hours=1), ["F1"]),
        (timedelta(hours=25), ["F1", "F11"]),
    ],
    ids=["no use told", "before", "possibly after", "after"],
)
def test_a_certain_use_after_the_leave_is_an_incident_beside_the_case(
    used: timedelta | None, kinds: list[str]
) -> None:
    left = Departure(
        WHO["left"], "s", NOW - timedelta(days=9), "hr", latest_at=NOW - timedelta(days=8)
    )
    standings = {WHO["left"]: Standing(StandingState.LEFT, left)}
    said = answer(last_used=left.effective_at + used if used is not None else None)
    found = judge(credential(said), [claim("left", OWNS, 0.95)], standings).decisions
    assert [made.kind.value for made in found] == kinds
    assert ("after its owner left" in found[-1].grounds[0].text) is (kinds[-1] == "F11")


def test_a_decoy_makes_no_case_though_its_issuer_once_called_it_live() -> None:
    made = judge(credential(LIVE, skipped(NOW)), [claim("left", PUT, 0.9)], STANDINGS)
    assert made.decisions == ()
    assert [watch.detail for watch in made.watches] == ["decoy: listed in the policy"]
    assert judge(credential(LIVE), [claim("left", PUT, 0.9)], STANDINGS).decisions


SINCE = NOW - timedelta(days=30)
AWAY = {WHO["leave"]: SINCE}
NOTEBOOK = exposure(medium=Medium.NOTEBOOK_SOURCE, path="b.ipynb")
BEFORE = NOW - timedelta(days=200)


def listed(made_at: datetime | None = BEFORE, expires: Truth = Truth.UNKNOWN) -> Credential:
    row = InventoryRow(
        "gh", "org", "1", "issuer", "token", RowState.ACTIVE, created_at=made_at, expires=expires
    )
    return Credential(FP, KIND, (), LIVE, LIVE, Listed(row, FP, NOW, NOW, NOW))


@pytest.mark.parametrize(
    ("person", "relation", "used", "expected"),
    [
        ("leave", OWNS, SINCE + timedelta(days=1), ("F9", "high", True)),
        ("leave", OWNS, SINCE - timedelta(days=1), ("F5", "medium", False)),
        ("leave", OWNS, None, ("F5", "medium", False)),
        ("leave", PUT, SINCE + timedelta(days=1), ("F5", "medium", False)),
        ("here", OWNS, SINCE + timedelta(days=1), ("F5", "medium", False)),
    ],
    ids=["used while away", "used before", "no use told", "not its owner", "not away"],
)
def test_a_use_while_its_owner_is_on_leave_weighs_more_than_the_leak(
    person: str, relation: Relation, used: datetime | None, expected: tuple[str, str, bool]
) -> None:
    said = answer(last_used=used)
    for place in (exposure(), NOTEBOOK):
        item = credential(said, places=(place,))
        (made,) = judge(item, [claim(person, relation, 0.95)], STANDINGS, AWAY).decisions
        kind, level, told = expected
        if place is NOTEBOOK and kind == "F5":
            kind, level = "F6", "high"
        assert (made.kind.value, severity(made.kind, said, made).level) == (kind, level)
        assert ("while its owner is on leave" in made.grounds[0].text) is told
        assert made.departure is None


def test_a_leaver_who_knew_it_comes_before_a_use_while_its_owner_is_away() -> None:
    claims = [claim("leave", OWNS, 0.95), claim("left", PUT, 0.65)]
    (made,) = judge(credential(answer(last_used=NOW)), claims, STANDINGS, AWAY).decisions
    assert made.kind is CaseKind.F2


MOVED = NOW - timedelta(days=90)


@pytest.mark.parametrize(
    ("item", "moved_at", "expected"),
    [
        (listed(), MOVED, ("F10", "low", True)),
        (listed(None), MOVED, ("F10", "low", True)),
        (listed(NOW - timedelta(days=10)), MOVED, None),
        (listed(expires=Truth.NO), MOVED, ("F10", "low", True)),
        (listed(NOW - timedelta(days=400)), MOVED, ("F4", "medium", True)),
        (listed(NOW - timedelta(days=900)), NOW - timedelta(days=800), ("F4", "medium", False)),
        (listed(), None, None),
        (credential(), MOVED, ("F5", "medium", True)),
        (credential(places=(exposure(author("a@x.example", "2026-11-01")),)), MOVED, ("F5", "medium", False)),
        (credential(places=(NOTEBOOK,)), MOVED, ("F6", "high", True)),
    ],
    ids=[
        "made before", "made nobody knows when", "made after", "and endless", "and old",
        "moved long ago", "did not move", "leaked", "leaked after", "in a notebook",
    ],
)  # fmt: skip
def test_who_moved_is_asked_to_confirm_the_need(
    item: Credential, moved_at: datetime | None, expected: tuple[str, str, bool] | None
) -> None:
    standings = {WHO["here"]: Standing(StandingState.HERE, moved_at=moved_at)}
    found = judge(item, [claim("here", OWNS, 0.95)], standings).decisions
    assert [
        (
            made.kind.value,
            severity(made.kind, LIVE, made).level,
            any("confirm that it is needed" in ground.text for ground in made.grounds),
        )
        for made in found
    ] == ([expected] if expected else [])
