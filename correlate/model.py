"""The vocabulary: what is found, whose it is, who left, and what we hold against it.

Every value is frozen and free of plaintext, except `Finding`, which carries a `Secret`
and never leaves the process that made it. Every instant is an aware datetime in UTC.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NewType

from correlate.secret import Fingerprint, Secret

KindId = NewType("KindId", str)
WorkerId = NewType("WorkerId", str)
PersonId = NewType(
    "PersonId", str
)  # a worker id, or "directory:LOGIN" where only a directory knows
CaseKey = NewType("CaseKey", str)
Place = tuple[str, str]  # a source and a container in it


class Truth(StrEnum):
    """Three-valued: not knowing is an answer of its own."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


# --- places and texts ---------------------------------------------------------------


class Medium(StrEnum):
    """What sort of place a text stands in."""

    FILE = "file"
    CI_VARIABLE = "ci_variable"
    NOTEBOOK_SOURCE = "notebook_source"
    NOTEBOOK_OUTPUT = "notebook_output"


@dataclass(frozen=True, slots=True, order=True)
class Locator:
    """The exact place where one can look again.

    `source` is the configured source's name; `container` a repository, project, folder or
    server within it; `item` a git object id, a variable ("NAME" or "NAME@scope") or a
    notebook's path; `part` a place inside the item ("cell 3 output 1") or empty; `line`
    counts from 1 inside the part, 0 means the whole of it.
    """

    source: str
    container: str
    item: str
    part: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True, order=True)
class Identity:
    """An account's handle in one system.

    Systems in use: "mail", "github", "github-id", "gitlab", "gitlab-id", "slack-id",
    "aws-arn", "aws-user", "npm", "huggingface", "openai-id", "anthropic-id", "jupyter",
    "atlassian-id", "azure-devops", "databricks-id", "docker", "okta-id", "entra-id",
    "google-id", "scim-id", "directory", "ssh-key" (a public key's fingerprint, "SHA256:..."),
    "login" (a user name of no known system). Handles are
    stored as seen; `correlate.identity` folds them for comparison.
    """

    system: str
    handle: str

    def __str__(self) -> str:
        """As people write it: "github:jane"."""
        return f"{self.system}:{self.handle}"


@dataclass(frozen=True, slots=True)
class Touch:
    """That an account put a text where it stands, or changed it: `role` at `at` (None: unknown).

    Roles: "author", "committer", "signer" (git; a signature that was verified), "creator",
    "editor" (variables), "owner", "runner" (notebooks). `name` is the display name as given, a
    hint only. `commit` where git says it. `hint` is whom the place itself takes the account for
    (a repository's .mailmap), which whoever could write there may have put so.
    """

    identity: Identity
    role: str
    at: datetime | None
    name: str = ""
    commit: str = ""
    hint: Identity | None = None

    def identities(self) -> tuple[Identity, ...]:
        """Return all that it names, the account itself first."""
        return (self.identity,) if self.hint is None else (self.identity, self.hint)


class Right(StrEnum):
    """What is known of a reader's right to change what stands in a place."""

    READ = "read"  # only that they could read it
    WROTE = "wrote"  # they changed something there `since` then; whether they may still is not told
    WRITE = "write"  # they may change it, as long as they may read it; branches may be protected


@dataclass(frozen=True, slots=True)
class Reader:
    """That an account could read a place from `since` to `until` (None: open), and why we say so."""

    identity: Identity
    why: str
    since: datetime | None = None
    until: datetime | None = None
    right: Right = Right.READ


@dataclass(frozen=True, slots=True)
class Change:
    """That an account changed the text at `path` of a container."""

    path: str
    touch: Touch


@dataclass(frozen=True, slots=True)
class Trace:
    """Who put a place's text there, who could read it, and what people call the place.

    `path` is for display: a file's path, "variable NAME", a notebook's path. `introduced`
    is ordered oldest first. `at_tip`: the text still stands at the default branch (or the
    variable or notebook still holds it). `reachable`: a ref still leads to it.
    """

    locator: Locator
    path: str
    introduced: tuple[Touch, ...] = ()
    readers: tuple[Reader, ...] = ()
    at_tip: Truth = Truth.UNKNOWN
    reachable: Truth = Truth.UNKNOWN
    link: str = ""


@dataclass(frozen=True, slots=True)
class Document:
    """One addressable text from a Source; `locator.line` is 0. `trace` is None where a later
    `Source.trace` call answers it (git: for hits only).
    """

    locator: Locator
    data: bytes
    medium: Medium
    trace: Trace | None = None


@dataclass(frozen=True, slots=True)
class Batch:
    """Many documents side by side in one stretch of memory, for one look at all of them.

    Number i is item `items[i]` and stands at `data[starts[i]:ends[i]]`. Good only until the
    next piece is drawn from its source; a Document taken out of it is a copy and stays.
    """

    source: str
    container: str
    medium: Medium
    data: memoryview
    items: Sequence[str]
    starts: Sequence[int]
    ends: Sequence[int]

    def document(self, index: int) -> Document:
        """Return one of the documents."""
        place = Locator(self.source, self.container, self.items[index])
        data = bytes(self.data[self.starts[index] : self.ends[index]])
        return Document(place, data, self.medium)

    def documents(self) -> Iterator[Document]:
        """Yield all of them in order."""
        return map(self.document, range(len(self.items)))


@dataclass(frozen=True, slots=True)
class Skip:
    """Something that could not be examined, and why. `item` may be empty: the whole container.

    `by_design`: its holder gives it to nobody (a CI secret's value), so that no better
    reading could examine it; it is counted, and leaves the coverage complete.
    """

    source: str
    container: str
    item: str
    reason: str
    by_design: bool = False


@dataclass(frozen=True, slots=True)
class Finding:
    """One detector's claim that a place holds a Secret of some Kind.

    `facts` are what the token says of itself offline (account id, expiry), secret-free.
    `suppressed` holds the reason of an inline allow-list mark, else is empty.
    """

    kind: KindId
    secret: Secret
    locator: Locator
    medium: Medium
    facts: Mapping[str, str] = field(default_factory=dict)
    suppressed: str = ""


@dataclass(frozen=True, slots=True)
class Exposure:
    """A Credential at a Locator: what leaves the scanning process, without the plaintext."""

    fingerprint: Fingerprint
    kind: KindId
    locator: Locator
    medium: Medium
    facts: Mapping[str, str] = field(default_factory=dict)
    suppressed: str = ""
    trace: Trace | None = None
    hints: tuple[str, ...] = ()  # keyed; they join the credential to its issuer's list
    first_seen_at: datetime | None = None  # by us; when it was put there is in the trace
    last_seen_at: datetime | None = None


class CoverageState(StrEnum):
    """How far a source or feed was examined in one run."""

    PLANNED = "planned"
    COMPLETE = "complete"
    INCOMPLETE = "incomplete"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Coverage:
    """What of one source's container was examined. `items` and `bytes` count the examined ones."""

    source: str
    container: str
    state: CoverageState
    items: int = 0
    bytes: int = 0
    skipped: int = 0
    reason: str = ""


# --- liveness -----------------------------------------------------------------------


class LivenessState(StrEnum):
    """An issuer's answer. Only an authoritative rejection is DEAD; a network error never is."""

    LIVE = "live"
    LIVE_LIMITED = "live_limited"
    DEAD = "dead"
    SUSPENDED = "suspended"
    UNKNOWN = "unknown"
    RATE_LIMITED = "rate_limited"
    SKIPPED = "skipped"
    NOT_VERIFIABLE = "not_verifiable"

    @property
    def usable(self) -> bool:
        """Whether somebody holding the credential can use it now."""
        return self in (LivenessState.LIVE, LivenessState.LIVE_LIMITED)


@dataclass(frozen=True, slots=True)
class Liveness:
    """What an issuer said of a credential at an instant, and of whom it said it.

    `at` is the run's instant, `asked_at` when the question went out, None where none did.
    `identities` name the account the credential opens. `owner_is_person` NO means a bot,
    service account or project key. Fields the issuer did not give are empty or None.
    """

    state: LivenessState
    at: datetime
    reason: str
    host: str = ""
    method: str = ""
    status: int | None = None
    identities: tuple[Identity, ...] = ()
    owner_name: str = ""
    owner_is_person: Truth = Truth.UNKNOWN
    scopes: tuple[str, ...] = ()
    created_at: datetime | None = None
    expires_at: datetime | None = None
    last_used_at: datetime | None = None
    asked_at: datetime | None = None

    def used_since(self, at: datetime) -> bool:
        """Whether the issuer tells of a use after `at`; no says nothing of whether there was one."""
        return self.last_used_at is not None and self.last_used_at > at


# --- people -------------------------------------------------------------------------


class Employment(StrEnum):
    """A worker's standing as the feed states it, before dates are weighed."""

    ACTIVE = "active"
    ON_LEAVE = "on_leave"
    LEFT = "left"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Worker:
    """One row of a personnel feed: one employment spell of one person.

    `last_working_at` and `ends_at` are instants: the end of the named day in the worker's
    zone unless the feed is finer (`precision` "instant" or "day"). A hire's e-mail holds
    from `starts_at` on. `manager` is a worker id of the same feed. `person_key` is the feed's
    own key of the human where it has one beside the worker id: workers that share it are one
    person (a contractor taken on gets a new worker id). `moved_at`: since when in the present
    `unit`. Until `embargo_until` nobody may learn of the leave from us. No reason for a leave
    is ever kept. `rank` is the feed's, None after all others (`correlate.precedence`).
    """

    worker_id: WorkerId
    spell: str  # the start date as the feed gives it (ISO), or "1" where there is none
    name: str
    employment: Employment
    emails: tuple[str, ...] = ()
    identities: tuple[Identity, ...] = ()
    worker_type: str = "employee"
    manager: WorkerId | None = None
    starts_at: datetime | None = None
    announced_at: datetime | None = None
    last_working_at: datetime | None = None
    ends_at: datetime | None = None
    zone: str = "UTC"
    precision: str = "day"
    person_key: str = ""
    employer: str = ""
    unit: str = ""
    moved_at: datetime | None = None
    legal_hold: bool = False
    embargo_until: datetime | None = None
    rank: int | None = None


@dataclass(frozen=True, slots=True)
class DirectoryAccount:
    """One account of a directory. `worker_id` joins it to a worker where the directory has it.

    `expires_at` is when the account itself stops, `leaves_at` when the directory says that its
    holder leaves, `disabled_at` when it was disabled, None where the directory does not tell
    (a last change of any sort is `changed_at`). `identities` are its handles elsewhere.
    `manager` is an account id of the same directory. `service` YES: a machine's, by its class.
    """

    account_id: str  # the directory's immutable id (objectGUID, entryUUID)
    login: str
    name: str
    emails: tuple[str, ...] = ()
    worker_id: WorkerId | None = None
    enabled: Truth = Truth.UNKNOWN
    deleted: bool = False
    expires_at: datetime | None = None
    changed_at: datetime | None = None
    created_at: datetime | None = None
    leaves_at: datetime | None = None
    disabled_at: datetime | None = None
    identities: tuple[Identity, ...] = ()
    manager: str = ""
    service: Truth = Truth.UNKNOWN


@dataclass(frozen=True, slots=True)
class PeopleSnapshot:
    """All that one feed says at one instant. `complete` False: absence in it means nothing.

    `digest` is the SHA-256 of the raw feed, for evidence; `problems` are rows that were
    read but look wrong.
    """

    feed: str
    taken_at: datetime
    complete: bool
    digest: str
    workers: tuple[Worker, ...] = ()
    accounts: tuple[DirectoryAccount, ...] = ()
    problems: tuple[str, ...] = ()
