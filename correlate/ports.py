"""The seams. Read this first: everything outside the process is reached through one of these.

A connector module is found by name: role and type in the configuration give the module
(`[[sources]] type = "git"` is `connectors.source_git`). It defines

    @dataclass(frozen=True, slots=True)
    class Settings: ...                       # its own configuration keys, typed
    def connect(settings: Settings, setup: Setup) -> Port: ...   # no I/O happens here

An issuer's module may also define

    def connect_revoker(settings: Settings, setup: Setup) -> Revoker: ...   # of the same section

Roles: source_*, people_*, issuer_*, inventory_*, tickets_*, outlet_*, store_*.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, MutableMapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from correlate.kind import Effect, Kind
from correlate.listed import InventorySnapshot
from correlate.model import (
    Batch,
    CaseKey,
    Change,
    Document,
    Finding,
    KindId,
    Liveness,
    Locator,
    PeopleSnapshot,
    Skip,
    Trace,
)
from correlate.notice import Notice, Receipt
from correlate.secret import Secret
from correlate.ticket import Draft, TicketRef, TicketStatus
from correlate.tree_head import HeadStamp, Said, TreeHead


@dataclass(frozen=True, slots=True)
class Setup:
    """What wiring gives every connector: its configured name, a private folder that may
    outlive the run (mirrors, caches), and the kinds in force.
    """

    name: str
    workdir: Path
    kinds: tuple[Kind, ...] = ()


@dataclass(frozen=True, slots=True)
class ScanUnit:
    """A piece of a source that one child scans in one go. JSON-only, holds no secret.

    `payload` is the source's own note of what to read; `items` and `bytes` are estimates
    for progress. `avoid` are items that ended the process which looked at them in an earlier
    attempt: they are skipped. The same unit may be scanned twice without harm.
    """

    source: str
    container: str
    number: int
    payload: str = ""
    items: int = 0
    bytes: int = 0
    avoid: tuple[str, ...] = ()


class KnownItems(Protocol):
    """Which items (git object ids) have been scanned before, in any container, under the
    ruleset in force. A source calls it once per container with all that stands there, so
    that what another repository's scan found in a shared object counts here too.
    """

    def unchanged(self, container: str, state: str) -> bool:
        """Return whether the container was scanned whole when its state was `state`, under the
        ruleset in force. A source that can tell its state at a glance asks before it lists
        anything, and lists nothing when the answer is yes. The state is kept if the scan that
        follows is whole.
        """

    def unknown(self, container: str, items: Sequence[str]) -> Sequence[str]:
        """Return those of the container's `items` not scanned yet, in the same order."""


@runtime_checkable
class Changes(Protocol):
    """What a Source may offer beside: who changed which texts, whether they hold a credential or not."""

    def changes(self, container: str, since: datetime, until: datetime) -> Iterator[Change]:
        """Yield what was changed between two instants, both included, in no order. Raises SourceError
        where not all can be told.
        """


class Source(Protocol):
    """Where text comes from. Locators are stable from run to run.

    `units` refreshes the source (fetches, lists) and plans; a container that cannot be
    read whole is a Skip. `documents` runs in a scan child, and may give many small ones as one
    Batch. A read that ends short raises SourceError: it is never an empty result.
    """

    @property
    def name(self) -> str: ...

    def units(self, known: KnownItems) -> Iterator[ScanUnit | Skip]: ...

    def documents(self, unit: ScanUnit) -> Iterator[Document | Batch | Skip]: ...

    def trace(self, locators: Sequence[Locator]) -> Iterator[Trace]: ...

    def reread(self, locator: Locator) -> Document | Skip:
        """Return the text at `locator` as it stands now, or a Skip saying why it is gone."""


class Detector(Protocol):
    """Pure and deterministic, in time linear to the document. `ruleset` changes with its rules.

    `find` tells what it could not look into (an archive within the document) as a Skip.
    `dropped` counts the look-alikes that it took for no credential, by reason.
    """

    ruleset: str
    dropped: MutableMapping[str, int]

    def screen(self, batch: Batch) -> Iterator[tuple[int, Any]]:
        """Yield the numbers of the documents in which `find` may find something, in order, each
        with what was seen there: to be handed on to `find`, and of no meaning to anybody else.
        """

    def find(self, document: Document, seen: Any = None) -> Iterator[Finding | Skip]: ...


class PeopleFeed(Protocol):
    """Who works here. Absence is never a departure; `FeedRefused` keeps the last good snapshot."""

    @property
    def name(self) -> str: ...

    def snapshot(self, now: datetime, last: PeopleSnapshot | None) -> PeopleSnapshot:
        """Read the feed whole. `last` is the snapshot in force, for the guards (a fall in rows)."""


class Issuer(Protocol):
    """Asks issuers what is still live. Reads only; never raises for a dead token.

    Every failure to ask is a Liveness of its own (unknown, rate_limited, skipped).
    """

    @property
    def name(self) -> str: ...

    kinds: frozenset[KindId]

    def verify(self, kind: KindId, secret: Secret, now: datetime) -> Liveness: ...


class Inventory(Protocol):
    """The lists that an issuer keeps of the credentials it gave out. Reads only.

    A list that ends short, or whose page cannot be read, is a gap of the snapshot and never in
    `listed`. Raises AuthError when the login is refused as a whole.
    """

    @property
    def name(self) -> str: ...

    def snapshot(self, now: datetime) -> InventorySnapshot:
        """Read every list whole. Hints are as the issuer writes them, for memory only."""


@dataclass(frozen=True, slots=True)
class RevocationCall:
    """The one call that a revocation is, without the secret. `digest` covers all that is declared
    of it, so that an approval holds for this very call. `host` is the name of the machine that
    `url` is at. `note` tells what else stops.
    """

    method: str
    host: str
    url: str
    source: str
    digest: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class RevocationReply:
    """What came back of a revocation; secret-free. It proves nothing: the next question does."""

    effect: Effect
    reason: str
    status: int | None = None


class Revoker(Protocol):
    """Ends one credential at its issuer, and nothing else. The only port that changes anything
    there; nobody calls it without a second person's approval (`jobs.revoke`).
    """

    @property
    def name(self) -> str: ...

    kinds: frozenset[KindId]

    def plan(self, kind: KindId, host: str) -> RevocationCall | str:
        """Return the call that would be made at `host`, where the credential was seen live, or why
        none may be. Sends nothing.
        """

    def revoke(self, kind: KindId, secret: Secret, call: RevocationCall) -> RevocationReply:
        """Send the call once, whatever comes of it. Never raises for what the issuer says.

        Raises Refused, and sends nothing, when `call` is not what `plan` gives today.
        """


class TicketSink(Protocol):
    """One ticket system. Every verb may be repeated after a crash without a second effect.

    `open` raises Unavailable when it is unclear whether the ticket was made; the caller
    then looks it up by key before it tries again. Nothing here receives plaintext.
    """

    @property
    def name(self) -> str: ...

    def find(self, key: CaseKey) -> Sequence[TicketStatus]:
        """Return every ticket that carries the key, oldest first; exact match only."""

    def open(self, draft: Draft) -> TicketRef: ...

    def read(self, ref: TicketRef) -> TicketStatus: ...

    def update(self, ref: TicketRef, draft: Draft) -> None: ...

    def close(self, ref: TicketRef, draft: Draft, reason: str) -> None:
        """Add the reason (the proof) as a comment, then resolve. A closed ticket stays as it is."""

    def reopen(self, ref: TicketRef, draft: Draft, reason: str) -> None: ...

    def texts(self) -> Iterator[tuple[TicketRef, str]]:
        """Yield every text that stands in a ticket of ours: its description, each comment, and what the
        system keeps of earlier descriptions. Line ends may be lost, and marks may be escaped.
        """

    def open_now(self) -> Iterable[tuple[CaseKey, TicketRef]]:
        """Yield every open ticket that bears a key of ours, oldest first."""

    def fold(self, ref: TicketRef, draft: Draft, into: TicketRef, reason: str) -> None:
        """Add the reason, link the ticket to the one it doubles, and close it as a duplicate that no
        longer bears the key.
        """

    def follow(self, ref: TicketRef, former: TicketRef) -> None:
        """Link a ticket to the closed one that it goes on from."""

    def check(self) -> Iterable[str]:
        """Yield what set-up lacks (permission, project, field), one plain sentence each."""


class Outlet(Protocol):
    """Where notices go beside the tickets: a channel, a mailbox, a receiver of events.

    A notice may come again after a crash, with the same id. Nothing here receives plaintext.
    """

    @property
    def name(self) -> str: ...

    def send(self, notices: Sequence[Notice]) -> Sequence[Receipt]:
        """Return one receipt a notice, in order; SENDING for those of which nothing is known. Raises
        AuthError when our own login is refused as a whole, before any notice was taken.
        """


class TimeAuthority(Protocol):
    """Who says by when a head of the ledger existed. It is shown a digest of the head, and no more."""

    @property
    def host(self) -> str: ...

    def stamp(self, head: TreeHead) -> HeadStamp:
        """Return a stamp that was asked for and checked. Raises Unavailable where none came, and Refused
        for one that is not to be believed.
        """

    def said(self, stamp: HeadStamp) -> Said:
        """Return what a kept stamp says. Raises Refused where it does not fit its head or is not to be
        believed, and ConfigError where none can be checked.
        """

    def ready(self) -> str:
        """Return in words whom we ask and whom we believe. Asks nobody; raises ConfigError like `said`."""
