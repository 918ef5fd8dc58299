"""The store's seam: what is kept between steps, so that each step can be rerun alone.

Every verb works inside a transaction: all of it is kept or none. The same input twice
changes nothing. No verb takes or gives plaintext.
"""

from __future__ import annotations

from collections.abc import Collection, Container, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from correlate.exception import ExceptionStep
from correlate.listed import Listed
from correlate.merkle import Node
from correlate.model import (
    CaseKey,
    Coverage,
    Exposure,
    Identity,
    KindId,
    Liveness,
    Locator,
    PeopleSnapshot,
    PersonId,
    Place,
    Reader,
    Trace,
)
from correlate.notice import Told
from correlate.secret import Fingerprint
from correlate.stored import (
    Answers,
    Delivery,
    Found,
    HintRow,
    Holders,
    Lifespan,
    Packed,
    RunRecord,
    Uses,
)
from correlate.tree_head import HeadStamp, TreeHead
from correlate.verdict import (
    Absence,
    Case,
    Correction,
    Departure,
    Embargo,
    LedgerEntry,
    Named,
    Person,
    Restriction,
    Standing,
    SuccessionStep,
    Watch,
)


class ScanVerbs(Protocol):
    """What was scanned, and what was found where."""

    def unscanned(self, ruleset: str, items: Sequence[str]) -> list[str]: ...

    def mark_scanned(self, ruleset: str, items: Sequence[str]) -> None: ...

    def whole_scans(self, source: str) -> Mapping[str, str]:
        """Return the state in which each container of a source was last scanned whole."""

    def save_whole_scans(self, source: str, states: Mapping[str, str]) -> None: ...

    def save_exposures(self, exposures: Iterable[Exposure], now: datetime) -> None:
        """Add new places; of known ones move `last_seen_at` and keep the trace they have."""

    def exposures_of_items(self, items: Sequence[str]) -> list[Exposure]: ...

    def untraced(self, source: str) -> list[Locator]: ...

    def save_trace(self, trace: Trace, now: datetime) -> None: ...

    def exposures(self, fingerprint: Fingerprint | None = None) -> list[Exposure]:
        """Return the places of one credential, or of all, in a stable order. Readers are kept per
        container (`AccessVerbs`) and are in no trace.
        """

    def by_credential(
        self,
        only: Collection[Fingerprint] | None = None,
    ) -> Iterator[tuple[Exposure, ...]]:
        """Yield the places of each credential in turn, of all or of `only` these, in a stable order."""

    def packed(
        self,
        at_once: int,
        only: Collection[Fingerprint] | None = None,
    ) -> Iterator[tuple[Sequence[Fingerprint], Packed[Found]]]:
        """Yield all that is kept of each credential that was found in texts, or of `only` these, in a
        stable order, `at_once` of them in a pack, and which they are.
        """

    def how_many_places(self) -> int:
        """Return how many places any credential stands in."""

    def standing_in(self, places: Collection[Place]) -> set[Fingerprint]:
        """Return the credentials that were found in any of the containers."""

    def mentioning(self, handles: Collection[str]) -> set[Fingerprint]:
        """Return the credentials and listed rows of which a trace, an issuer or its list names any
        of the folded handles, in whatever system.
        """

    def hints_of(self, fingerprints: Collection[Fingerprint]) -> Sequence[HintRow]:
        """Return every bearer of every hint that any of these credentials or listed rows bears."""

    def save_answer(self, fingerprint: Fingerprint, kind: KindId, answer: Liveness) -> None: ...

    def save_answers(self, given: Sequence[tuple[Fingerprint, KindId, Liveness]]) -> None: ...

    def drop_answers(self, given: Sequence[tuple[Fingerprint, Liveness]]) -> None:
        """Take back answers that stood in for those that came."""

    def uses(self, fingerprints: Sequence[Fingerprint]) -> Mapping[Fingerprint, Uses]:
        """Return what all answers on these say of when they were used, in no order."""

    def answers(
        self, only: Collection[Fingerprint] | None = None
    ) -> Mapping[Fingerprint, Answers]: ...

    def lifespans(self, only: Collection[Fingerprint]) -> Mapping[Fingerprint, Lifespan]:
        """Return what all definite answers on these say together; nothing of those that have none."""

    def accepted(self) -> set[Fingerprint]:
        """Return the credentials that their issuer ever called live, or limited."""

    def rejected(self) -> set[Fingerprint]:
        """Return the credentials of which the last answer of any sort is a rejection."""


class AccessVerbs(Protocol):
    """Who could read which container, from when to when, as far as anybody told us."""

    def save_readers(self, place: Place, readers: Sequence[Reader], now: datetime) -> None:
        """Keep a container's readers as they were told whole at `now`. One who was told before
        and is not any more could read it until now.
        """

    def readers(self, places: Collection[Place]) -> Mapping[Place, tuple[Reader, ...]]: ...

    def all_readers(self) -> Iterator[tuple[Place, tuple[Reader, ...]]]:
        """Yield every container with its readers."""

    def packed(
        self, handles: Container[str], at_once: int
    ) -> Iterator[Packed[tuple[Place, tuple[Reader, ...]]]]:
        """Yield the containers that somebody could read who goes by one of the folded `handles`, with
        those readers, in packs of at most `at_once`. Accounts that have a number too are among
        these, whatever their handle.
        """

    def readable(self, handles: Collection[str]) -> set[Place]:
        """Return the containers that any of the folded handles could ever read."""


class PeopleVerbs(Protocol):
    """The last good snapshot of each feed, the persons they make, and every departure ever stated."""

    def last_snapshot(self, feed: str) -> PeopleSnapshot | None: ...

    def save_snapshot(self, snapshot: PeopleSnapshot) -> None: ...

    def snapshots(self) -> list[PeopleSnapshot]: ...

    def persons_current(self) -> bool:
        """Return whether the persons were made since a snapshot was last saved, and by today's rules."""

    def save_persons(self, persons: Iterable[Person]) -> None:
        """Make these, who come of the snapshots in force, all the persons there are."""

    def change_persons(self, persons: Iterable[Person], gone: Collection[PersonId]) -> None:
        """Add or replace these, and take out those who are `gone`: all others come of the snapshots in
        force as they are.
        """

    def persons(self, only: Collection[PersonId]) -> dict[PersonId, Person]:
        """Return these, each with what operators last said of them (`SensitiveVerbs`)."""

    def every_person(self) -> Iterator[Person]: ...

    def packed(self, at_once: int, unkept_at: datetime | None = None) -> Iterator[Packed[Person]]:
        """Yield what `every_person` does, without what they held, `at_once` of them in a pack; if
        `unkept_at` an instant, those of whom it is not kept where they stand then (`standings`).
        """

    def standings(self, now: datetime) -> Mapping[PersonId, Standing]:
        """Return where those stand at `now` of whom that is kept."""

    def keep_standings(
        self, some: Iterable[tuple[PersonId, Standing, datetime]], now: datetime
    ) -> None:
        """Keep where persons stand from `now` until an instant, or until feeds make another person of
        them or an operator says something of them.
        """

    def named_holders(self) -> Holders:
        """Return who ever held which identity, of those that any credential or reader names."""

    def how_many_persons(self) -> int: ...

    def holders(self, handles: Collection[str]) -> list[tuple[Identity, PersonId]]:
        """Return who ever held an identity with any of the folded handles."""

    def record_departures(self, stated: Iterable[Departure], now: datetime) -> list[Departure]:
        """Append the departures, but for those of which the person's newest row for the spell says
        the same. Return those that were added.
        """

    def departures(
        self, only: Collection[PersonId] | None = None
    ) -> list[tuple[Departure, datetime]]:
        """Return every row with the instant at which it was recorded, oldest first; if `only` some
        persons' are asked for, each person's are in that order.
        """

    def save_correction(self, correction: Correction) -> None:
        """Append a correction; none is removed but by forgetting its person."""

    def corrections(self) -> list[Correction]:
        """Return every correction, oldest first."""


class SuccessionVerbs(Protocol):
    """Who is to inherit from whom, step by step, and who was away. Rows go only with their person."""

    def save_step(self, step: SuccessionStep) -> None: ...

    def steps(self) -> list[SuccessionStep]:
        """Return every step, oldest first."""

    def save_absences(self, rows: Iterable[Absence]) -> None: ...

    def absences(self) -> list[Absence]:
        """Return every row, oldest first."""


class SensitiveVerbs(Protocol):
    """What operators said of whose leave nobody may learn, and under which names the ledger speaks of
    people. The names are drawn by lot: who holds the ledger alone cannot tell whose they are, nor can
    anybody once a name is forgotten.
    """

    def save_embargo(self, embargo: Embargo) -> None: ...

    def embargoes(self) -> list[Embargo]:
        """Return every row, oldest first."""

    def save_restriction(self, restriction: Restriction) -> None: ...

    def restrictions(self) -> list[Restriction]:
        """Return every row, oldest first."""

    def references(self, names: Collection[str]) -> Mapping[str, str]:
        """Return the lasting reference of each person's id or identity, drawn where it has none. A
        reference stands for itself.
        """

    def forget(self, people: Sequence[Named]) -> None:
        """Delete all that is kept of these people by their ids and accounts, and put their references
        wherever else they are named. Snapshots of live feeds and the ledger are left as they are.
        """


class InventoryVerbs(Protocol):
    """The rows of issuers' own lists as they were last seen. None is ever removed."""

    def save_listed(self, rows: Iterable[Listed]) -> None: ...

    def listed(self, source: str = "", only: Collection[Fingerprint] | None = None) -> list[Listed]:
        """Return the rows of one source, or of all, or `only` these, in a stable order."""


class CaseVerbs(Protocol):
    """Cases, their tickets, what is on watch."""

    def cases(self) -> list[Case]: ...

    def packed(self, only: Collection[Fingerprint]) -> Packed[Case]:
        """Return the cases of these credentials."""

    def in_cases(self) -> set[Fingerprint]:
        """Return the credentials that any case is about, an ended one too."""

    def save_case(self, case: Case) -> None: ...

    def save_cases(self, cases: Iterable[Case]) -> None: ...

    def deliveries(self, sink: str) -> Mapping[CaseKey, Delivery]: ...

    def save_delivery(self, delivery: Delivery) -> None: ...

    def drop_delivery(self, sink: str, key: CaseKey) -> None: ...

    def replace_watches(self, watches: Iterable[Watch]) -> None: ...

    def watches(self) -> list[Watch]: ...


class RunVerbs(Protocol):
    """Runs, their coverage, the one-runner lock and the ledger."""

    def acquire(self, name: str, holder: str, now: datetime, until: datetime) -> bool:
        """Take or extend the lock unless another holder's time still runs."""

    def release(self, name: str, holder: str) -> None: ...

    def save_run(self, run: RunRecord) -> None: ...

    def runs(self, job: str = "", limit: int = 50) -> list[RunRecord]:
        """Return the newest runs first."""

    def replace_coverage(self, run: str, coverage: Iterable[Coverage]) -> None:
        """Make these the run's coverage rows: first what is planned, in the end what came of it."""

    def coverage(self, run: str) -> list[Coverage]: ...

    def append(self, *entries: LedgerEntry) -> None:
        """Append entries to the ledger, in their order."""

    def ledger(self) -> Iterator[str]:
        """Yield the canonical text of every entry in order."""


class LedgerVerbs(Protocol):
    """The tree over the ledger's entries (`correlate.merkle`), and the heads of it that were signed."""

    def entries(self) -> Iterator[tuple[int, str]]:
        """Yield (number from 1, canonical text) of every entry in order."""

    def entry(self, number: int) -> str | None:
        """Return the canonical text of one entry, None where there is none."""

    def size(self) -> int:
        """Return how many entries there are."""

    def hashes(self, nodes: Iterable[Node]) -> Mapping[Node, bytes]:
        """Return the hashes of these whole subtrees. Raises ConfigError where one is gone."""

    def nodes(self) -> Iterator[tuple[int, str]]:
        """Yield (rank, hash in hex) of every whole subtree, each leaf too, by rank."""

    def save_head(self, head: TreeHead) -> None:
        """Append a head; none is ever removed."""

    def heads(self) -> Iterator[TreeHead]:
        """Yield the heads, of the smallest tree first."""

    def save_stamp(self, stamp: HeadStamp) -> None:
        """Append a time stamp of a head; none is ever removed."""

    def stamps(self) -> Iterator[HeadStamp]:
        """Yield the time stamps, of the smallest tree first."""


class NoticeVerbs(Protocol):
    """What was told of cases in which outlet."""

    def told(self, outlet: str) -> list[Told]: ...

    def save_told(self, rows: Iterable[Told]) -> None: ...


class ExceptionVerbs(Protocol):
    """Exceptions, step by step. None is ever removed; who is forgotten is named by a reference."""

    def save_step(self, step: ExceptionStep) -> None: ...

    def steps(self) -> list[ExceptionStep]:
        """Return every step, oldest first."""


@dataclass(frozen=True, slots=True)
class Transaction:
    """The verbs of one open transaction, by subject."""

    scans: ScanVerbs
    people: PeopleVerbs
    cases: CaseVerbs
    runs: RunVerbs
    inventory: InventoryVerbs
    access: AccessVerbs
    successions: SuccessionVerbs
    sensitive: SensitiveVerbs
    notices: NoticeVerbs
    exceptions: ExceptionVerbs
    ledger: LedgerVerbs


class Store(Protocol):
    """Where everything rests between steps."""

    def prepare(self) -> None:
        """Create or upgrade the schema. Raises ConfigError for a store of a newer version."""

    def transaction(self) -> AbstractContextManager[Transaction]: ...

    def reading(self) -> AbstractContextManager[Transaction]:
        """Open a transaction that only reads, also while another process is in one that writes: it
        sees what was committed before.
        """

    def wipe(self) -> bool:
        """Overwrite what was deleted, so that it stands in no file. Returns whether that was done:
        no for a store whose server does it by itself, or that another process is using.
        """

    def close(self) -> None: ...
