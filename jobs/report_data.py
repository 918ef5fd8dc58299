"""What a report says, as plain values: leavers, what of theirs is live, where, and what was not seen."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from correlate.attribution import KNOWING, NAMING, unresolved
from correlate.draft import listing, place
from correlate.inventory import kind_of
from correlate.kind import Grade, Kind
from correlate.model import (
    CaseKey,
    Coverage,
    CoverageState,
    KindId,
    Liveness,
    PersonId,
)
from correlate.policy import Credential
from correlate.ports_store import Delivery, Store
from correlate.secret import Fingerprint
from correlate.verdict import Case, CaseState, Claim, Relation, StandingState, Watch
from jobs.judge import claims_on, load_credentials
from jobs.people import Staff, everybody

SCHEMA_VERSION = 1
_SEVERITY_ORDER = {"critical": 0, "high": 1, "medium": 2, "low": 3}


@dataclass(frozen=True, slots=True)
class CaseRow:
    """One case as people read it."""

    key: CaseKey
    kind: str
    title: str
    severity: str
    state: str
    credential: str
    credential_kind: str
    issuer: str
    fingerprint: str
    person: str
    person_name: str
    left_at: datetime | None
    liveness: str
    liveness_reason: str
    liveness_at: datetime
    last_used_at: datetime | None  # by others than offkey
    places: tuple[str, ...]
    paths: tuple[str, ...]  # "container:path", the stable short form
    grounds: tuple[str, ...]
    readers: tuple[str, ...]
    scopes: tuple[str, ...]
    survival: str
    tickets: tuple[str, ...]
    opened_at: datetime
    closed_at: datetime | None
    proofs: tuple[str, ...]
    note: str

    @property
    def used_after_leave(self) -> bool:
        """Whether others are known to have used the credential after its person left."""
        return bool(self.left_at and self.last_used_at and self.last_used_at > self.left_at)


@dataclass(frozen=True, slots=True)
class LeaverRow:
    """One leaver, and the credentials tied to them by ownership or by their own hand."""

    person: PersonId
    name: str
    left_at: datetime
    source: str
    live: int
    dead: int
    unknown: int
    cases: int
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Lifeline:
    """How long one credential lived on after its person left. `ended_at` None: still live, or
    not known (`state`). `seen_dead` means that it was dead when first asked about.
    """

    name: str
    credential: str
    left_at: datetime
    ended_at: datetime | None
    state: str
    seen_dead: bool = False


@dataclass(frozen=True, slots=True)
class WatchRow:
    """A leaver's credential of which nothing could be proved."""

    person: PersonId
    name: str
    credential: str
    credential_kind: str
    doubt: str
    detail: str
    paths: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """Everything a report shows, ordered as it is shown."""

    organisation: str
    made_at: datetime
    run_started_at: datetime | None
    run_outcome: str
    leavers: tuple[LeaverRow, ...]
    leaving: tuple[LeaverRow, ...]
    cases: tuple[CaseRow, ...]
    watches: tuple[WatchRow, ...]
    lifelines: tuple[Lifeline, ...]
    coverage: tuple[Coverage, ...]
    credentials: int
    generic: int
    suppressed: int
    unresolved: tuple[str, ...]
    people: int

    @property
    def live_share(self) -> float | None:
        """Leavers' credentials still live, of those the issuers gave an answer on; None: of none."""
        live = sum(1 for line in self.lifelines if line.state == "live")
        dead = sum(1 for line in self.lifelines if line.state == "dead")
        return live / (live + dead) if live + dead else None

    @property
    def complete(self) -> bool:
        """Whether every planned source and feed was examined whole."""
        return bool(self.coverage) and all(
            part.state is CoverageState.COMPLETE for part in self.coverage
        )

    def open_cases(self) -> tuple[CaseRow, ...]:
        """Return the cases on which somebody still has to act."""
        done = {CaseState.CLOSED.value, CaseState.VOID.value, CaseState.WAIVED.value}
        return tuple(row for row in self.cases if row.state not in done)


@dataclass(frozen=True, slots=True)
class _Material:
    """What the store holds, loaded once and indexed."""

    known: Staff
    credentials: Mapping[Fingerprint, Credential]
    claims: Mapping[Fingerprint, tuple[Claim, ...]]
    cases: Sequence[Case]
    watches: Sequence[Watch]
    tickets: Mapping[CaseKey, tuple[Delivery, ...]]
    first_dead: Mapping[Fingerprint, datetime]


def collect(
    store: Store,
    kinds: Mapping[KindId, Kind],
    organisation: str,
    sinks: Iterable[str],
    now: datetime,
) -> Report:
    """Return the report on what the store holds at `now`. Reads only."""
    with store.transaction() as tx:
        known = everybody(tx, now)
        credentials = {item.fingerprint: item for item in load_credentials(tx, kinds)}
        everything = tx.scans.exposures()
        tickets: dict[CaseKey, list[Delivery]] = defaultdict(list)
        for sink in sinks:
            for key, made in tx.cases.deliveries(sink).items():
                tickets[key].append(made)
        cases, watches = tx.cases.cases(), tx.cases.watches()
        newest = next((run for run in tx.runs.runs() if run.job in ("nightly", "leaver")), None)
        coverage = tx.runs.coverage(newest.id) if newest else []
    made_claims = {key: claims_on(item, known) for key, item in credentials.items()}
    material = _Material(
        known,
        credentials,
        made_claims,
        cases,
        watches,
        {key: tuple(rows) for key, rows in tickets.items()},
        {held.fingerprint: held.rejections[0].at for held in cases if held.rejections},
    )
    return Report(
        organisation,
        now,
        newest.started_at if newest else None,
        newest.outcome if newest else "never run",
        tuple(_leavers(material, StandingState.LEFT)),
        tuple(_leavers(material, StandingState.LEAVING)),
        tuple(sorted(_cases(material, kinds), key=_case_order)),
        tuple(
            _watch_row(item, material, kind)
            for item in watches
            if (kind := kind_of(item.credential_kind, kinds)) is not None
        ),
        tuple(_lifelines(material)),
        tuple(coverage),
        sum(1 for item in credentials.values() if item.kind.grade is Grade.ISSUER),
        sum(1 for item in credentials.values() if item.kind.grade is Grade.GENERIC),
        sum(1 for exposure in everything if exposure.suppressed),
        _unresolved(material),
        len(known.people.persons),
    )


def _case_order(row: CaseRow) -> tuple[bool, int, str, str, str]:
    ended = row.state in (CaseState.CLOSED.value, CaseState.VOID.value)
    return ended, _SEVERITY_ORDER[row.severity], row.kind, row.person, row.key


def paths_of(credential: Credential) -> tuple[str, ...]:
    """Return the places in their stable short form, "container:path", sorted; of a credential
    that stands in no text, its entry in its issuer's list.
    """
    places = {
        f"{item.locator.container}:{item.trace.path if item.trace else item.locator.item}"
        for item in credential.exposures
    }
    if not places and credential.listed is not None:
        row = credential.listed.row
        places = {f"{row.source}:{row.what} {row.row_id}"}
    return tuple(sorted(places))


def _own_hand(claim: Claim) -> bool:
    floor = {Relation.OWNS: NAMING, Relation.INTRODUCED: KNOWING}.get(claim.relation)
    return floor is not None and claim.strength >= floor


def _tied(material: _Material) -> Iterable[tuple[PersonId, Credential]]:
    """Yield each (leaver or leaving person, credential) tied by ownership or by their own hand."""
    for fingerprint, made in material.claims.items():
        item = material.credentials[fingerprint]
        if item.kind.grade is not Grade.ISSUER:
            continue
        owner = next((c for c in made if c.relation is Relation.OWNS and _own_hand(c)), None)
        persons = {owner.person} if owner else {c.person for c in made if _own_hand(c)}
        for person in sorted(persons):
            yield person, item


def _answer_word(item: Credential) -> str:
    if item.liveness is None:
        return "unknown"
    return "live" if item.liveness.state.usable else "dead"


def _leavers(material: _Material, state: StandingState) -> Iterable[LeaverRow]:
    counts: dict[PersonId, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for person, item in _tied(material):
        counts[person][_answer_word(item)] += 1
    cases: dict[PersonId | None, int] = defaultdict(int)
    for held in material.cases:
        cases[held.person] += not held.state.ended
    rows = []
    for person, held_now in material.known.standings.items():
        if held_now.state is not state or held_now.departure is None:
            continue
        departure = held_now.departure
        count = counts[person]
        name = material.known.people.persons[person].name
        rows.append(
            LeaverRow(
                person, name, departure.effective_at, departure.source,
                count["live"], count["dead"], count["unknown"], cases[person], held_now.notes,
            )
        )  # fmt: skip
    return sorted(rows, key=lambda row: (-row.cases, -row.live, row.left_at))


def _lifelines(material: _Material) -> Iterable[Lifeline]:
    lines = []
    for person, item in _tied(material):
        held = material.known.standings.get(person)
        if held is None or held.state is not StandingState.LEFT or held.departure is None:
            continue
        state = _answer_word(item)
        ended = material.first_dead.get(item.fingerprint) if state == "dead" else None
        lines.append(
            Lifeline(
                material.known.people.persons[person].name,
                item.kind.name,
                held.departure.effective_at,
                ended,
                state,
                seen_dead=state == "dead" and ended is None,
            )
        )
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
        person=held.person or "",
        person_name=_name(held.person, material.known),
        left_at=held.departure.effective_at if held.departure else None,
        liveness=answer.state.value,
        liveness_reason=answer.reason,
        liveness_at=answer.at,
        last_used_at=answer.last_used_at,
        places=tuple(sorted({place(exposure) for exposure in item.exposures}))
        or tuple(listing(item.listed)),
        paths=paths_of(item),
        grounds=tuple(f"{ground.text} ({ground.strength:.2f})" for ground in held.grounds),
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
    )


def _readers(material: _Material, fingerprint: Fingerprint) -> tuple[str, ...]:
    """Return who could read it, leavers first, each with since when and until when."""
    rows = []
    for claim in material.claims[fingerprint]:
        if claim.relation is Relation.OWNS:
            continue
        held = material.known.standings.get(claim.person)
        left = held is not None and held.state is StandingState.LEFT
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
    return WatchRow(
        item.person,
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
    return found.name if found else person


def _unresolved(material: _Material) -> tuple[str, ...]:
    found = {
        str(identity)
        for item in material.credentials.values()
        for identity in unresolved(item.exposures, material.known.people)
    }
    return tuple(sorted(found))
