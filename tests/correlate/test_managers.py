"""Up the chain of managers: who cannot inherit is passed over, and no way goes round and round."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from correlate.managers import DEPTH, chain
from correlate.model import PersonId, Worker, WorkerId
from correlate.verdict import Person, Standing, StandingState
from tests.correlate.cast import NOW, account, day, worker
from tests.twins.roll import Chart

HERE, LEFT = StandingState.HERE, StandingState.LEFT


def staffed(managers: Mapping[str, str]) -> dict[PersonId, Person]:
    made = {}
    for name, boss in managers.items():
        row = replace(worker(name), manager=WorkerId(boss) if boss else None)
        made[PersonId(name)] = Person(PersonId(name), name, (row,))
    return made


def above(
    persons: Mapping[PersonId, Person], states: Mapping[str, StandingState] | None = None
) -> list[str]:
    standings = {key: Standing((states or {}).get(key, HERE)) for key in persons}
    return list(chain(PersonId("a"), NOW, Chart(persons, standings)))


@pytest.mark.parametrize(
    ("managers", "states", "expected"),
    [
        ({"a": "b", "b": "c", "c": ""}, {}, ["b", "c"]),
        ({"a": "b", "b": "c", "c": ""}, {"b": LEFT}, ["c"]),
        ({"a": "b", "b": "c", "c": ""}, {"b": StandingState.SUSPECTED}, ["c"]),
        ({"a": "b", "b": "c", "c": ""}, {"b": StandingState.LEAVING}, ["c"]),
        ({"a": "b", "b": "c", "c": ""}, {"b": StandingState.ON_LEAVE}, ["c"]),
        ({"a": "b", "b": "c", "c": ""}, {"b": LEFT, "c": LEFT}, []),
        ({"a": "b", "b": "a"}, {}, ["b"]),
        ({"a": "b", "b": "c", "c": "b"}, {"c": LEFT}, ["b"]),
        ({"a": "a"}, {}, []),
        ({"a": "unknown"}, {}, []),
        ({"a": ""}, {}, []),
    ],
    ids=[
        "up", "manager left too", "manager suspected", "manager leaves", "manager away",
        "all left", "cycle", "cycle further up", "own manager", "dead end", "top",
    ],
)  # fmt: skip
def test_who_is_left(
    managers: dict[str, str], states: dict[str, StandingState], expected: list[str]
) -> None:
    assert above(staffed(managers), states) == expected


def test_a_long_way_is_cut_off() -> None:
    names = ["a", *(str(number) for number in range(40))]
    persons = staffed(dict(pairwise(names)))
    assert len(above(persons)) == DEPTH


@pytest.mark.parametrize(
    ("at", "expected"),
    [("2019-06-01", ["old"]), ("2023-06-01", ["new"]), ("2021-06-01", ["old"]), ("2010-01-01", [])],
    ids=["first spell", "second spell", "between them", "before any"],
)
def test_the_manager_is_that_of_the_spell_at_the_instant(at: str, expected: list[str]) -> None:
    rows = (
        replace(worker("a", start="2018-01-01", end="2020-01-01"), manager=WorkerId("old")),
        replace(worker("a", start="2022-01-01"), manager=WorkerId("new")),
    )
    persons = staffed({"old": "", "new": ""}) | {PersonId("a"): Person(PersonId("a"), "a", rows)}
    standings = {key: Standing(HERE) for key in persons}
    assert list(chain(PersonId("a"), day(at), Chart(persons, standings))) == expected


@pytest.mark.parametrize("row", [worker("a"), replace(worker("a"), manager=WorkerId("unknown"))])
def test_where_the_personnel_feed_names_nobody_known_the_directory_does(row: Worker) -> None:
    mine = replace(account("a"), manager="id-boss")
    boss = Person(PersonId("directory:boss"), "Boss", (), (account("boss"),))
    persons = {PersonId("a"): Person(PersonId("a"), "a", (row,), (mine,)), boss.id: boss}
    assert above(persons) == [boss.id]


def test_a_manager_of_several_worker_ids_is_found_by_each() -> None:
    boss = Person(PersonId("b"), "Boss", (worker("b1"), worker("b2")))
    persons = staffed({"a": "b2"}) | {boss.id: boss}
    assert above(persons) == ["b"]


NAMES = st.sampled_from(["a", "b", "c", "d", "e"])


@given(st.dictionaries(NAMES, NAMES), st.dictionaries(NAMES, st.sampled_from(StandingState)))
def test_whoever_is_named_is_here_once_and_not_oneself(
    managers: dict[str, str], states: dict[str, StandingState]
) -> None:
    found = above(staffed(managers), states)
    assert len(found) == len(set(found))
    assert "a" not in found
    assert all(states.get(one, HERE) is HERE for one in found)
