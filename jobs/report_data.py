"""What a report says, as plain values: leavers, what of theirs is live, where, and what was not seen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import NamedTuple

from correlate.attribution import unresolved
from correlate.departure import standing
from correlate.draft import listing, place
from correlate.inventory import kind_of
from correlate.kind import Grade, Kind
from correlate.metrics import exceptions_kept
from correlate.model import (
    CaseKey,
    KindId,
    Liveness,
    PersonId,
)
from correlate.policy import Credential
from correlate.ports_store import Store, Transaction
from correlate.secret import Fingerprint
from correlate.severity import LEVELS
from correlate.sla import NONE, Deadlines, due_at
from correlate.stored import Delivery
from correlate.verdict import (
    RESTRICTED,
    Case,
    Claim,
    Person,
    Relation,
    Standing,
    StandingState,
    Watch,
)
from jobs.circle import Circle, Staff
from jobs.credentials import all_credentials
from jobs.deliveries import deliveries_of
from jobs.exception_book import Listed, listed_in
from jobs.judgement import claims_on, ties_on
from jobs.metrics import figures, newest_run
from jobs.outlived import ended_row, outlived, own
from jobs.paths import paths_of
from jobs.people import circle
from jobs.report_rows import (
    CaseRow,
    LeaverRow,
    Lifeline,
    Report,
    UnattributedRow,
    WatchRow,
)
from jobs.unattributed import named, unattributed


@dataclass(slots=True)
class _Material:
    """What the report is made from. Of credentials without case or watch only counts are kept."""

    known: Staff
    cases: Sequence[Case]
    watches: Sequence[Watch]
    tickets: Mapping[CaseKey, Sequence[Delivery]]
    deadlines: Deadlines
    exceptions: Mapping[str, Listed]
    credentials: dict[Fingerprint, Credential] = field(default_factory=dict)
    claims: dict[Fingerprint, tuple[Claim, ...]] = field(default_factory=dict)
    tied: list[_Tie] = field(default_factory=list)
    unresolved: set[str] = field(default_factory=set)
    unattributed: list[UnattributedRow] = field(default_factory=list)
    grades: Counter[Grade] = field(default_factory=Counter)
    entries: set[Fingerprint] = field(default_factory=set)  # of those found, in issuers' lists

    def take(self, item: Credential) -> None:
        """Keep of one credential what the report says of it."""
        self.grades[item.kind.grade] += 1
        if item.exposures and item.listed is not None:
            self.entries.add(item.listed.fingerprint)
        strangers = unresolved(item.exposures, self.known.people)
        self.unresolved.update(map(named, strangers))
        if item.kind.grade is Grade.ISSUER:
            made = ties_on(item, self.known)
            word = _answer_word(item)
            if not (ended_row(item) and item.fingerprint in self.entries):
                self.tied += (
                    _Tie(who, item.fingerprint, item.kind.name, word) for who in own(made)
                )
            self.unattributed += unattributed(item, made, strangers, self.known.people)

    def show(self, item: Credential) -> None:
        """Keep a credential that a case or a watch is about."""
        self.credentials[item.fingerprint] = item
        self.claims[item.fingerprint] = claims_on(item, self.known)


class _Tie(NamedTuple):
    """That a person owns a credential, or put it somewhere, and what its issuer said."""

    person: PersonId
    fingerprint: Fingerprint
    name: str
    answer: str


def collect(
    store: Store,
    kinds: Mapping[KindId, Kind],
    organisation: str,
    sinks: Iterable[str],
    now: datetime,
    deadlines: Deadlines = NONE,
) -> Report:
    """Return the report on what the store holds at `now`. Reads only."""
    with store.transaction() as tx:
        met = circle(tx, now)
        material = _material(tx, kinds, met, sinks, deadlines, now)
        standings = _leaving(tx, now)
        held = outlived(tx, kinds, met, material.cases, standings.left())
        suppressed = sum(
            bool(one.suppressed) for found in tx.scans.by_credential() for one in found
        )
        newest = newest_run(tx)
        coverage = tx.runs.coverage(newest.id) if newest else []
    return Report(
        organisation,
        now,
        newest.started_at if newest else None,
        newest.outcome if newest else "never run",
        tuple(_leavers(material, standings, StandingState.LEFT)),
        tuple(_leavers(material, standings, StandingState.LEAVING)),
        tuple(sorted(_cases(material, kinds), key=_case_order)),
        tuple(
            _watch_row(item, material, kind)
            for item in material.watches
            if (kind := kind_of(item.credential_kind, kinds)) is not None
        ),
        tuple(_lifelines(material)),
        tuple(coverage),
        material.grades[Grade.ISSUER],
        material.grades[Grade.GENERIC],
        suppressed,
        tuple(sorted(material.unresolved)),
        tuple(sorted(material.unattributed, key=_live_first)),
        standings.people,
        figures(
            held,
            material.cases,
            coverage,
            newest,
            len(standings.left()),
            now,
            deadlines,
            exceptions_kept(one.judged for one in material.exceptions.values()),
        ),
    )


def _material(
    tx: Transaction,
    kinds: Mapping[KindId, Kind],
    met: Circle,
    sinks: Iterable[str],
    deadlines: Deadlines,
    now: datetime,
) -> _Material:
    tickets = deliveries_of(tx, sinks)
    exceptions = {one.judged.exception.id: one for one in listed_in(tx, met, now)}
    material = _Material(
        met.staff, tx.cases.cases(), tx.cases.watches(), tickets, deadlines, exceptions
    )
    shown = {held.fingerprint for held in material.cases}
    shown |= {item.fingerprint for item in material.watches}
    met.know({held.person for held in material.cases if held.person is not None})
    met.know({item.person for item in material.watches})
    for chunk in all_credentials(tx, kinds):
        items = [item for item in chunk if not item.absorbed]
        met.meet(items)
        for item in items:
            material.take(item)
            if item.fingerprint in shown:
                material.show(item)
    return material


@dataclass(frozen=True, slots=True)
class _Leaving:
    """Who has left or is about to, with their names, out of so many people."""

    people: int
    rows: tuple[tuple[Person, Standing], ...]

    def left(self) -> dict[PersonId, Standing]:
        """Return those of them who have left."""
        return {one.id: held for one, held in self.rows if held.state is StandingState.LEFT}


def _leaving(tx: Transaction, now: datetime) -> _Leaving:
    people, rows = 0, []
    for person in tx.people.every_person():
        people += 1
        held = standing(person, now, person.left_seen_at)
        if held.state in (StandingState.LEFT, StandingState.LEAVING):
            rows.append((replace(person, holdings=(), accounts=()), held))
    return _Leaving(people, tuple(rows))


def _live_first(row: UnattributedRow) -> tuple[bool, str, str]:
    return row.liveness not in ("live", "live_limited"), row.credential, row.fingerprint


def _case_order(row: CaseRow) -> tuple[bool, int, str, str, str]:
    return row.ended, -LEVELS.index(row.severity), row.kind, row.person, row.key


def _answer_word(item: Credential) -> str:
    if item.liveness is None:
        return "unknown"
    return "live" if item.liveness.state.usable else "dead"


def _leavers(material: _Material, leaving: _Leaving, state: StandingState) -> Iterable[LeaverRow]:
    counts = Counter((tie.person, tie.answer) for tie in material.tied)
    cases = Counter(held.person for held in material.cases if not held.state.ended)
    rows = [
        LeaverRow(
            PersonId(person.public_id), person.public_name,
            held.departure.effective_at, held.departure.source,
            counts[person.id, "live"], counts[person.id, "dead"], counts[person.id, "unknown"],
            cases[person.id], held.notes,
        )
        for person, held in leaving.rows
        if held.state is state and held.departure is not None
    ]  # fmt: skip
    return sorted(rows, key=lambda row: (-row.cases, -row.live, row.left_at))


def _lifelines(material: _Material) -> Iterable[Lifeline]:
    first_dead = {
        held.fingerprint: held.rejections[0].at for held in material.cases if held.rejections
    }
    lines = []
    for tie in material.tied:
        held = material.known.standings.get(tie.person)
        if held is None or held.state is not StandingState.LEFT or held.departure is None:
            continue
        dead = tie.answer == "dead"
        ended = first_dead.get(tie.fingerprint) if dead else None
        name = _name(tie.person, material.known)
        left_at, unseen = held.departure.effective_at, dead and ended is None
        lines.append(Lifeline(name, tie.name, left_at, ended, tie.answer, seen_dead=unseen))
    return sorted(lines, key=lambda line: (line.left_at, line.name, line.credential))


def _cases(material: _Material, kinds: Mapping[KindId, Kind]) -> Iterable[CaseRow]:
    for held in material.cases:
        item = material.credentials.get(held.fingerprint)
        answer = (item.latest or item.liveness) if item else None
        kind = kind_of(held.credential_kind, kinds)
        if item is not None and answer is not None and kind is not None:
            yield _case_row(held, item, answer, material, kind)


def _case_row(
    held: Case,
    item: Credential,
    answer: Liveness,
    material: _Material,
    kind: Kind,
) -> CaseRow:
    sealed = material.known.sensitive(held.person)
    grounds = () if sealed else held.grounds
    waiver = material.exceptions.get(held.exception)
    return CaseRow(
        key=held.key,
        kind=held.kind.value,
        title=held.kind.words,
        severity=held.severity,
        state=held.state.value,
        credential=kind.name,
        credential_kind=kind.id,
        issuer=kind.issuer,
        fingerprint=held.fingerprint.short,
        person=RESTRICTED if sealed else held.person or "",
        person_name=_name(held.person, material.known),
        left_at=held.departure.effective_at if held.departure and not sealed else None,
        liveness=answer.state.value,
        liveness_reason=answer.reason,
        liveness_at=answer.at,
        last_used_at=answer.last_used_at,
        places=tuple(sorted({place(exposure) for exposure in item.exposures}))
        or tuple(listing(item.listed)),
        paths=paths_of(item),
        grounds=tuple(f"{ground.text} ({ground.strength:.2f})" for ground in grounds),
        readers=_readers(material, held.fingerprint),
        scopes=answer.scopes,
        survival=kind.survival.when_disabled,
        tickets=tuple(
            made.ref.key for made in material.tickets.get(held.key, ()) if made.ref is not None
        ),
        opened_at=held.opened_at,
        closed_at=held.closed_at,
        proofs=tuple(f"{proof.at.isoformat()} {proof.reason}" for proof in held.rejections),
        note=held.note,
        why_severe=() if sealed else held.severity_reasons,
        due_at=None if sealed else due_at(held, material.deadlines),
        waived_until=held.waived_until,
        exception=held.exception,
        waiver_approver=waiver.name(waiver.judged.exception.approved_by) if waiver else None,
        waiver_renewals=waiver.judged.exception.renewals if waiver else 0,
    )


def _readers(material: _Material, fingerprint: Fingerprint) -> tuple[str, ...]:
    """Return who could read it, leavers first, each with since when and until when."""
    rows = []
    for claim in material.claims[fingerprint]:
        if claim.relation is Relation.OWNS:
            continue
        held = material.known.standings.get(claim.person)
        sealed = material.known.sensitive(claim.person)
        left = held is not None and held.state is StandingState.LEFT and not sealed
        until = (
            f", left {held.departure.effective_at:%Y-%m-%d}"
            if left and held and held.departure
            else ""
        )
        since = min((g.at for g in claim.grounds if g.at is not None), default=None)
        when = f" since {since:%Y-%m-%d}" if since else ""
        verb = "put it there" if claim.relation is Relation.INTRODUCED else "could read it"
        rows.append((not left, f"{_name(claim.person, material.known)}: {verb}{when}{until}"))
    return tuple(dict.fromkeys(text for _, text in sorted(rows)))


def _watch_row(item: Watch, material: _Material, kind: Kind) -> WatchRow:
    credential = material.credentials.get(item.fingerprint)
    sealed = material.known.sensitive(item.person)
    return WatchRow(
        PersonId(RESTRICTED) if sealed else item.person,
        _name(item.person, material.known),
        kind.name,
        item.credential_kind,
        item.doubt.value,
        item.detail,
        paths_of(credential) if credential else (),
    )


def _name(person: PersonId | None, known: Staff) -> str:
    if person is None:
        return ""
    found = known.people.persons.get(person)
    return found.public_name if found else person
