from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from correlate.freshness import asked
from correlate.model import Identity, LivenessState, PersonId
from correlate.policy import Credential
from jobs.asking import returned, revived, still_flying
from jobs.judge import judge_all
from jobs.people import circle
from jobs.verify import due
from tests.correlate.cast import FP, NOW, answer, author, exposure, snapshot, worker
from tests.jobs.stage import (
    COLLEAGUE,
    KIND,
    KINDS,
    LEAVER,
    cases,
    fill,
    fresh_store,
    unabsorbed,
)
from tests.jobs.town import Town

LIVE = answer(LivenessState.LIVE, Identity("github", "janed"))
TOMORROW = NOW + timedelta(days=1)


@pytest.mark.parametrize("by_case", [True, False], ids=["who had the case", "who brought it in"])
@pytest.mark.parametrize(
    ("days", "state", "asked"),
    [
        (1, LivenessState.DEAD, True),
        (3, LivenessState.DEAD, False),
        (-1, LivenessState.DEAD, False),
        (1, LivenessState.LIVE, False),
    ],
    ids=["back since", "still to come back", "back before", "live"],
)
def test_who_comes_back_may_bring_a_rejected_token_to_life(
    tmp_path: Path, days: int, state: LivenessState, asked: bool, by_case: bool
) -> None:
    store, now = fresh_store(tmp_path), NOW + timedelta(days=2)
    author_of = "omar@x.example" if by_case else "jane@x.example"
    place = exposure(author(author_of, "2025-02-01"))
    fill(store, (LIVE,) if by_case else (), places=(place,))
    judge_all(store, KINDS, NOW, 0)
    assert bool(cases(store)) is by_case
    back = worker("1", "jane@x.example", login="janed", start=f"{NOW + timedelta(days=days):%F}")
    said = answer(state, at=NOW + timedelta(hours=1))
    fill(store, (said,), people=snapshot(LEAVER, back, COLLEAGUE), places=(place,))
    with store.transaction() as tx:
        known, all_ = circle(tx, now), unabsorbed(tx)
        rehired = returned(tx.people.every_person(), now)
        found = revived(all_, tx.cases.cases(), known, rehired, now)
    assert found == (frozenset({FP}) if asked else frozenset())
    if state is LivenessState.DEAD:
        assert bool(due(all_, frozenset(), now, revived=found)) is asked
    store.close()


@pytest.mark.parametrize(("seconds", "rest"), [(0, 15.0), (10, 5.0), (15, 0.0), (99, 0.0)])
def test_a_question_in_flight_is_waited_for_from_when_it_went_out(
    seconds: int, rest: float
) -> None:
    went = NOW + timedelta(minutes=40)
    flying = [
        Credential(FP, KIND, (), None, asked(NOW, at)) for at in (went, went - timedelta(seconds=9))
    ]
    assert still_flying(flying, went + timedelta(seconds=seconds)) == rest


def test_where_nobody_came_back_no_rejection_is_doubted(tmp_path: Path) -> None:
    store = fresh_store(tmp_path)
    fill(store, (answer(LivenessState.DEAD),))
    with store.transaction() as tx:
        known, all_ = circle(tx, TOMORROW), unabsorbed(tx)
        rehired = returned(tx.people.every_person(), TOMORROW)
        assert rehired == frozenset()
        for somebody in (rehired, frozenset({PersonId("1")})):
            assert revived(all_, [], known, somebody, TOMORROW) == frozenset()
            assert revived([], [], known, somebody, TOMORROW) == frozenset()
            unasked = [replace(one, latest=None) for one in all_]
            assert revived(unasked, [], known, somebody, TOMORROW) == frozenset()
    store.close()


def test_what_an_issuer_lists_is_asked_about_all_the_same(town: Town) -> None:
    with town.store.transaction() as tx:
        listed = {row.row.owner_name for row in tx.inventory.listed()}
    assert "dana-whitfield" in listed
    assert town.world.asked["dana-github-classic"] > 0
    assert town.world.asked["maya-github-laptop"] == 0
