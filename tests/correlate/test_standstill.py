"""Until when somebody stands where they stand, and by which edition of the rules that is kept."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random
from typing import Any

import pytest

from correlate.codec import encode
from correlate.departure import ZONE_UNKNOWN, standing
from correlate.model import DirectoryAccount, Employment, PersonId, Truth, Worker
from correlate.standstill import FOR_EVER, RULES, stands_until
from correlate.verdict import Person
from tests.correlate.cast import NOW, account, day, worker

MOMENT = timedelta(microseconds=1)
INSTANTS = tuple(NOW + timedelta(days=days) for days in (-900, -400, -30, -3, 0, 2, 30, 400))
LATER = tuple(at + by for at in INSTANTS for by in (-MOMENT, timedelta(), MOMENT))
RARELY = 0.2
_DATES = ("starts_at", "announced_at", "last_working_at", "ends_at", "moved_at", "embargo_until")
_OF_ACCOUNTS = ("expires_at", "changed_at", "created_at", "leaves_at", "disabled_at")


def anybody(random: Random) -> Person:
    """Return a person of whom feeds say whatever they may."""

    def some(names: tuple[str, ...]) -> dict[str, Any]:
        return {name: random.choice((*[None] * 8, *INSTANTS)) for name in names}

    def spell(number: int) -> Worker:
        row = worker(random.choice("18"), start=f"20{10 + number}-01-01")
        state, rank = random.choice(list(Employment)), random.choice((None, 0, 1))
        precision = random.choice(("day", ZONE_UNKNOWN))
        return replace(row, employment=state, rank=rank, precision=precision, **some(_DATES))

    def theirs() -> DirectoryAccount:
        enabled, deleted = random.choice(list(Truth)), random.random() < RARELY
        service = random.choice((Truth.UNKNOWN, Truth.YES))
        row = replace(account("j"), enabled=enabled, deleted=deleted, service=service)
        return replace(row, **some(_OF_ACCOUNTS))

    return Person(
        PersonId("1"), "Jane",
        tuple(spell(random.randrange(2)) for _ in range(random.randrange(4))),
        tuple(theirs() for _ in range(random.randrange(3))),
        left_seen_at=random.choice((None, *INSTANTS)),
        embargo_until=random.choice((*[None] * 9, *INSTANTS)),
    )  # fmt: skip


@pytest.mark.parametrize("seed", range(20))
def test_nobody_stands_elsewhere_before_the_time_they_stand_until(seed: int) -> None:
    random = Random(seed)  # noqa: S311
    for _ in range(100):
        person = anybody(random)
        seen = person.left_seen_at
        for now in INSTANTS:
            until, held = stands_until(person, now, seen), standing(person, now, seen)
            assert until >= now
            for at in LATER:
                if now <= at < until:
                    assert standing(person, at, seen) == held


@pytest.mark.parametrize(
    ("rows", "until"),
    [
        ([worker("1")], FOR_EVER),
        ([worker("1", end="2027-03-31")], day("2027-03-31")),
        ([worker("1", end="2027-03-31", last_day="2027-02-28")], day("2027-02-28")),
        ([worker("1", end="2026-01-31")], FOR_EVER),
        ([worker("1", start="2027-01-01")], day("2027-01-01")),
        ([worker("1", employment=Employment.LEFT)], NOW),
        ([replace(worker("1"), embargo_until=day("2027-05-01"))], day("2027-05-01")),
    ],
    ids=["here", "leaving", "garden leave", "left", "to come", "left, no date", "under embargo"],
)
def test_the_next_date_is_when_to_look_again(rows: list[Worker], until: datetime) -> None:
    assert stands_until(Person(PersonId("1"), "Jane", tuple(rows)), NOW) == until


def test_where_people_stand_is_kept_only_while_the_rules_are_the_same() -> None:
    """Whoever changes what comes out raises RULES, so that no store keeps what the old rules said."""
    random, digest = Random(1), hashlib.sha256()  # noqa: S311
    for _ in range(3000):
        person = anybody(random)
        held = standing(person, NOW, person.left_seen_at)
        digest.update(json.dumps(encode(held), sort_keys=True).encode())
    assert (RULES, digest.hexdigest()[:16]) == ("1", "138440ea55ba873a")
