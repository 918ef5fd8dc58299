"""Step: forget, after the configured time, whom ended cases were held against, and who left long ago."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from correlate.departure import standing
from correlate.forgetting import is_reference, unlinked
from correlate.ports_store import Store, Transaction
from correlate.verdict import Case, LedgerEntry, Person, StandingState
from jobs.forgetting import erase, listing, rests_on, under_legal_hold
from jobs.people import make_persons

STEP = "retention"
_FACTS = {"by": STEP}


@dataclass(frozen=True, slots=True)
class Forgotten:
    """How many cases lost whom they were held against, and how many people were forgotten."""

    cases: int = 0
    persons: int = 0


def forget_old(store: Store, days: int, now: datetime) -> Forgotten:
    """Forget what is older than so many days (0: nothing).

    A case loses its person that long after it ended. A person is forgotten that long after they
    left, once no live feed lists them, no hold stands, and no case or watch is about them.
    """
    if days <= 0:
        return Forgotten()
    limit = now - timedelta(days=days)
    with store.transaction() as tx:
        make_persons(tx, now)
        over = [one for one in tx.cases.cases() if _over(one, limit)]
        names = tx.sensitive.references({one.person for one in over if one.person})
        tx.cases.save_cases(unlinked(one, names[one.person]) for one in over if one.person)
        tx.runs.append(*(LedgerEntry(now, "forgotten", one.key, _FACTS) for one in over))
        gone = list(_gone(tx, limit, now))
        stay = rests_on(tx, {one.id for one in gone})
        gone = [one for one in gone if one.id not in stay]
        if gone:
            erase(tx, gone, now, _FACTS)
    if over or gone:
        store.wipe()
    return Forgotten(len(over), len(gone))


def _over(case: Case, limit: datetime) -> bool:
    if case.person is None or is_reference(case.person) or not case.state.ended:
        return False
    return (case.closed_at or case.changed_at) <= limit


def _gone(tx: Transaction, limit: datetime, now: datetime) -> Iterator[Person]:
    listed = listing(tx)
    busy = {one.person for one in tx.cases.cases()} | {one.person for one in tx.cases.watches()}
    for person in tx.people.every_person():
        held = standing(person, now, person.left_seen_at)
        left = held.departure if held.state is StandingState.LEFT else None
        if (
            left is not None
            and left.due_from <= limit
            and person.id not in busy
            and not under_legal_hold(person)
            and not listed.feeds(person)
        ):
            yield person
