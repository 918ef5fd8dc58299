"""One Jira site: what Cloud (REST v3) and Data Center (REST v2) do alike, and where they differ.

https://developer.atlassian.com/cloud/jira/platform/rest/v3/ and
https://developer.atlassian.com/server/jira/platform/rest/
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from connectors.adf import document, wiki
from connectors.instants import instant
from connectors.json_shape import row, rows, text
from connectors.rest import Rest, segment
from correlate.errors import SourceError
from correlate.ticket import Block

_PAGE = 100
_RECONCILED = 50  # https://developer.atlassian.com/cloud/jira/platform/search-and-reconcile/
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
Fields = Mapping[str, object]


class Dialect(Protocol):
    """Where the two products differ."""

    @property
    def root(self) -> str:
        """The path that the API stands under."""

    @property
    def account_key(self) -> str:
        """The field of a user that is the account's lasting id."""

    def rich(self, blocks: Sequence[Block], last: str = "") -> object:
        """Return the blocks, and a last line that is never cut off, as this product's long text."""

    def search(self, rest: Rest, jql: str, fields: str, fresh: Sequence[str]) -> Iterator[Fields]:
        """Yield every issue that matches, to the last page."""


@dataclass(frozen=True, slots=True)
class Cloud:
    """Documents, and a search whose index lags unless issues are named to be read fresh."""

    root: str = "/rest/api/3"
    account_key: str = "accountId"

    def rich(self, blocks: Sequence[Block], last: str = "") -> object:
        """Return an Atlassian document."""
        return document(blocks, last)

    def search(self, rest: Rest, jql: str, fields: str, fresh: Sequence[str]) -> Iterator[Fields]:
        """Page by nextPageToken; there is no total."""
        token, seen = "", set[str]()
        while True:
            query = [("jql", jql), ("fields", fields), ("maxResults", str(_PAGE))]
            query += [("reconcileIssues", ",".join(fresh[-_RECONCILED:]))] if fresh else []
            query += [("nextPageToken", token)] if token else []
            page = row(rest.get(f"{self.root}/search/jql", query).value, rest.system)
            yield from rows(page.get("issues"), rest.system)
            token = str(page.get("nextPageToken") or "")
            if not token:
                return
            if token in seen:
                raise _circle(rest)
            seen.add(token)


@dataclass(frozen=True, slots=True)
class DataCenter:
    """Wiki text, and a search by offset with a total."""

    root: str = "/rest/api/2"
    account_key: str = "name"

    def rich(self, blocks: Sequence[Block], last: str = "") -> object:
        """Return wiki text in which nothing of the blocks is markup."""
        return wiki(blocks, last)

    def search(self, rest: Rest, jql: str, fields: str, fresh: Sequence[str]) -> Iterator[Fields]:
        """Page by startAt until the total is reached; a page that falls short of it is an error."""
        del fresh  # its index answers within the request
        start = 0
        while True:
            query = [("jql", jql), ("fields", fields), ("maxResults", str(_PAGE))]
            query.append(("startAt", str(start)))
            page = row(rest.get(f"{self.root}/search", query).value, rest.system)
            found = rows(page.get("issues"), rest.system)
            yield from found
            start += len(found)
            if start >= int(text(page, "total", rest.system)):
                return
            if not found:
                raise _circle(rest)


def _circle(rest: Rest) -> SourceError:
    return SourceError(
        "a search came back short", where=rest.system, why="its pages do not add up",
        fix="run again later",
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Move:
    """A transition that an issue's state allows now. `asks` are its screen's required fields."""

    id: str
    target: str
    category: str
    asks: frozenset[str]
    resolutions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Site:
    """The calls that both products share, on issues named by their immutable id."""

    rest: Rest
    dialect: Dialect

    def me(self) -> str:
        """Return our own account's id."""
        return text(self._get("/myself"), self.dialect.account_key, self.rest.system)

    def issue(self, number: str) -> Fields:
        """Return an issue as it stands now, with its status, resolution and history."""
        query = [("fields", "status,resolution,labels"), ("expand", "changelog")]
        answer = self.rest.get(f"{self.dialect.root}/issue/{segment(number)}", query)
        return row(answer.value, self.rest.system)

    def create(self, fields: Fields) -> Fields:
        """Make an issue; return its id and key."""
        answer = self.rest.send("POST", f"{self.dialect.root}/issue", {"fields": fields})
        return row(answer.value, self.rest.system)

    def edit(self, number: str, fields: Fields, label: str) -> None:
        """Set fields, and put the label back should somebody have taken it off."""
        body = {"fields": fields, "update": {"labels": [{"add": label}]}}
        self.rest.send("PUT", f"{self.dialect.root}/issue/{segment(number)}", body)

    def comment_once(self, number: str, blocks: Sequence[Block], mark: str, last: str) -> None:
        """Add a comment unless one of the issue's comments holds `mark`."""
        if not any(mark in said for said in self.comments(number)):
            path = f"{self.dialect.root}/issue/{segment(number)}/comment"
            self.rest.send("POST", path, {"body": self.dialect.rich(blocks, last)})

    def comments(self, number: str) -> Iterator[str]:
        """Yield the text of every comment of an issue as JSON, oldest first."""
        path = f"{self.dialect.root}/issue/{segment(number)}/comment"
        start = 0
        while True:
            query = [("startAt", str(start)), ("maxResults", str(_PAGE))]
            page = row(self.rest.get(path, query).value, self.rest.system)
            found = rows(page.get("comments"), self.rest.system)
            yield from (json.dumps(comment.get("body")) for comment in found)
            start += len(found)
            if not found or start >= int(text(page, "total", self.rest.system)):
                return

    def descriptions(self, number: str) -> Iterator[str]:
        """Yield an issue's description, and what its history keeps of it, as JSON."""
        query = [("fields", "description"), ("expand", "changelog")]
        issue = self._get(f"/issue/{segment(number)}", query)
        yield json.dumps([issue.get("fields"), issue.get("changelog")])

    def link(self, kind: str, number: str, to: str) -> None:
        """Link an issue to another, once: it reads as the link type's outward words say.

        https://developer.atlassian.com/cloud/jira/platform/issue-linking-model/
        """
        path = f"{self.dialect.root}/issue/{segment(number)}"
        issue = row(self.rest.get(path, [("fields", "issuelinks")]).value, self.rest.system)
        held = row(issue.get("fields"), self.rest.system).get("issuelinks") or []
        for one in rows(held, self.rest.system):
            other, sort = one.get("outwardIssue"), row(one.get("type"), self.rest.system)
            if isinstance(other, dict) and str(other.get("id")) == to and sort.get("name") == kind:
                return
        body = {"type": {"name": kind}, "inwardIssue": {"id": number}, "outwardIssue": {"id": to}}
        self.rest.send("POST", f"{self.dialect.root}/issueLink", body)

    def unlabel(self, number: str, label: str) -> None:
        """Take a label off an issue."""
        body = {"update": {"labels": [{"remove": label}]}}
        self.rest.send("PUT", f"{self.dialect.root}/issue/{segment(number)}", body)

    def moves(self, number: str) -> list[Move]:
        """Return what the workflow allows from the issue's state."""
        path = f"{self.dialect.root}/issue/{segment(number)}/transitions"
        page = row(self.rest.get(path, [("expand", "transitions.fields")]).value, self.rest.system)
        return [_move(one) for one in rows(page.get("transitions"), self.rest.system)]

    def go(self, number: str, move: Move, resolution: str) -> None:
        """Take a transition, setting the resolution if its screen has one."""
        body: dict[str, object] = {"transition": {"id": move.id}}
        if move.resolutions:
            body["fields"] = {"resolution": {"name": resolution}}
        self.rest.send("POST", f"{self.dialect.root}/issue/{segment(number)}/transitions", body)

    def screen(self, project: str, kind: str) -> list[Fields] | None:
        """Return the fields on the screen that issues of a kind are made with; None: no such kind."""
        root = f"/issue/createmeta/{segment(project)}/issuetypes"
        kinds = self.listed(root, ("issueTypes", "values"))
        wanted = kind.casefold()
        found = next((k for k in kinds if str(k.get("name", "")).casefold() == wanted), None)
        if found is None:
            return None
        path = f"{root}/{segment(text(found, 'id', self.rest.system))}"
        return self.listed(path, ("fields", "values"))

    def listed(self, path: str, names: Sequence[str]) -> list[Fields]:
        """Return a paged list that stands under one of `names` in its answers."""
        found: list[Fields] = []
        while True:
            query = [("startAt", str(len(found))), ("maxResults", str(_PAGE))]
            page = self._get(path, query)
            held = next((page[name] for name in names if name in page), None)
            part = rows(held, self.rest.system)
            found += part
            if not part or len(found) >= int(str(page.get("total", 0))):
                return found

    def get(self, path: str, query: Sequence[tuple[str, str]] = ()) -> object:
        """Return the JSON of any other path below the API's root."""
        return self.rest.get(self.dialect.root + path, query).value

    def _get(self, path: str, query: Sequence[tuple[str, str]] = ()) -> Fields:
        return row(self.get(path, query), self.rest.system)


def name_of(one: Fields) -> str:
    """Return the name by which a field of a screen is set."""
    return str(one.get("fieldId") or one.get("key"))


def category(issue: Fields, where: str) -> str:
    """Return the category of the issue's status ("new", "indeterminate", "done")."""
    status = row(row(issue.get("fields"), where).get("status"), where)
    return text(row(status.get("statusCategory"), where), "key", where)


def last_mover(issue: Fields, account_key: str) -> str:
    """Return the account that changed the issue's status last, empty if unknown."""
    log = issue.get("changelog")
    held = log.get("histories") if isinstance(log, dict) else None
    moved = [
        entry for entry in (held if isinstance(held, list) else [])
        if isinstance(entry, dict)
        and any(isinstance(i, dict) and i.get("field") == "status" for i in entry.get("items") or [])
    ]  # fmt: skip
    if not moved:
        return ""
    latest = max(moved, key=lambda entry: instant(str(entry.get("created", ""))) or _EPOCH)
    author = latest.get("author")
    return str(author.get(account_key) or "") if isinstance(author, dict) else ""


def _move(one: Fields) -> Move:
    target = row(one.get("to"), "Jira")
    screen = one.get("fields")
    fields = screen if isinstance(screen, dict) else {}
    asks = frozenset(
        name
        for name, spec in fields.items()
        if isinstance(spec, dict) and spec.get("required") and not spec.get("hasDefaultValue")
    )
    held = fields.get("resolution")
    allowed = held.get("allowedValues") if isinstance(held, dict) else None
    names = tuple(
        str(value.get("name"))
        for value in (allowed if isinstance(allowed, list) else [])
        if isinstance(value, dict)
    )
    kind = row(target.get("statusCategory"), "Jira")
    return Move(
        text(one, "id", "Jira"),
        text(target, "name", "Jira"),
        text(kind, "key", "Jira"),
        asks,
        names,
    )
