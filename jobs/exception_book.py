"""Exceptions in the store: as they stand, with names; and each step with its entry in the ledger."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from correlate.exception import ExceptionStep, Judged, RiskException, Terms
from correlate.exception_rules import Book, exceptions, times
from correlate.model import CaseKey, PersonId
from correlate.ports_store import Store, Transaction
from correlate.verdict import Case, LedgerEntry, Person
from jobs.circle import Circle
from jobs.people import circle

Rows = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Listed:
    """An exception as it stands, with the names of those whom it names."""

    judged: Judged
    names: Mapping[PersonId, str]

    def name(self, person: PersonId | None) -> str:
        """Return the name and id of somebody as lists show them, empty for nobody."""
        return self.names.get(person, person) if person is not None else ""


def listed(store: Store, now: datetime) -> list[Listed]:
    """Return every exception as it stands, in the order in which they were asked for."""
    with store.transaction() as tx:
        return listed_in(tx, circle(tx, now), now)


def listed_in(tx: Transaction, known: Circle, now: datetime) -> list[Listed]:
    """Return the same within a transaction."""
    book = book_of(tx, known, now)
    return [Listed(one, names_in(known, one.exception)) for one in book.every()]


def book_of(tx: Transaction, known: Circle, now: datetime) -> Book:
    """Return all exceptions as they stand at `now`; who approved and who goes on using is known then."""
    found = exceptions(tx.exceptions.steps()).values()
    known.know({one for held in found for one in _people(held)})
    return Book(found, known.staff.people.persons, now)


def names_in(known: Circle, held: RiskException) -> Mapping[PersonId, str]:
    """Return the names, with their ids, of those whom an exception names, as lists show them."""
    persons = known.know(_people(held)).people.persons
    return {one: _name(one, persons.get(one)) for one in _people(held)}


def exceptions_of_cases(
    tx: Transaction, known: Circle, cases: Iterable[Case], now: datetime
) -> Mapping[CaseKey, Rows]:
    """Return what is to be told of the exceptions of each case, as labels and texts, where there are
    any: who asked, who approved, until when, how often renewed.
    """
    book = book_of(tx, known, now)
    return {
        case.key: tuple(
            row for one in told for row in _rows(Listed(one, names_in(known, one.exception)))
        )
        for case in cases
        if (told := book.told_of(case))
    }


def _rows(one: Listed) -> Iterator[tuple[str, str]]:
    held, terms = one.judged.exception, one.judged.exception.terms
    yield (
        "Exception",
        f"{held.id}, {one.judged.stage}" + (f": {one.judged.why}" if one.judged.why else ""),
    )
    yield "Asked for by", f"{one.name(held.asked_by)} on {held.asked_at:%Y-%m-%d}: {held.reason}"
    approved = f"{held.approved_at:%Y-%m-%d}" if held.approved_at else "never"
    yield "Approved by", f"{one.name(held.approved_by)} on {approved}"
    yield "Until", f"{terms.expires_at:%Y-%m-%d %H:%M} UTC, {times(held.renewals)}"
    yield "Policy", f"{terms.policy} {terms.version}".strip()
    used_by = one.name(terms.beneficiary) or terms.service
    if used_by:
        yield "Used by", used_by


def record_proved(tx: Transaction, steps: Iterable[ExceptionStep]) -> None:
    """Keep that exceptions ended by the issuer's rejection, each with its entry in the ledger."""
    steps = list(steps)
    found = exceptions(tx.exceptions.steps()) if steps else {}
    for step in steps:
        record(tx, step, found[step.id].terms)


def record(tx: Transaction, step: ExceptionStep, terms: Terms) -> None:
    """Keep a step on an exception of these terms, with its entry in the ledger."""
    people = {one for one in (step.by, terms.beneficiary) if one is not None}
    names = tx.sensitive.references(people)
    facts = {
        "move": step.move.value,
        "by": names[step.by] if step.by is not None else None,
        "reason": step.reason,
        "case": terms.case,
        "credential": terms.fingerprint.short,
        "policy": f"{terms.policy} {terms.version}".strip(),
        "until": terms.expires_at.isoformat(),
        "beneficiary": names[terms.beneficiary] if terms.beneficiary else terms.service,
        "renews": terms.renews,
    }
    tx.runs.append(LedgerEntry(step.at, "exception", step.id, facts))
    tx.exceptions.save_step(step)


def _name(one: PersonId, person: Person | None) -> str:
    return f"{person.public_name} ({person.public_id})" if person else f"{one}, not known any more"


def _people(held: RiskException) -> set[PersonId]:
    named = (held.asked_by, held.approved_by, held.terms.beneficiary)
    return {one for one in named if one is not None}
