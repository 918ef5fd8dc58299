"""Gathers what the text of each case's ticket is made from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from correlate.decoys import listed as written_in
from correlate.draft import draft
from correlate.inventory import kind_of
from correlate.kind import Kind
from correlate.listed import Listed
from correlate.model import CaseKey, Exposure, KindId, Liveness, PersonId
from correlate.sla import NONE, Deadlines, due_at
from correlate.ticket import Draft, TicketRef
from correlate.verdict import Case, CaseKind, Person


@dataclass(frozen=True, slots=True)
class Subject:
    """All that a draft of one case is made from."""

    case: Case
    kind: Kind
    exposures: tuple[Exposure, ...]
    liveness: Liveness
    person: Person | None
    listed: Listed | None = None
    handover: tuple[tuple[str, str], ...] = ()
    break_glass: bool = False
    due_at: datetime | None = None
    exceptions: tuple[tuple[str, str], ...] = ()

    def draft(self, former: Sequence[TicketRef] = ()) -> Draft:
        """Return the text of the ticket that goes on from `former`."""
        return draft(
            self.case, self.kind, self.exposures, self.liveness, self.person, self.listed,
            self.handover, break_glass=self.break_glass, former=former, due_at=self.due_at,
            exceptions=self.exceptions,
        )  # fmt: skip


def subjects_of(
    cases: Iterable[Case],
    kinds: Mapping[KindId, Kind],
    exposures: Mapping[object, tuple[Exposure, ...]],
    answers: Mapping[object, Liveness],
    persons: Mapping[PersonId, Person],
    listed: Mapping[object, Listed] = MappingProxyType({}),
    handovers: Mapping[PersonId, tuple[tuple[str, str], ...]] = MappingProxyType({}),
    break_glass: Sequence[str] = (),
    deadlines: Deadlines = NONE,
    exceptions: Mapping[CaseKey, tuple[tuple[str, str], ...]] = MappingProxyType({}),
) -> dict[CaseKey, Subject]:
    """Return what each case's draft is made from; a case whose kind is unknown is left out."""
    made = {}
    for case in cases:
        answer = answers.get(case.fingerprint)
        kind = kind_of(case.credential_kind, kinds)
        if kind is not None and answer is not None:
            made[case.key] = Subject(
                case,
                kind,
                exposures.get(case.fingerprint, ()),
                answer,
                persons.get(case.person) if case.person else None,
                listed.get(case.fingerprint),
                handovers.get(case.person, ()) if case.person and case.kind is CaseKind.F1 else (),
                written_in(break_glass, case.fingerprint),
                due_at(case, deadlines),
                exceptions.get(case.key, ()),
            )
    return made
