"""What a Jira site remembers: issues and their past versions, for a search index that lags.

The index is eventually consistent on Cloud: a new or changed issue is found by search only
some time later, while reading it by key is current
(developer.atlassian.com/cloud/jira/platform/search-and-reconcile).
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

RESOLUTIONS = ("Done", "Won't Do", "Duplicate", "Accepted Risk")
LINK_TYPES = ("Blocks", "Duplicate", "Relates")
CLOUD_INDEX_DELAY = 1.0  # seconds; the vendor speaks of seconds to minutes


@dataclass(frozen=True, slots=True)
class State:
    """A status of the workflow with its category ("new", "indeterminate", "done")."""

    id: str
    name: str
    category: str


TO_DO = State("10000", "To Do", "new")
IN_PROGRESS = State("3", "In Progress", "indeterminate")
DONE = State("10001", "Done", "done")
CATEGORIES = {"new": (2, "To Do"), "indeterminate": (4, "In Progress"), "done": (3, "Done")}


@dataclass(frozen=True, slots=True)
class Transition:
    """A move that is possible from one state only. `asks` means a screen with a resolution."""

    id: str
    name: str
    source: State
    target: State
    asks: bool = False


WORKFLOW = (
    Transition("11", "Start work", TO_DO, IN_PROGRESS),
    Transition("31", "Close", TO_DO, DONE, asks=True),
    Transition("21", "Stop work", IN_PROGRESS, TO_DO),
    Transition("41", "Resolve", IN_PROGRESS, DONE, asks=True),
    Transition("51", "Reopen", DONE, TO_DO),
)


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment; `body` is a document on Cloud and wiki text on Data Center."""

    id: str
    body: Any
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Change:
    """One line of the change log."""

    field: str
    before: str | None
    after: str | None
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Issue:
    """An issue at one moment. `fields` holds what a client may set."""

    id: str
    key: str
    fields: Mapping[str, Any]
    by: str
    created_at: datetime
    updated_at: datetime
    state: State = TO_DO
    resolution: str | None = None
    resolved_at: datetime | None = None
    comments: tuple[Comment, ...] = ()
    links: tuple[tuple[str, str, str], ...] = ()  # type, "inward" or "outward", the other's id
    changes: tuple[Change, ...] = ()

    @property
    def transitions(self) -> tuple[Transition, ...]:
        """The moves that this issue's state allows."""
        return tuple(move for move in WORKFLOW if move.source is self.state)


@dataclass(slots=True)
class Issues:
    """One Jira site with one project. The world's lock guards it.

    `index_delay` is in seconds; `math.inf` holds the index still until `index_now`.
    `required` names custom fields without which no issue can be made, `hidden`
    fields that are on no screen.
    """

    project: str
    email: str
    now: Callable[[], datetime]
    rich_text: bool
    index_delay: float = -1.0
    required: tuple[str, ...] = ()
    forbidden: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()
    _versions: dict[str, list[tuple[float, Issue]]] = field(default_factory=dict)
    _next_comment: int = 20001

    def __post_init__(self) -> None:
        """Data Center indexes within the request; Cloud does not."""
        if self.index_delay < 0:
            self.index_delay = CLOUD_INDEX_DELAY if self.rich_text else 0.0

    @property
    def all(self) -> tuple[Issue, ...]:
        """Every issue as it stands now, oldest first."""
        return tuple(versions[-1][1] for versions in self._versions.values())

    def find(self, key: str) -> Issue | None:
        """Return an issue by key or id as it stands now: such a read is always current."""
        return next((issue for issue in self.all if key in (issue.id, issue.key)), None)

    def indexed(self, fresh: Iterable[str] = ()) -> tuple[Issue, ...]:
        """Return the issues as the search index knows them; `fresh` ids are read as they are."""
        at, fresh = time.monotonic(), set(fresh)
        found = []
        for number, versions in self._versions.items():
            ready = versions if number in fresh else [v for v in versions if v[0] <= at]
            if ready:
                found.append(ready[-1][1])
        return tuple(found)

    def index_now(self) -> None:
        """Let the search index catch up."""
        for versions in self._versions.values():
            versions[:] = [(-math.inf, versions[-1][1])]

    def _keep(self, issue: Issue) -> Issue:
        ready_at = time.monotonic() + self.index_delay
        self._versions.setdefault(issue.id, []).append((ready_at, issue))
        return issue

    def create(self, fields: Mapping[str, Any], by: str) -> Issue:
        """Make an issue from fields that the caller has checked."""
        number, at = len(self._versions) + 1, self.now()
        key = f"{self.project}-{number}"
        return self._keep(Issue(str(10000 + number), key, dict(fields), by, at, at))

    def edit(self, issue: Issue, fields: Mapping[str, Any], by: str) -> Issue:
        """Set fields, and log what changed."""
        at = self.now()
        changes = tuple(
            Change(name, _text(issue.fields.get(name)), _text(value), by, at)
            for name, value in fields.items()
            if issue.fields.get(name) != value
        )
        merged = {**issue.fields, **fields}
        return self._keep(
            replace(issue, fields=merged, updated_at=at, changes=issue.changes + changes)
        )

    def comment(self, issue: Issue, body: Any, by: str) -> Comment:
        """Add a comment."""
        said = Comment(str(self._next_comment), body, by, self.now())
        self._next_comment += 1
        self._keep(replace(issue, comments=(*issue.comments, said), updated_at=said.at))
        return said

    def link(self, kind: str, inward: Issue, outward: Issue) -> None:
        """Link two issues: `inward` reads as the type's outward words say."""
        self._keep(replace(inward, links=(*inward.links, (kind, "outward", outward.id))))
        self._keep(replace(outward, links=(*outward.links, (kind, "inward", inward.id))))

    def move(self, issue: Issue, to: State, resolution: str | None, by: str) -> Issue:
        """Change the state; leaving "done" clears the resolution."""
        at = self.now()
        changes = [Change("status", issue.state.name, to.name, by, at)]
        if resolution != issue.resolution:
            changes.insert(0, Change("resolution", issue.resolution, resolution, by, at))
        moved = replace(
            issue,
            state=to,
            resolution=resolution,
            resolved_at=at if resolution else None,
            updated_at=at,
            changes=(*issue.changes, *changes),
        )
        return self._keep(moved)

    def resolve(self, issue: Issue, resolution: str, by: str) -> Issue:
        """Let a person close an issue from whatever state it is in."""
        if resolution not in RESOLUTIONS:
            raise ValueError(f"no such resolution: {resolution}")
        return self.move(issue, DONE, resolution, by)


def _text(value: Any) -> str | None:
    if isinstance(value, list):
        return " ".join(str(item) for item in value)
    return None if value is None else str(value)
