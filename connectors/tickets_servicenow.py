"""Keeps tickets in ServiceNow: one incident per case, known by its correlation_id.

Table API: https://www.servicenow.com/docs/ (REST API reference, c_TableAPI). An instance
drops the parts of a query that it does not understand and answers the rest, so every row
that comes back is compared with what was asked for, and an empty id is never asked for.
"""

from __future__ import annotations

import base64
import hashlib
import re
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from connectors.adf import clean, lines
from connectors.http import Http, policy_of
from connectors.json_shape import row, rows, text
from connectors.rest import Rest, segment
from correlate.errors import ConfigError, OffkeyError, Refused
from correlate.model import CaseKey
from correlate.ports import Setup
from correlate.secret import Secret
from correlate.ticket import Block, Draft, TicketRef, TicketStatus

_ROOT = "/api/now/table"
_KEY = re.compile(r"[A-Za-z0-9]{1,90}")
_TITLE_MAX = 160
_TEXT_MAX = 3_900  # a description holds 4,000 characters unless the instance says otherwise
_READ = "sys_id,number,state,correlation_id,close_code,close_notes,resolved_by,sys_created_on"
_WORDS_MAX = 60
Fields = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Settings:
    """Signs in with `username` and `password`, or with an OAuth `token`, or with an `api_key`; then
    `username` still names the account, to tell its doings from people's.

    `ranks` gives impact and urgency per severity. The states are those of the incident
    table; another table, or an instance that renumbered them, needs its own.
    """

    base_url: str
    username: str
    password: Secret | None = None
    token: Secret | None = None
    api_key: Secret | None = None
    table: str = "incident"
    assignment_group: str = ""
    close_code: str = "Solution provided"
    resolved_state: str = "6"
    ended_states: tuple[str, ...] = ("7", "8")
    reopened_state: str = "2"
    ranks: Mapping[str, str] = field(
        default_factory=lambda: {"critical": "1", "high": "2", "medium": "3", "low": "3"}
    )
    fields: Mapping[str, str] = field(default_factory=dict)
    show_person: bool = True
    internal_hosts: tuple[str, ...] = ()
    proxy: str = ""
    ca_file: Path | None = None
    timeout_s: float = 30.0


def connect(settings: Settings, setup: Setup) -> ServiceNowTickets:
    """Return the sink; raises ConfigError unless there is exactly one way to sign in."""
    given = [s for s in (settings.password, settings.token, settings.api_key) if s is not None]
    if len(given) != 1 or not settings.username:
        raise ConfigError(
            "no single way to sign in", where=f"tickets.{setup.name}",
            why="`username` and one of `password`, `token`, `api_key` are needed",
            fix="give exactly these",
        )  # fmt: skip
    policy = policy_of(settings)
    rest = Rest(
        Http(policy),
        settings.base_url,
        setup.name,
        secrets=_login(settings),
        forbidden_means_login=False,  # data policies and rules answer 403 to one request
    )
    return ServiceNowTickets(setup.name, settings, rest)


def _login(settings: Settings) -> Mapping[str, Secret]:
    if settings.api_key is not None:
        return {"x-sn-apikey": settings.api_key}
    if settings.token is not None:
        return {"Authorization": Secret("Bearer " + settings.token.reveal())}
    password = settings.password.reveal() if settings.password is not None else ""
    pair = base64.b64encode(f"{settings.username}:{password}".encode()).decode()
    return {"Authorization": Secret("Basic " + pair)}


class ServiceNowTickets:
    """Every verb may be repeated. What names the leaver goes into work notes only."""

    def __init__(self, name: str, settings: Settings, rest: Rest) -> None:
        self.name = name
        self._settings, self._rest = settings, rest
        self._table = f"{_ROOT}/{segment(settings.table)}"
        self._lock = threading.Lock()
        self._ids: dict[str, str] = {}

    def find(self, key: CaseKey) -> Sequence[TicketStatus]:
        """Return every incident whose correlation_id is the key's, oldest first."""
        wanted = _correlation(key)
        query = [("sysparm_query", f"correlation_id={wanted}^ORDERBYsys_created_on")]
        found = list(self._rows(self._table, [*query, ("sysparm_fields", _READ)]))
        if any(one.get("correlation_id") != wanted for one in found):
            raise Refused(
                "an answer was not believed", where=self.name,
                why="the instance ignored the query and gave other rows",
                fix="check that the table has correlation_id and that the login may read it",
            )  # fmt: skip
        found.sort(key=lambda one: (str(one.get("sys_created_on")), str(one.get("number"))))
        return [self._status(one) for one in found]

    def open(self, draft: Draft) -> TicketRef:
        """Make the incident. Unavailable without `retry_after`: it may have been made."""
        rank = self._settings.ranks.get(draft.severity, "3")
        body = {
            "impact": rank,
            "urgency": rank,
            **self._settings.fields,
            **self._texts(draft),
            "correlation_display": "offkey",
        }
        if self._settings.assignment_group:
            name = self._settings.assignment_group
            body["assignment_group"] = self._id("sys_user_group", "name", name)
        notes = self._notes(draft)
        if notes:
            body["work_notes"] = notes
        return self._ref(self._write("POST", self._table, body))

    def read(self, ref: TicketRef) -> TicketStatus:
        """Return the incident as it stands now."""
        query = [*_RAW, ("sysparm_fields", _READ)]
        answer = self._rest.get(f"{self._table}/{segment(ref.id)}", query)
        return self._status(self._result(answer.value))

    def update(self, ref: TicketRef, draft: Draft) -> None:
        """Set title and text; add what is restricted once more only if it changed."""
        body = self._texts(draft)
        notes = self._notes(draft)
        if notes and not self._noted(ref, _mark(draft.restricted)):
            body["work_notes"] = notes
        self._patch(ref, body)

    def close(self, ref: TicketRef, draft: Draft, reason: str) -> None:
        """Note the reason and resolve, in one write."""
        if not self.read(ref).open:
            return
        said = _plain(reason)
        self._patch(
            ref,
            {
                "state": self._settings.resolved_state,
                "close_code": self._settings.close_code,
                "close_notes": said,
                "work_notes": f"{said}\n{draft.witness}".rstrip(),
                "correlation_id": _correlation(draft.key),
            },
        )

    def reopen(self, ref: TicketRef, draft: Draft, reason: str) -> None:
        """Note the reason and take the incident up again, in one write.

        One that has ended for good (closed, cancelled) stays so: Refused.
        """
        answer = self._rest.get(
            f"{self._table}/{segment(ref.id)}", [*_RAW, ("sysparm_fields", _READ)]
        )
        state = str(self._result(answer.value).get("state"))
        if state in self._settings.ended_states:
            raise Refused(
                "an ended incident is not taken up again", where=f"{self.name} {ref.key}",
                why="its state does not allow it", fix="a new incident has to be opened",
            )  # fmt: skip
        if state == self._settings.resolved_state:
            said = f"{_plain(reason)}\n{draft.witness}".rstrip()
            body = {"state": self._settings.reopened_state, "work_notes": said}
            self._patch(ref, body)
        self.update(ref, draft)

    def texts(self) -> Iterator[tuple[TicketRef, str]]:
        """Yield the description, close notes and work notes of every incident of ours."""
        query = [("sysparm_query", "correlation_idSTARTSWITHoffkey^ORDERBYsys_created_on")]
        fields = ("sysparm_fields", f"{_READ},description")
        for one in self._rows(self._table, [*query, fields]):
            if str(one.get("correlation_id")).startswith("offkey"):
                ref = self._ref(one)
                for said in (one.get("description"), one.get("close_notes"), *self._notes_of(ref)):
                    yield ref, str(said)

    def check(self) -> Iterable[str]:
        """Yield what the instance or the login lacks."""
        try:
            yield from self._check()
        except OffkeyError as error:
            yield str(error)

    def _check(self) -> Iterator[str]:
        self.find(CaseKey("check"))
        self._id("sys_user", "user_name", self._settings.username)
        if self._settings.assignment_group:
            self._id("sys_user_group", "name", self._settings.assignment_group)
        query = f"name={self._settings.table}^element=close_code^inactive=false"
        held = self._rows(
            f"{_ROOT}/sys_choice", [("sysparm_query", query), ("sysparm_fields", "value,element")]
        )
        codes = {str(one.get("value")) for one in held if one.get("element") == "close_code"}
        if codes and self._settings.close_code not in codes:
            yield f"{self.name}: there is no close code {self._settings.close_code}."

    def _rows(self, path: str, query: Sequence[tuple[str, str]]) -> Iterator[Fields]:
        """Yield the rows of all pages: a short or empty page is not the end, the Link header is."""
        for page in self._rest.pages(path, [*query, *_RAW, ("sysparm_limit", "500")]):
            yield from rows(row(page.value, self.name).get("result"), self.name)

    def _id(self, table: str, column: str, value: str) -> str:
        """Return the sys_id of the one row that has this value; Refused for none or several."""
        with self._lock:
            if value in self._ids:
                return self._ids[value]
        if not value or "^" in value:
            raise self._ambiguous(table)
        query = [("sysparm_query", f"{column}={value}"), ("sysparm_fields", f"sys_id,{column}")]
        found = [one for one in self._rows(f"{_ROOT}/{table}", query) if one.get(column) == value]
        if len(found) != 1:
            raise self._ambiguous(table)
        number = text(found[0], "sys_id", self.name)
        with self._lock:
            self._ids[value] = number
        return number

    def _ambiguous(self, table: str) -> Refused:
        return Refused(
            "a name does not lead to one record", where=f"{self.name}, {table}",
            why="no row or several rows have it", fix="use a name that stands there once",
        )  # fmt: skip

    def _write(self, method: str, path: str, body: Mapping[str, str]) -> Fields:
        return self._result(self._rest.send(method, path, dict(body), _RAW).value)

    def _patch(self, ref: TicketRef, body: Mapping[str, str]) -> None:
        """Write, and read back what was kept: names of no field are dropped without a word."""
        kept = self._write("PATCH", f"{self._table}/{segment(ref.id)}", body)
        if "state" in body and kept.get("state", body["state"]) != body["state"]:
            raise Refused(
                "a state was not taken", where=f"{self.name} {ref.key}",
                why="the instance kept another one", fix="check its business rules",
            )  # fmt: skip

    def _result(self, value: object) -> Fields:
        return row(row(value, self.name).get("result"), self.name)

    def _noted(self, ref: TicketRef, mark: str) -> bool:
        return any(mark in said for said in self._notes_of(ref))

    def _notes_of(self, ref: TicketRef) -> Iterator[str]:
        query = f"element_id={ref.id}^element=work_notes"
        entries = self._rows(
            f"{_ROOT}/sys_journal_field",
            [("sysparm_query", query), ("sysparm_fields", "element_id,value")],
        )
        return (str(one.get("value")) for one in entries if one.get("element_id") == ref.id)

    def _texts(self, draft: Draft) -> dict[str, str]:
        return {
            "short_description": clean(draft.title)[:_TITLE_MAX],
            "description": _disarmed("\n".join(lines(draft.body, _TEXT_MAX, draft.witness))),
            "correlation_id": _correlation(draft.key),
        }

    def _notes(self, draft: Draft) -> str:
        if not (draft.restricted and self._settings.show_person):
            return ""
        said = "\n".join(lines(draft.restricted, _TEXT_MAX))
        return _disarmed(f"{said}\nReference {_mark(draft.restricted)}")

    def _ref(self, one: Fields) -> TicketRef:
        number = text(one, "sys_id", self.name)
        base = self._settings.base_url.rstrip("/")
        link = f"{base}/nav_to.do?uri={self._settings.table}.do?sys_id={number}"
        return TicketRef(self.name, number, str(one.get("number") or number), link)

    def _status(self, one: Fields) -> TicketStatus:
        state = text(one, "state", self.name)
        ref = self._ref(one)
        if state not in (self._settings.resolved_state, *self._settings.ended_states):
            return TicketStatus(ref, open=True)
        resolver = str(one.get("resolved_by") or "")
        ours = bool(resolver) and resolver == self._id(
            "sys_user", "user_name", self._settings.username
        )
        resolution = _resolution(one) or f"state {state}"
        return TicketStatus(ref, open=False, resolution=resolution, resolved_by_us=ours)


_RAW = (("sysparm_display_value", "false"), ("sysparm_exclude_reference_link", "true"))


def _resolution(one: Fields) -> str:
    """Return the close notes where they are a few words, else the close code.

    Close codes are an instance's own and seldom say "risk accepted"; people write it.
    """
    notes = str(one.get("close_notes") or "").strip()
    few = notes and len(notes) <= _WORDS_MAX and "\n" not in notes
    return notes if few else str(one.get("close_code") or "")


def _correlation(key: CaseKey) -> str:
    if not _KEY.fullmatch(key):
        raise Refused(
            "a case key cannot be a correlation id", where="tickets",
            why="it is empty or has other marks", fix="report this: keys are letters and digits",
        )  # fmt: skip
    return "offkey" + key


def _mark(blocks: Iterable[Block]) -> str:
    said = "\n".join(lines(blocks, _TEXT_MAX))
    return "offkey" + hashlib.sha256(said.encode()).hexdigest()[:16]


def _plain(reason: str) -> str:
    kept = [clean(line) for line in reason.splitlines() if line.strip()]
    return _disarmed("\n".join(kept)[:_TEXT_MAX]) or "offkey"


def _disarmed(said: str) -> str:
    """Journal fields show what stands between [code] tags as HTML."""
    return re.sub(r"\[(/?code)", r"[ \1", said, flags=re.IGNORECASE)
