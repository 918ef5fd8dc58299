"""Who inherits from whom: the steps people make, where each leave stands, and what rests on one person."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from correlate.bus_factor import rotators
from correlate.errors import ConfigError
from correlate.kind import Grade, Kind
from correlate.managers import Roll, chain
from correlate.model import KindId, PersonId
from correlate.policy import Credential
from correlate.ports_store import Store, Transaction
from correlate.succession import (
    Succession,
    Terms,
    accepted,
    limbo,
    not_answerable,
    not_proposable,
    told,
)
from correlate.verdict import CaseKind, LedgerEntry, StandingState, Step, SuccessionStep
from jobs.circle import Circle
from jobs.config_sections import PolicySettings
from jobs.credentials import all_credentials
from jobs.judgement import ties_on
from jobs.leaver import find_person
from jobs.paths import paths_of
from jobs.people import circle

_GOING = (StandingState.LEFT, StandingState.LEAVING)
_MAY_PROPOSE = (StandingState.HERE, StandingState.ON_LEAVE, StandingState.LEAVING)
Rows = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Leave:
    """One leave that somebody is to inherit from: `rows` say where that stands, `limbo` how many
    spans of waiting passed without an answer.
    """

    person: PersonId
    name: str
    standing: str
    open_cases: int
    state: str
    limbo: int
    rows: Rows


@dataclass(frozen=True, slots=True)
class Risk:
    """A live credential that one person, or nobody, could rotate."""

    fingerprint: str
    credential: str
    issuer: str
    factor: int
    person: str
    paths: tuple[str, ...]


def terms_of(policy: PolicySettings) -> Terms:
    """Return the terms that the configuration sets."""
    return Terms(policy.fallback_owner, timedelta(days=policy.succession_days))


def propose(store: Store, who: str, successor: str, by: str, reason: str, now: datetime) -> None:
    """Record that `by` proposes `successor` to inherit from `who`, in place of any before.

    All three are worker ids, addresses or logins. Raises ConfigError for who cannot inherit, and
    for a `by` who has left.
    """
    known, person = find_person(store, who, now)
    heirs, heir = find_person(store, successor, now)
    proposers, proposer = find_person(store, by, now)
    if proposers.standings[proposer].state not in _MAY_PROPOSE:
        raise _no(by, "who proposes has left, or may have")
    why = not_proposable(person, heir, {**known.standings, **heirs.standings})
    if why:
        raise _no(successor, why)
    _record(store, SuccessionStep(person, heir, Step.PROPOSED, proposer, reason, now))


def answer(store: Store, who: str, step: Step, by: str, reason: str, now: datetime) -> None:
    """Record that `by`, the proposed successor of `who`, accepts or refuses.

    Raises ConfigError for anybody else, and where nothing is left to answer.
    """
    _, person = find_person(store, who, now)
    _, heir = find_person(store, by, now)
    with store.transaction() as tx:
        found = circle(tx, now).successions().get(person)
    why = not_answerable(found, heir)
    if why:
        raise _no(by, why)
    _record(store, SuccessionStep(person, heir, step, heir, reason, now))


def leaves(store: Store, terms: Terms, now: datetime) -> list[Leave]:
    """Return every leave, in effect or announced, that has open cases of its own or a proposal:
    those in limbo longest first.
    """
    with store.transaction() as tx:
        met = circle(tx, now)
        cases = [
            held for held in tx.cases.cases() if held.kind is CaseKind.F1 and not held.state.ended
        ]
        found = met.successions()
        asked = {step.person for step in tx.successions.steps()}
        due = asked | {held.person for held in cases if held.person is not None}
        known = met.know(due)
        going = [
            one for one in due if one in known.standings and known.standings[one].state in _GOING
        ]
        rows = handovers(met, found, going, terms, now)
    persons = known.people.persons
    made = [
        Leave(
            PersonId(persons[person].public_id),
            persons[person].public_name,
            known.standings[person].state.value,
            sum(1 for held in cases if held.person == person),
            found[person].step.value if person in found else "nobody",
            limbo(found[person], now, terms.wait) if person in found else 0,
            () if persons[person].sensitive else rows[person],
        )
        for person in going
    ]
    return sorted(made, key=lambda row: (-row.limbo, -row.open_cases, row.person))


def handovers(
    roll: Roll,
    found: Mapping[PersonId, Succession],
    persons: Iterable[PersonId],
    terms: Terms,
    now: datetime,
) -> Mapping[PersonId, Rows]:
    """Return what is to be said of who inherits from each of these leavers."""
    return {person: _handover(roll, found.get(person), person, terms, now) for person in persons}


def handovers_of_cases(
    tx: Transaction, known: Circle, terms: Terms, now: datetime
) -> Mapping[PersonId, Rows]:
    """Return the same for every leaver with a case of their own, over or not: a ticket that is
    being closed says what it said.
    """
    found = known.successions()
    due = {
        held.person
        for held in tx.cases.cases()
        if held.kind is CaseKind.F1 and held.person is not None
    }
    return handovers(known, found, due, terms, now)


def risks(store: Store, kinds: Mapping[KindId, Kind], now: datetime) -> list[Risk]:
    """Return the live credentials that at most one person could rotate, those of nobody first."""
    with store.transaction() as tx:
        met = circle(tx, now)
        inherited = accepted(met.successions())
        made = [
            risk
            for chunk in all_credentials(tx, kinds)
            for risk in _risks([item for item in chunk if not item.absorbed], met, inherited)
        ]
    return sorted(made, key=lambda risk: (risk.factor, risk.person, risk.credential, risk.paths))


def _risks(
    items: Sequence[Credential], met: Circle, inherited: Mapping[PersonId, PersonId]
) -> Iterator[Risk]:
    known = met.meet(items)
    for item in items:
        live = item.liveness is not None and item.liveness.state.usable
        if item.kind.grade is not Grade.ISSUER or not live:
            continue
        able = rotators(ties_on(item, known), known.standings, inherited)
        if len(able) <= 1:
            persons = [known.people.persons[one] for one in able]
            names = [f"{one.public_name} ({one.public_id})" for one in persons]
            yield Risk(
                item.fingerprint.short, item.kind.name, item.kind.issuer, len(able),
                "".join(names), paths_of(item),
            )  # fmt: skip


def told_of(leave: Leave) -> Iterator[str]:
    """Yield one leave as lines of text."""
    waiting = f", unanswered for {leave.limbo} spans of waiting" if leave.limbo else ""
    yield f"{leave.name} ({leave.person}): {leave.standing}, {leave.open_cases} open cases{waiting}"
    yield from (f"  {label:14} {text}" for label, text in leave.rows)


def _handover(
    roll: Roll, found: Succession | None, person: PersonId, terms: Terms, now: datetime
) -> Rows:
    held = roll.standing(person)
    left = held.departure if held else None
    above = chain(person, left.effective_at if left else now, roll)
    named = [*above, *([found.successor] if found else [])]
    names = {one: known.name for one in named if (known := roll.person(one)) is not None}
    return told(found, above, names, terms, now)


def _record(store: Store, step: SuccessionStep) -> None:
    with store.transaction() as tx:
        tx.successions.save_step(step)
        names = tx.sensitive.references({step.person, step.successor, step.by})
        facts = {
            "step": step.step.value,
            "successor": names[step.successor],
            "by": names[step.by],
            "reason": step.reason,
        }
        tx.runs.append(LedgerEntry(step.at, "succession", names[step.person], facts))


def _no(where: str, why: str) -> ConfigError:
    return ConfigError(
        "The succession cannot be recorded", where=where, why=why,
        fix="`offkey succession list` shows where each stands",
    )  # fmt: skip
