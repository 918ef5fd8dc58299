"""Keeps tickets in Jira: one issue per case, known by a label it carries from its first byte.

A label of letters and digits is found exactly; a text search would tokenise it. Whether an
issue is open is judged by its status category, since a resolution may be absent.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC
from pathlib import Path

from connectors.adf import clean
from connectors.http import Http, policy_of
from connectors.jira_site import (
    Cloud,
    DataCenter,
    Fields,
    Move,
    Site,
    category,
    last_mover,
    name_of,
)
from connectors.json_shape import row, rows, text
from connectors.rest import Rest, segment
from correlate.errors import ConfigError, OffkeyError, Refused
from correlate.model import CaseKey
from correlate.ports import Setup
from correlate.secret import Secret
from correlate.ticket import Block, Draft, Paragraph, TicketRef, TicketStatus

_KEY = re.compile(r"[A-Za-z0-9]{1,200}")
_SUMMARY_MAX = 255
_OURS = "offkey"
_STEPS = 4  # how many transitions may lie between any state and "done"
_DONE = ("done", "resolved", "closed")
_RIGHTS = (
    "BROWSE_PROJECTS", "CREATE_ISSUES", "EDIT_ISSUES", "ADD_COMMENTS", "TRANSITION_ISSUES",
    "LINK_ISSUES",
)  # fmt: skip
_GIVEN = frozenset({"project", "issuetype", "summary", "description", "labels", "reporter"})


@dataclass(frozen=True, slots=True)
class Settings:
    """`deployment` is "cloud" (e-mail and API token) or "datacenter" (personal access token).

    A scoped Cloud token needs `base_url` https://api.atlassian.com/ex/jira/CLOUD-ID, and then
    `site_url` for the links people open. `fields` are values for custom fields that the
    project demands: a text, or JSON where it begins with a bracket ('{"value": "Identity"}'). `close_status` and `reopen_status` name the status to go to where the
    workflow offers several. Without `show_person` the leaver is not named. `security_level` is
    the id of the level that tickets are made with; what is restricted of a sensitive case is left out
    where none is set, for a description is read by all who see the project. A ticket that doubles
    another is closed with `duplicate_resolution` where the workflow has it.
    """

    base_url: str
    project: str
    token: Secret
    email: str = ""
    deployment: str = "cloud"
    site_url: str = ""
    issue_type: str = "Task"
    resolution: str = "Done"
    duplicate_resolution: str = "Duplicate"
    duplicate_link: str = "Duplicate"
    follow_link: str = "Relates"
    close_status: str = ""
    reopen_status: str = ""
    priorities: Mapping[str, str] = field(default_factory=dict)
    fields: Mapping[str, str] = field(default_factory=dict)
    security_level: str = ""
    show_person: bool = True
    internal_hosts: tuple[str, ...] = ()
    proxy: str = ""
    ca_file: Path | None = None
    timeout_s: float = 30.0


def connect(settings: Settings, setup: Setup) -> JiraTickets:
    """Return the sink; raises ConfigError for a deployment that is none."""
    where = f"tickets.{setup.name}"
    if settings.deployment not in ("cloud", "datacenter"):
        raise ConfigError(
            "an unknown deployment", where=f"{where}.deployment", why="it names no Jira product",
            fix="use cloud or datacenter",
        )  # fmt: skip
    try:
        _ = [_value(held) for held in settings.fields.values()]
    except ValueError:
        raise ConfigError(
            "a field's value is not JSON", where=f"{where}.fields", why="it begins with a bracket",
            fix="mend the JSON",
        ) from None  # fmt: skip
    cloud = settings.deployment == "cloud"
    if cloud and not settings.email:
        raise ConfigError(
            "a setting is missing", where=f"{where}.email", why="Cloud signs in with it",
            fix="name the account that the token belongs to",
        )  # fmt: skip
    pair = f"{settings.email}:{settings.token.reveal()}"
    login = (
        "Basic " + base64.b64encode(pair.encode()).decode()
        if cloud
        else "Bearer " + settings.token.reveal()
    )
    http = Http(policy_of(settings))
    rest = Rest(
        http,
        settings.base_url,
        setup.name,
        secrets={"Authorization": Secret(login)},
        forbidden_means_login=False,
    )
    return JiraTickets(setup.name, settings, Site(rest, Cloud() if cloud else DataCenter()))


class JiraTickets:
    """Every verb may be repeated. A POST is never sent twice by itself."""

    def __init__(self, name: str, settings: Settings, site: Site) -> None:
        self.name = name
        self._settings, self._site = settings, site
        self._lock = threading.Lock()
        self._me = ""
        self._made: list[str] = []  # ids that the search index may not know yet
        self._screen: frozenset[str] | None = None

    def find(self, key: CaseKey) -> Sequence[TicketStatus]:
        """Return every issue labelled with the key, oldest first."""
        label = _label(key)
        jql = f'labels = "{label}" ORDER BY created ASC'
        with self._lock:
            fresh = tuple(self._made)
        rest, fields = self._site.rest, "status,resolution,labels"
        found = list(self._site.dialect.search(rest, jql, fields, fresh))
        ours = [issue for issue in found if label in _labels(issue)]
        numbers = sorted(int(text(issue, "id", self.name)) for issue in ours)
        return [self._status(self._site.issue(str(number))) for number in numbers]

    def open(self, draft: Draft) -> TicketRef:
        """Make the issue. Unavailable without `retry_after`: it may have been made."""
        settings, label = self._settings, _label(draft.key)
        fields: dict[str, object] = {
            "project": {"key": settings.project},
            "issuetype": {"name": settings.issue_type},
            "labels": [_OURS, label],
            **{name: _value(text) for name, text in settings.fields.items()},
            **self._texts(draft),
        }
        priority = settings.priorities.get(draft.severity, "")
        if priority:
            fields["priority"] = {"name": priority}
        if settings.security_level:
            fields |= self._security()
        fields |= self._due(draft)
        made = self._site.create(fields)
        with self._lock:
            self._made.append(text(made, "id", self.name))
        return self._ref(made)

    def read(self, ref: TicketRef) -> TicketStatus:
        """Return the issue as it stands now."""
        return self._status(self._site.issue(ref.id))

    def update(self, ref: TicketRef, draft: Draft) -> None:
        """Set title and text; of a sensitive case the security level first, before the text."""
        label = _label(draft.key)
        if draft.sensitive and self._settings.security_level:
            self._site.edit(ref.id, self._security(), label)
        self._site.edit(ref.id, {**self._texts(draft), **self._due(draft)}, label)

    def close(self, ref: TicketRef, draft: Draft, reason: str) -> None:
        """Comment the reason and move the issue to a status that counts as done."""
        if self.read(ref).open:
            self._comment(ref, draft, reason)
            self._finish(ref, self._settings.resolution)

    def _finish(self, ref: TicketRef, wanted: str) -> None:
        """Move an issue to a status that counts as done, with the resolution that is wanted."""
        seen = set[str]()
        for _ in range(_STEPS):
            moves = self._site.moves(ref.id)
            move = self._closing(moves)
            if move is not None:
                given = wanted if wanted in move.resolutions else self._resolution(move)
                self._site.go(ref.id, move, given)
                return
            step = next((m for m in moves if not m.asks and m.target not in seen), None)
            if step is None:
                break
            seen.add(step.target)
            self._site.go(ref.id, step, self._settings.resolution)
        raise self._stuck(ref, "close")

    def reopen(self, ref: TicketRef, draft: Draft, reason: str) -> None:
        """Comment the reason, move the issue out of "done" and bring its text up to date."""
        self._comment(ref, draft, reason)
        if not self.read(ref).open:
            wanted = self._settings.reopen_status.casefold()
            moves = [m for m in self._site.moves(ref.id) if m.category != "done" and not m.asks]
            named = [m for m in moves if m.target.casefold() == wanted] if wanted else moves
            if not named:
                raise self._stuck(ref, "reopen")
            # "new" before "indeterminate": somebody has to take it up again
            named.sort(key=lambda move: move.category != "new")
            self._site.go(ref.id, named[0], self._settings.resolution)
        self.update(ref, draft)

    def texts(self) -> Iterator[tuple[TicketRef, str]]:
        """Yield the descriptions and comments of every issue with our label, of whatever project."""
        jql = f'labels = "{_OURS}" ORDER BY created ASC'
        for issue in self._site.dialect.search(self._site.rest, jql, "labels", ()):
            if _OURS in _labels(issue):
                ref = self._ref(issue)
                for text in (*self._site.descriptions(ref.id), *self._site.comments(ref.id)):
                    yield ref, text

    def open_now(self) -> Iterable[tuple[CaseKey, TicketRef]]:
        """Yield the open issues with a label of ours, oldest first, as far as the index knows them."""
        jql = 'labels = "offkey" AND statusCategory != Done ORDER BY created ASC'
        found = list(self._site.dialect.search(self._site.rest, jql, "status,labels", ()))
        found.sort(key=lambda issue: int(text(issue, "id", self.name)))
        for issue in found:
            if category(issue, self.name) == "done":
                continue
            for label in _labels(issue):
                if label.startswith("offkey") and _KEY.fullmatch(label.removeprefix("offkey")):
                    yield CaseKey(label.removeprefix("offkey")), self._ref(issue)

    def fold(self, ref: TicketRef, draft: Draft, into: TicketRef, reason: str) -> None:
        """Comment, link, close as a duplicate, and last take the label off."""
        self._comment(ref, draft, reason)
        self._link(self._settings.duplicate_link, ref, into)
        if self.read(ref).open:
            self._finish(ref, self._settings.duplicate_resolution)
        self._site.unlabel(ref.id, _label(draft.key))

    def follow(self, ref: TicketRef, former: TicketRef) -> None:
        """Link an issue to the closed one that it goes on from."""
        self._link(self._settings.follow_link, ref, former)

    def _link(self, kind: str, ref: TicketRef, to: TicketRef) -> None:
        if kind:
            # the other's key stands in the text too: a site without links has that, and `check` says so
            with suppress(Refused):
                self._site.link(kind, ref.id, to.id)

    def check(self) -> Iterable[str]:
        """Yield what the site or the login lacks."""
        try:
            yield from self._check()
        except OffkeyError as error:
            yield str(error)

    def _check(self) -> Iterator[str]:
        info = row(self._site.get("/serverInfo"), self.name)
        cloud = str(info.get("deploymentType", "")).casefold() == "cloud"
        if cloud != (self._settings.deployment == "cloud"):
            yield f"{self.name}: the site is not Jira {self._settings.deployment}; set `deployment`."
            return
        self._own()
        project = self._settings.project
        self._site.get(f"/project/{segment(project)}")
        query = [("projectKey", project), ("permissions", ",".join(_RIGHTS))]
        held = row(self._site.get("/mypermissions", query), self.name)
        rights = row(held.get("permissions"), self.name)
        for right in _RIGHTS:
            given = rights.get(right)
            if not (isinstance(given, dict) and given.get("havePermission")):
                yield f"{self.name}: the login lacks {right} in project {project}."
        yield from self._check_fields(project)

    def _check_fields(self, project: str) -> Iterator[str]:
        screen = self._site.screen(project, self._settings.issue_type)
        if screen is None:
            yield f"{self.name}: project {project} has no issue type {self._settings.issue_type}."
            return
        for one in screen:
            name = name_of(one)
            given = name in _GIVEN or name in self._settings.fields
            if one.get("required") and not one.get("hasDefaultValue") and not given:
                yield f"{self.name}: field {clean(name)} is required; give it in `fields`."
        names = [str(r.get("name")) for r in rows(self._site.get("/resolution"), self.name)]
        for wanted in (self._settings.resolution, self._settings.duplicate_resolution):
            if wanted and wanted not in names:
                yield f"{self.name}: there is no resolution {wanted}."
        held = row(self._site.get("/issueLinkType"), self.name)
        sorts = {str(one.get("name")) for one in rows(held.get("issueLinkTypes"), self.name)}
        for wanted in (self._settings.duplicate_link, self._settings.follow_link):
            if wanted and wanted not in sorts:
                yield f"{self.name}: there is no link type {wanted}."

    def _own(self) -> str:
        with self._lock:
            if not self._me:
                self._me = self._site.me()
            return self._me

    def _texts(self, draft: Draft) -> dict[str, object]:
        apart = bool(self._settings.security_level) or not draft.sensitive
        shown = draft.restricted if self._settings.show_person and apart else ()
        blocks = [*draft.body, *shown]
        return {
            "summary": clean(draft.title)[:_SUMMARY_MAX],
            "description": self._site.dialect.rich(blocks, draft.witness),
        }

    def _due(self, draft: Draft) -> dict[str, object]:
        """Return the due date, a day in UTC, where the project's screen has one."""
        if draft.due_at is None:
            return {}
        with self._lock:
            if self._screen is None:
                named = self._site.screen(self._settings.project, self._settings.issue_type) or ()
                self._screen = frozenset(name_of(one) for one in named)
            shown = "duedate" in self._screen
        return {"duedate": f"{draft.due_at.astimezone(UTC):%Y-%m-%d}"} if shown else {}

    def _security(self) -> dict[str, object]:
        return {"security": {"id": self._settings.security_level}}

    def _comment(self, ref: TicketRef, draft: Draft, reason: str) -> None:
        """Add the reason, once: its mark tells a repeated attempt that it is there."""
        mark = "offkey" + hashlib.sha256(f"{draft.key}\x00{reason}".encode()).hexdigest()[:16]
        blocks: list[Block] = [Paragraph(line) for line in reason.splitlines() if line.strip()]
        said = [*blocks, Paragraph(f"Reference {mark}")]
        self._site.comment_once(ref.id, said, mark, draft.witness)

    def _closing(self, moves: Sequence[Move]) -> Move | None:
        fit = [m for m in moves if m.category == "done" and m.asks <= {"resolution"}]
        order = {name: place for place, name in enumerate(_DONE)}
        if self._settings.close_status:
            order[self._settings.close_status.casefold()] = -1
        fit.sort(key=lambda move: order.get(move.target.casefold(), len(_DONE)))
        return fit[0] if fit else None

    def _resolution(self, move: Move) -> str:
        wanted = self._settings.resolution
        if move.resolutions and wanted not in move.resolutions:
            raise Refused(
                "a ticket was not closed", where=self.name, why="its screen lacks our resolution",
                fix=f"allow {wanted} there, or set `resolution`",
            )  # fmt: skip
        return wanted

    def _stuck(self, ref: TicketRef, what: str) -> Refused:
        return Refused(
            f"the workflow offers no way to {what} a ticket", where=f"{self.name} {ref.key}",
            why="no transition without further required fields leads there",
            fix="give the login a transition, or set `close_status` and `reopen_status`",
        )  # fmt: skip

    def _ref(self, issue: Fields) -> TicketRef:
        key = text(issue, "key", self.name)
        site = (self._settings.site_url or self._settings.base_url).rstrip("/")
        return TicketRef(self.name, text(issue, "id", self.name), key, f"{site}/browse/{key}")

    def _status(self, issue: Fields) -> TicketStatus:
        ref = self._ref(issue)
        if category(issue, self.name) != "done":
            return TicketStatus(ref, open=True)
        fields = row(issue.get("fields"), self.name)
        held = fields.get("resolution") or fields.get("status")
        resolution = text(row(held, self.name), "name", self.name)
        mover = last_mover(issue, self._site.dialect.account_key)
        return TicketStatus(
            ref, open=False, resolution=resolution, resolved_by_us=mover == self._own()
        )


def _value(held: str) -> object:
    value: object = json.loads(held) if held.lstrip().startswith(("{", "[")) else held
    return value


def _label(key: CaseKey) -> str:
    if not _KEY.fullmatch(key):
        raise Refused(
            "a case key cannot be a label", where="tickets", why="it is empty or has other marks",
            fix="report this: case keys are letters and digits",
        )  # fmt: skip
    return "offkey" + key


def _labels(issue: Fields) -> Sequence[str]:
    fields = issue.get("fields")
    held = fields.get("labels") if isinstance(fields, dict) else None
    return [str(label) for label in held] if isinstance(held, list) else []
