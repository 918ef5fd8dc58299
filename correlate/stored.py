"""Values that only the store and the jobs speak of: how far deliveries came, what issuers said, runs."""

from __future__ import annotations

from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple, Protocol, TypeVar

from correlate.model import CaseKey, Exposure, Liveness, PersonId
from correlate.secret import Fingerprint
from correlate.ticket import TicketRef
from correlate.verdict import Held

T_co = TypeVar("T_co", covariant=True)


class Phase(StrEnum):
    """How far a case's ticket has come in one ticket system."""

    CREATING = "creating"  # a create was sent; whether it arrived is not known
    OPEN = "open"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Delivery:
    """The outbox row of one case in one ticket system; at most one exists per pair.

    Written as CREATING and committed before the create is sent, so that a crash leaves a
    row to look up by. `digest` is that of the draft the ticket shows. `generation` is that of
    the case when its ticket was last opened or seen open. `former` are earlier tickets of the case that
    stay closed for good, oldest first; `linked`: the ticket system shows that it goes on from them.
    """

    sink: str
    key: CaseKey
    phase: Phase
    attempted_at: datetime
    attempts: int = 1
    ref: TicketRef | None = None
    digest: str = ""
    generation: int = 1
    former: tuple[TicketRef, ...] = ()
    linked: bool = False


@dataclass(frozen=True, slots=True)
class Answers:
    """What issuers said of one credential: the last definite answer, and the last of any sort."""

    definite: Liveness | None
    latest: Liveness | None


@dataclass(frozen=True, slots=True)
class Uses:
    """When we asked about one credential, and when its issuer said that it was last used."""

    asked: Sequence[datetime] = ()
    used: Sequence[datetime] = ()


@dataclass(frozen=True, slots=True)
class Lifespan:
    """When a credential was last live, by any answer, and when it was first rejected since (None: never)."""

    live_at: datetime | None = None
    dead_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class RunRecord:
    """One run of a job. `outcome` is empty while it runs or after it was killed."""

    id: str
    job: str
    started_at: datetime
    finished_at: datetime | None = None
    outcome: str = ""


class Found(NamedTuple):
    """All that is kept of one credential that was found in texts: its places, the suppressed ones too,
    what its issuer said of it, and what all answers tell of its uses (nothing where none tells of any).
    """

    exposures: tuple[Exposure, ...]
    answers: Answers
    uses: Uses


class Packed(Protocol[T_co]):
    """Values as the store holds them, to be unpacked where they are worked on: it can be pickled, and
    is good for longer than the transaction it was drawn in.
    """

    def unpack(self) -> Sequence[T_co]:
        """Return the values, in a stable order."""


class Holders(NamedTuple):
    """Who ever held which identity, those of one identity by their ids: unpacked as it is asked, and good
    for longer than the transaction it was drawn in. `handles_of` tells the handles of all that any of
    some persons held.
    """

    held: Held
    handles_of: Callable[[Container[PersonId]], set[str]]


class HintRow(NamedTuple):
    """That a credential, or (`listed`) a row of an issuer's list, bears a keyed hint."""

    value: str
    fingerprint: Fingerprint
    listed: bool
