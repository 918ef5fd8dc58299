"""What is wrong with the people feeds rather than with a credential: for their keepers, never a case.

contractor_without_end  a contract in force with no end date, so that no leave can be foreseen
                        (NIST SP 800-53 rev. 5, PS-7: providers tell of their people's leaves,
                        https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final)
feeds_disagree          two rows on one spell state different things, and no feed is ranked first
feeds_differ            a personnel feed and a directory cannot both be right of somebody
suspected_leaver        an account was disabled or deleted, and no personnel feed explains it
unmatched_account       a person's account in use that no personnel feed explains
feed_rows               rows of one feed that were read, but look wrong
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from correlate.departure import access_ends_at
from correlate.model import Employment, PeopleSnapshot, PersonId, Truth, Worker
from correlate.precedence import preferred
from correlate.verdict import Person, Standing, StandingState

_ENGAGED = frozenset(
    {
        "agency", "consultant", "contingent", "contract", "contractor", "external", "freelance",
        "freelancer", "temp", "temporary", "vendor",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class FeedFinding:
    """One thing to mend in a feed, by the rules at the head of this file. Of whom it is told, or,
    where it is about rows, in which `feed` (then `person` is None); what rows hold is never quoted.
    """

    rule: str
    person: PersonId | None
    text: str
    feed: str = ""


def feed_findings(
    persons: Iterable[Person], standings: Mapping[PersonId, Standing], now: datetime
) -> list[FeedFinding]:
    """Return what is to be mended, by rule and person."""
    found = [
        FeedFinding(rule, person.id, text)
        for person in persons
        for rule, text in _of(person, standings[person.id], now)
    ]
    return sorted(found, key=lambda one: (one.rule, one.person or "", one.text))


def row_findings(snapshots: Iterable[PeopleSnapshot]) -> list[FeedFinding]:
    """Return what looks wrong in the feeds' own rows, feed by feed in the order of the rows."""
    return [
        FeedFinding("feed_rows", None, text, taken.feed)
        for taken in snapshots
        for text in taken.problems
    ]


def is_engaged(worker_type: str) -> bool:
    """Whether a feed's word for a worker means that a contract engages them for a time."""
    words = worker_type.casefold().replace("-", " ").replace("_", " ").split()
    return not _ENGAGED.isdisjoint(words)


def _of(person: Person, held: Standing, now: datetime) -> Iterator[tuple[str, str]]:
    if any(_endless(row, now) for row in person.spells):
        yield "contractor_without_end", "a contract in force has no end date"
    if _disagree(person.spells):
        yield "feeds_disagree", "two rows on one spell state different ends or standings"
    if person.spells:
        yield from (("feeds_differ", note) for note in held.notes if "directory" in note)
    elif held.state is StandingState.SUSPECTED:
        yield "suspected_leaver", "; ".join(held.notes)
    elif held.state is StandingState.HERE and any(
        one.service is not Truth.YES and one.enabled is Truth.YES for one in person.accounts
    ):
        yield "unmatched_account", "an account in use that no personnel feed explains"


def _endless(row: Worker, now: datetime) -> bool:
    begun = row.starts_at is None or row.starts_at <= now
    in_force = begun and row.employment is not Employment.LEFT and access_ends_at(row) is None
    return in_force and is_engaged(row.worker_type)


def _disagree(rows: Iterable[Worker]) -> bool:
    said: dict[tuple[str, str], set[tuple[Employment, datetime | None]]] = {}
    for row in preferred(rows):
        said.setdefault((row.worker_id, row.spell), set()).add(
            (row.employment, access_ends_at(row))
        )
    return any(len(states) > 1 for states in said.values())
