"""The vocabulary of the judgement: persons, departures, claims, decisions, cases, evidence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from correlate.model import (
    CaseKey,
    DirectoryAccount,
    Identity,
    KindId,
    Liveness,
    PersonId,
    Right,
    Worker,
)
from correlate.secret import Fingerprint

RESTRICTED = "restricted"


@dataclass(frozen=True, slots=True)
class Holding:
    """That a person held an identity from `since` to `until` (None: open), said by `source`.

    `identity` is folded (`correlate.identity.fold`).
    """

    identity: Identity
    since: datetime | None
    until: datetime | None
    source: str


Held = Mapping[Identity, Sequence[tuple[PersonId, Holding]]]  # who held which identity when


@dataclass(frozen=True, slots=True)
class Person:
    """One human: employment spells, oldest first, and the identities held over time.

    `machine`: no human at all, says a directory, but a service's account. `left_seen_at` is when
    a spell was first seen as ended of which no feed gives the end. `embargo_until` and `restricted`
    are an operator's word, not a feed's (`Embargo`, `Restriction`).
    """

    id: PersonId
    name: str
    spells: tuple[Worker, ...] = ()
    accounts: tuple[DirectoryAccount, ...] = ()
    holdings: tuple[Holding, ...] = ()
    machine: bool = False
    left_seen_at: datetime | None = None
    embargo_until: datetime | None = None
    restricted: bool = False

    @property
    def sensitive(self) -> bool:
        """Whether what is told of them in public names nobody and hints at nothing."""
        return self.restricted or any(spell.legal_hold for spell in self.spells)

    @property
    def public_name(self) -> str:
        """The name as lists and reports show it."""
        return RESTRICTED if self.sensitive else self.name

    @property
    def public_id(self) -> str:
        """The id as lists and reports show it."""
        return RESTRICTED if self.sensitive else self.id


@dataclass(frozen=True, slots=True)
class Correction:
    """A person's word that an identity is somebody's (`holds`), or is not, from `since` to `until`
    (None: open; whole for one that is not). Of several on the same pair the last one stands.
    `identity` is folded. `by` and `reason` are for the record.
    """

    identity: Identity
    person: PersonId
    holds: bool
    since: datetime | None
    until: datetime | None
    by: str
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Embargo:
    """An operator's word that nobody may learn of a person's leave from us until `until`. Of several
    on one person the last one stands. `reference` is a name of its own, by which the ledger speaks of
    it: nothing joins it to what else the ledger says of the person.
    """

    reference: str
    person: PersonId
    until: datetime
    by: str
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Restriction:
    """An operator's word that a person's cases are told in neutral words, or (`holds` False) are no
    longer. Of several on one person the last one stands.
    """

    person: PersonId
    holds: bool
    by: str
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Named:
    """By what one person is known, and the `reference` that stands for them."""

    person: PersonId
    reference: str
    numbers: frozenset[str]
    identities: frozenset[Identity]
    words: frozenset[str]


class StandingState(StrEnum):
    """Where a person stands at an instant. Only LEFT makes a leaver."""

    HERE = "here"
    ON_LEAVE = "on_leave"
    LEAVING = "leaving"  # announced, not yet in effect
    LEFT = "left"
    SUSPECTED = "suspected"  # a disabled account that no personnel feed explains


@dataclass(frozen=True, slots=True)
class Departure:
    """A feed's dated statement that an employment spell ends.

    `effective_at` is when access should end, the earliest that the statement allows: what a
    credential did since then counts. `latest_at` is the latest that it allows, from which on
    somebody is late (None: the same; see `due_from`). `precision` is "instant", "day", "day (zone
    unknown)" or "seen" (no date was given; when the departure was first seen stands in).
    `last_working_at` and `ends_at` are what the feed gave, in `zone`. `reversed`: the row takes
    back what the one before it on the same spell stated.
    """

    person: PersonId
    spell: str
    effective_at: datetime
    source: str
    precision: str = "day"
    announced_at: datetime | None = None
    zone: str = "UTC"
    last_working_at: datetime | None = None
    ends_at: datetime | None = None
    latest_at: datetime | None = None
    reversed: bool = False

    @property
    def due_from(self) -> datetime:
        """The instant from which on a credential that is still live is late."""
        return self.latest_at or self.effective_at


@dataclass(frozen=True, slots=True)
class Standing:
    """A person's standing with the departure behind it; `notes` hold what the feeds disagree on.

    `stated` are all ends of spells that the feeds state, past and to come; `past` are the departures
    that somebody who is here again came back from. `away`: on leave of
    absence, whatever else is to come. `moved_at`: since when in the present unit, where told.
    """

    state: StandingState
    departure: Departure | None = None
    notes: tuple[str, ...] = ()
    stated: tuple[Departure, ...] = ()
    past: tuple[Departure, ...] = ()
    away: bool = False
    moved_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Absence:
    """That a person was seen on leave of absence from `since` on, and back at `until` (None: still
    away). Both are when we saw it: feeds date no leave.
    """

    person: PersonId
    since: datetime
    until: datetime | None = None


class Step(StrEnum):
    """A step towards a successor. Only ACCEPTED makes one."""

    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class SuccessionStep:
    """That somebody (`by`) proposed `successor` to inherit from `person`, or that the successor
    accepted or refused.
    """

    person: PersonId
    successor: PersonId
    step: Step
    by: PersonId
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Access:
    """That a person could read a container from `since` to `until` (None: always, still)."""

    person: PersonId
    why: str
    since: datetime | None = None
    until: datetime | None = None
    right: Right = Right.READ


class Relation(StrEnum):
    """How a person stands to a credential."""

    OWNS = "owns"
    INTRODUCED = "introduced"
    COULD_READ = "could_read"


@dataclass(frozen=True, slots=True)
class Ground:
    """One reason for a claim: a plain, secret-free sentence, its source and its strength (0-1)."""

    text: str
    source: str
    strength: float
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Claim:
    """That `person` stands in `relation` to a credential. `strength` is that of the best ground."""

    fingerprint: Fingerprint
    person: PersonId
    relation: Relation
    strength: float
    grounds: tuple[Ground, ...]


class CaseKind(StrEnum):
    """Why a credential is held against somebody, or against nobody."""

    F1 = "F1"  # a leaver's own live token
    F2 = "F2"  # a shared secret that a leaver knew
    F3 = "F3"  # an orphan: live, and nobody to name
    F4 = "F4"  # long-lived, never rotated
    F5 = "F5"  # an exposed secret of a current person
    F6 = "F6"  # a secret in an AI notebook, prompt or data set
    F7 = "F7"  # an expired exception
    F8 = "F8"  # no expiry
    F9 = "F9"  # used while its owner is away
    F10 = "F10"  # kept by somebody who moved: its need is to be confirmed
    F11 = "F11"  # a leaver's own token was used after they left: an incident of its own

    @property
    def words(self) -> str:
        """The kind in words."""
        return _TITLES[self]


HYGIENE = frozenset(
    {CaseKind.F4, CaseKind.F8, CaseKind.F10}
)  # what a standing rule says, not a leave or a leak
_TITLES = {
    CaseKind.F1: "Live credential of someone who has left",
    CaseKind.F2: "Live shared credential known to someone who has left",
    CaseKind.F3: "Live credential that nobody owns",
    CaseKind.F4: "Credential never rotated",
    CaseKind.F5: "Exposed live credential",
    CaseKind.F6: "Live credential in a notebook",
    CaseKind.F7: "Exception past its end",
    CaseKind.F8: "Credential without expiry",
    CaseKind.F9: "Live credential used while its owner is away",
    CaseKind.F10: "Credential kept by someone who moved",
    CaseKind.F11: "Credential of someone who has left was used since",
}


class CaseState(StrEnum):
    """Where a case stands. CLOSED is reached by the issuer's proven rejection only."""

    OPEN = "open"
    TICKETED = "ticketed"
    AWAITING_SUCCESSOR = "awaiting_successor"
    UNPROVEN = "unproven"  # rejected once; the second, spaced rejection is outstanding
    CLOSED = "closed"
    WAIVED = "waived"  # a person accepted the risk, until some day
    VOID = "void"  # the ground fell away: leave reversed, or another case took over

    @property
    def ended(self) -> bool:
        """Whether nothing more is asked of anybody."""
        return self in (CaseState.CLOSED, CaseState.VOID)


@dataclass(frozen=True, slots=True)
class Reach:
    """How far a credential goes: the `scopes` that its issuer's list gives it, and in how many
    `containers` (repositories, projects, buckets) it stands.
    """

    scopes: tuple[str, ...] = ()
    containers: int = 0


@dataclass(frozen=True, slots=True)
class Decision:
    """What the policy asks for: hold this credential against this person (None: nobody known)."""

    kind: CaseKind
    fingerprint: Fingerprint
    credential_kind: KindId
    person: PersonId | None
    departure: Departure | None
    grounds: tuple[Ground, ...]
    reach: Reach = Reach()


class Doubt(StrEnum):
    """Why a leaver's credential is on watch instead of in a case."""

    NOT_VERIFIABLE = "not_verifiable"
    UNKNOWN = "unknown"
    SUSPECTED_LEAVER = "suspected_leaver"


@dataclass(frozen=True, slots=True)
class Watch:
    """A credential tied to a leaver (or a suspected one) of which nothing could be proved."""

    fingerprint: Fingerprint
    credential_kind: KindId
    person: PersonId
    doubt: Doubt
    detail: str


@dataclass(frozen=True, slots=True)
class Case:
    """Our lasting record of one credential held against one person, or against nobody.

    `rejections` are the issuer's dated refusals since it was last live, the proof of a
    close. `generation` counts reopenings after a close, and after a waiver that ended.
    `waived_until`: when the newest waiver ends, or ended (None: never, or there was none);
    `exception` names the exception that it is waived by, empty where a ticket's resolution does.
    """

    key: CaseKey
    kind: CaseKind
    fingerprint: Fingerprint
    credential_kind: KindId
    person: PersonId | None
    departure: Departure | None
    state: CaseState
    severity: str
    opened_at: datetime
    changed_at: datetime
    grounds: tuple[Ground, ...] = ()
    last_live_at: datetime | None = None
    rejections: tuple[Liveness, ...] = ()
    closed_at: datetime | None = None
    generation: int = 1
    note: str = ""
    mirrored_as: str = ""  # digest of what the ticket was last asked to say
    waived_until: datetime | None = None
    severity_reasons: tuple[str, ...] = ()
    exception: str = ""


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """One immutable, dated, secret-free statement: `what` happened to `subject`, in `data`."""

    at: datetime
    what: str
    subject: str
    data: Mapping[str, object]
