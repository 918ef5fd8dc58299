"""Workers of several systems become the persons that they are, and no others."""

from __future__ import annotations

from dataclasses import replace

import pytest

from correlate.linking import link
from correlate.memory import memory_of
from correlate.model import PeopleSnapshot, Worker
from tests.correlate.cast import snapshot, worker

ANN = worker("1", "ann@x.example")
BEN = worker("1", "ben@x.example")


def persons(*snapshots: PeopleSnapshot) -> dict[str, int]:
    """Return each person's id and how many spells they have."""
    return {str(key): len(one.spells) for key, one in link(snapshots).persons.items()}


def named(one: Worker, name: str) -> Worker:
    return replace(one, name=name)


@pytest.mark.parametrize(
    ("first", "second", "found"),
    [
        ([ANN], [BEN], {"1": 1, "uk/1": 1}),
        ([ANN], [ANN], {"1": 2}),
        ([ANN], [worker("77", "ann@x.example")], {"1": 2}),
        ([worker("1")], [worker("1")], {"1": 1, "uk/1": 1}),
        (
            [worker("1", "a@x.example", end="2022-01-31")],
            [worker("2", "a@x.example", start="2024-01-01")],
            {"1": 1, "2": 1},
        ),
        (
            [named(worker("1", "a@x.example", end="2022-01-31"), "Ann Lee")],
            [named(worker("2", "a@x.example", start="2022-02-05"), "Ann Lee")],
            {"1": 2},
        ),
        (
            [named(worker("1", "a@x.example", end="2022-01-31"), "Ann Lee")],
            [named(worker("2", "a@x.example", start="2022-06-05"), "Ann Lee")],
            {"1": 1, "2": 1},
        ),
        (
            [named(worker("1", "a@x.example", end="2022-01-31"), "Ann Lee")],
            [named(worker("2", "a@x.example", start="2022-02-05"), "Ann Low")],
            {"1": 1, "2": 1},
        ),
        (
            [worker("1", "team@x.example"), worker("2", "team@x.example")],
            [worker("9", "team@x.example")],
            {"1": 1, "2": 1, "9": 1},
        ),
    ],
    ids=[
        "one number, two people", "one person in two systems", "two numbers, one person",
        "a number alone joins nobody", "an address given to somebody else",
        "taken on by another employer", "back after months, or a namesake", "another name",
        "a mailbox of many",
    ],
)  # fmt: skip
def test_workers_of_two_systems(
    first: list[Worker], second: list[Worker], found: dict[str, int]
) -> None:
    assert persons(snapshot(*first, feed="hr"), snapshot(*second, feed="uk")) == found


def test_the_feeds_own_key_of_a_human_joins_their_numbers() -> None:
    contractor = replace(worker("C7", end="2022-01-31"), person_key="k")
    employee = replace(worker("12", start="2023-05-01"), person_key="k")
    assert persons(snapshot(contractor, employee)) == {"C7": 2}
    other = replace(employee, person_key="j")
    assert persons(snapshot(contractor, other)) == {"C7": 1, "12": 1}


def test_whom_a_feed_no_longer_lists_stays_the_same_person() -> None:
    old = worker("1", "ann@x.example", end="2022-01-31")
    assert persons(snapshot(ANN), snapshot(old, feed=memory_of("hr"))) == {"1": 2}
