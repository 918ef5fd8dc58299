"""A ticket system in memory. Passes the same contract as the real adapters."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from correlate.errors import AuthError, Refused, Unavailable
from correlate.model import CaseKey
from correlate.ticket import Draft, TicketRef, TicketStatus


@dataclass(slots=True)
class HeldTicket:
    """One ticket and all that was said in it."""

    key: CaseKey
    draft: Draft
    status: TicketStatus
    comments: list[str] = field(default_factory=list)
    witnesses: list[str] = field(default_factory=list)  # of each time that it was written to
    links: set[tuple[str, str]] = field(default_factory=set)


@dataclass(slots=True)
class TicketTwin:
    """`lost_answers` creates are made, but their answer gets lost; `down` answers nothing."""

    name: str = "tickets"
    tickets: list[HeldTicket] = field(default_factory=list)
    creates: int = 0
    lost_answers: int = 0
    down: bool = False
    refused_login: bool = False

    def find(self, key: CaseKey) -> Sequence[TicketStatus]:
        self._reach()
        return [held.status for held in self.tickets if held.key == key and key]

    def open(self, draft: Draft) -> TicketRef:
        self._reach()
        self.creates += 1
        number = len(self.tickets) + 1
        ref = TicketRef(self.name, str(10000 + number), f"SEC-{number}", f"twin://{number}")
        made = HeldTicket(draft.key, draft, TicketStatus(ref, open=True))
        made.witnesses.append(draft.witness)
        self.tickets.append(made)
        if self.lost_answers:
            self.lost_answers -= 1
            raise Unavailable("no usable answer", where=self.name, why="lost", fix="look it up")
        return ref

    def read(self, ref: TicketRef) -> TicketStatus:
        self._reach()
        return self.held(ref).status

    def update(self, ref: TicketRef, draft: Draft) -> None:
        self._reach()
        held = self.held(ref)
        held.draft = draft
        held.witnesses.append(draft.witness)

    def close(self, ref: TicketRef, draft: Draft, reason: str) -> None:
        self._reach()
        held = self.held(ref)
        if held.status.open:
            self._say(held, reason)
            held.draft = draft
            held.witnesses.append(draft.witness)
            held.status = replace(held.status, open=False, resolution="Done", resolved_by_us=True)

    def reopen(self, ref: TicketRef, draft: Draft, reason: str) -> None:
        self._reach()
        held = self.held(ref)
        self._say(held, reason)
        held.status = TicketStatus(held.status.ref, open=True)
        held.draft = draft
        held.witnesses.append(draft.witness)

    def texts(self) -> Iterator[tuple[TicketRef, str]]:
        self._reach()
        for held in self.tickets:
            for said in (*held.comments, *held.witnesses):
                yield held.status.ref, said

    def open_now(self) -> Iterable[tuple[CaseKey, TicketRef]]:
        self._reach()
        return [(held.key, held.status.ref) for held in self.tickets if held.status.open]

    def fold(self, ref: TicketRef, draft: Draft, into: TicketRef, reason: str) -> None:
        self._reach()
        held = self.held(ref)
        if held.status.open:
            self.close(ref, draft, reason)
        held.links.add(("duplicate", into.key))
        held.status = replace(held.status, resolution="Duplicate")
        held.key = CaseKey("")

    def follow(self, ref: TicketRef, former: TicketRef) -> None:
        self._reach()
        self.held(ref).links.add(("follows", former.key))

    def check(self) -> Iterable[str]:
        if self.refused_login:
            yield f"{self.name}: the login was refused"

    def resolve_as_person(self, ref: TicketRef, resolution: str) -> None:
        held = self.held(ref)
        held.status = TicketStatus(held.status.ref, open=False, resolution=resolution)

    def held(self, ref: TicketRef) -> HeldTicket:
        for one in self.tickets:
            if one.status.ref.id == ref.id:
                return one
        raise Refused("no such ticket", where=self.name, why="it is gone", fix="none")

    def id_of(self, key: str) -> str:
        return next(one.status.ref.id for one in self.tickets if one.status.ref.key == key)

    def _reach(self) -> None:
        if self.refused_login:
            raise AuthError("our own login was refused", where=self.name, why="401", fix="renew it")
        if self.down:
            raise Unavailable("the system is failing", where=self.name, why="503", fix="wait")

    @staticmethod
    def _say(held: HeldTicket, reason: str) -> None:
        if reason not in held.comments:
            held.comments.append(reason)
