"""Gathers what an evidence pack says, as plain records, out of one transaction."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from correlate.assurance import Tally, conclusion
from correlate.crosswalk import Cited
from correlate.kind import Grade, Kind
from correlate.model import KindId, PersonId
from correlate.period import Period
from correlate.policy import Credential
from correlate.ports_store import Transaction
from correlate.secret import Fingerprint
from correlate.sla import Deadlines
from correlate.tree_head import TreeHead
from correlate.verdict import Case
from jobs.circle import Staff
from jobs.config import ConnectorConfig
from jobs.credentials import some_credentials
from jobs.deliveries import deliveries_of
from jobs.evidence.credentials import (
    Around,
    access_rows,
    credential_row,
    held_by,
    ledger_name,
    state_word,
)
from jobs.evidence.entries import grown, proven, shown_entries
from jobs.evidence.examined import examined_in, feed_rows
from jobs.evidence.excepted import exception_row, exceptions_on
from jobs.evidence.happenings import happenings, names_of
from jobs.evidence.population import (
    Leave,
    leaves_in,
    leaves_of,
    population_row,
    under_embargo,
)
from jobs.judgement import claims_on
from jobs.leaver import tied_credentials
from jobs.people import circle

Rows = Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Terms:
    """What a pack is made by: the kinds, the feeds and ticket systems as configured, the controls that
    each kind of case speaks to, when cases are due, and how much has to be examined.
    """

    kinds: Mapping[KindId, Kind]
    feeds: Sequence[ConnectorConfig]
    sinks: Sequence[str]
    controls: Mapping[str, Sequence[Cited]]
    deadlines: Deadlines
    fewest: float


@dataclass(frozen=True, slots=True)
class Gathered:
    """The records of a pack by the name of their file, and what is said of the whole."""

    records: Mapping[str, Rows]
    tally: Tally
    conclusion: str
    population: Mapping[str, int]


def gather(
    tx: Transaction,
    terms: Terms,
    period: Period,
    person: PersonId | None,
    head: TreeHead,
    now: datetime,
) -> Gathered:
    """Return what a pack says of the leaves in a period, or of one person's (`person`), under the head.

    Reads only, but for the references by which the ledger names people. Of nobody under an embargo is
    anything told, nor counted.
    """
    met = circle(tx, now)
    leaves = leaves_of(tx, met, person, now) if person else leaves_in(tx, met, period, now)
    persons = {leave.person for leave in leaves}
    cases = _cases(tx, persons, period, now, alone=person is not None)
    met.know({one.person for one in cases if one.person is not None})
    items = {item.fingerprint: item for item in tied_credentials(tx, terms.kinds, met, persons)}
    others = {one.fingerprint for one in cases} - items.keys()
    more = some_credentials(tx, terms.kinds, others)
    met.meet(more)
    items.update({item.fingerprint: item for item in more})
    around = _around(tx, terms, met.staff, items.values(), cases, leaves, now)
    held = _held(items, persons, cases, around)
    examined = examined_in(tx, period)
    shown_items = {item.fingerprint: item for item, _ in held}
    excepted = exceptions_on(tx, met, shown_items.keys(), now)
    names = names_of(
        credential={ledger_name(item) for item in shown_items.values()},
        case={one.key for one in cases},
        person={leave.reference for leave in leaves},
        exception={one.judged.exception.id for one in excepted},
    )
    shown = shown_entries(tx, names, period, head.size)
    tally = _tally(leaves, held, persons, examined.planned, examined.whole)
    records = {
        "population": [population_row(one, shown.numbers(one.reference)) for one in leaves],
        "credentials": [credential_row(item, who, around, shown) for item, who in held],
        "access": [row for item in shown_items.values() for row in access_rows(item, around)],
        "exceptions": [exception_row(one, shown) for one in excepted],
        "happenings": list(happenings(shown, names)),
        "feeds": feed_rows(terms.feeds, shown.of({"people"}), period, now),
        "runs": examined.runs,
        "coverage": examined.rows,
        "entries": list(proven(tx, shown, head)),
        "heads": list(grown(tx, head, period)),
    }
    counts = Counter(leave.status for leave in leaves)
    return Gathered(records, tally, conclusion(tally, terms.fewest), dict(sorted(counts.items())))


def _cases(
    tx: Transaction,
    persons: Collection[PersonId],
    period: Period,
    now: datetime,
    *,
    alone: bool,
) -> list[Case]:
    """Return the cases of these people, and unless they stand `alone`, all that were open in the period."""
    found = [
        one
        for one in tx.cases.cases()
        if one.person in persons or (not alone and period.meets(one.opened_at, one.closed_at))
    ]
    hidden = under_embargo(tx, {one.person for one in found if one.person}, now)
    return [one for one in found if one.person not in hidden]


def _around(
    tx: Transaction,
    terms: Terms,
    staff: Staff,
    items: Iterable[Credential],
    cases: Iterable[Case],
    leaves: Iterable[Leave],
    now: datetime,
) -> Around:
    of: dict[tuple[str, PersonId | None], list[Case]] = defaultdict(list)
    for one in cases:
        of[one.fingerprint.digest, one.person].append(one)
    tickets = deliveries_of(tx, terms.sinks)
    references = {leave.person: leave.reference for leave in leaves}
    claims = {item.fingerprint: claims_on(item, staff) for item in items}
    return Around(staff, claims, of, tickets, references, terms.controls, terms.deadlines, now)


def _held(
    items: Mapping[Fingerprint, Credential],
    persons: Collection[PersonId],
    cases: Iterable[Case],
    around: Around,
) -> list[tuple[Credential, PersonId | None]]:
    """Return each credential with each of the people who has to do with it, or is accused of it."""
    pairs: dict[tuple[Fingerprint, PersonId | None], Credential] = {}
    for item in items.values():
        if item.kind.grade is Grade.ISSUER and not item.absorbed:
            pairs.update({(item.fingerprint, one): item for one in held_by(item, persons, around)})
    for case in cases:
        if case.fingerprint in items:
            pairs[case.fingerprint, case.person] = items[case.fingerprint]
    ordered = sorted(pairs.items(), key=lambda one: (one[0][1] or "", one[0][0].digest))
    return [(item, person) for (_, person), item in ordered]


def _tally(
    leaves: Iterable[Leave],
    held: Iterable[tuple[Credential, PersonId | None]],
    persons: Collection[PersonId],
    planned: int,
    whole: int,
) -> Tally:
    states = {
        item.fingerprint: state_word(item.liveness) for item, person in held if person in persons
    }
    counts = Counter(states.values())
    gone = len({leave.person for leave in leaves if leave.status == "left"})
    return Tally(
        gone, counts["live"], counts["rejected"], counts["unknown"], planned, whole
    )  # fmt: skip
