"""All that is held on one person, as plain data: what GDPR, article 15, lets them ask for.

https://eur-lex.europa.eu/eli/reg/2016/679/oj
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from correlate.codec import encode, record_of
from correlate.kind import Kind
from correlate.model import CaseKey, KindId, PersonId
from correlate.ports_store import Store, Transaction
from correlate.verdict import Case, LedgerEntry
from jobs.circle import Circle
from jobs.judgement import claims_on
from jobs.leaver import find_person, tied_credentials
from jobs.paths import paths_of
from jobs.people import circle

Plain = dict[str, Any]


def dossier(
    store: Store, kinds: Mapping[KindId, Kind], sinks: Iterable[str], who: str, now: datetime
) -> Plain:
    """Return all that is held on a person, without secrets. The ledger says first that it was shown.

    A leave under embargo is not in it, nor the embargo. Grounds and notes may speak of others: it is
    to be read before it is handed out.
    """
    _, person = find_person(store, who, now)
    with store.transaction() as tx:
        name = tx.sensitive.references({person})[person]
        tx.runs.append(LedgerEntry(now, "export", f"people export {name}", {}))
        known = circle(tx, now)
        known.know({person})
        held = [one for one in tx.cases.cases() if one.person == person]
        return {
            "schema_version": 1,
            "made_at": now.isoformat(),
            "person": encode(known.staff.people.persons[person]),
            "standing": encode(known.staff.standings[person]),
            "departures": [
                {**record_of(row), "recorded_at": at.isoformat()}
                for row, at in tx.people.departures()
                if row.person == person
            ],
            "absences": _of(tx.successions.absences(), person),
            "corrections": _of(tx.people.corrections(), person),
            "successions": [
                encode(one)
                for one in tx.successions.steps()
                if person in (one.person, one.successor, one.by)
            ],
            "exceptions": [
                encode(one)
                for one in tx.exceptions.steps()
                if person in (one.by, one.terms.beneficiary if one.terms else None)
            ],
            "restrictions": _of(tx.sensitive.restrictions(), person),
            "embargoes": [
                encode(one)
                for one in tx.sensitive.embargoes()
                if one.person == person and one.until <= now
            ],
            "credentials": list(_credentials(tx, kinds, known, person)),
            "cases": list(_cases(tx, sinks, held)),
            "watches": _of(tx.cases.watches(), person),
            "ledger": list(_ledger(tx, known, person, {one.key for one in held})),
        }


def _of(rows: Iterable[Any], person: PersonId) -> list[Any]:
    return [encode(one) for one in rows if one.person == person]


def _credentials(
    tx: Transaction, kinds: Mapping[KindId, Kind], known: Circle, person: PersonId
) -> Iterator[Plain]:
    for item in tied_credentials(tx, kinds, known, {person}):
        claims = [one for one in claims_on(item, known.staff) if one.person == person]
        for claim in claims:
            yield {
                "credential": item.kind.name,
                "issuer": item.kind.issuer,
                "fingerprint": item.fingerprint.short,
                "relation": claim.relation.value,
                "strength": claim.strength,
                "grounds": encode(claim.grounds),
                "liveness": item.latest.state.value if item.latest else "never asked",
                "paths": list(paths_of(item)),
            }


def _cases(tx: Transaction, sinks: Iterable[str], held: Iterable[Case]) -> Iterator[Plain]:
    made = [tx.cases.deliveries(sink) for sink in sinks]
    for case in held:
        tickets = (rows[case.key].ref for rows in made if case.key in rows)
        yield {**record_of(case), "tickets": [ref.key for ref in tickets if ref is not None]}


def _ledger(
    tx: Transaction, known: Circle, person: PersonId, cases: Collection[CaseKey]
) -> Iterator[Any]:
    identities = {hold.identity for hold in known.staff.people.persons[person].holdings}
    names = tx.sensitive.references({person, *map(str, identities)})
    wanted = {*names.values(), *cases}
    for text in tx.runs.ledger():
        if any(one in text for one in wanted):
            yield json.loads(text)
