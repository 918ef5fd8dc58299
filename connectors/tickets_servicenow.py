"""Keeps tickets in ServiceNow: one incident (or other task) per case, known by its correlation_id.

Table API: https://www.servicenow.com/docs/ (REST API reference, c_TableAPI). An instance
drops the parts of a query that it does not understand and answers the rest, so every row
that comes back is compared with what was asked for, and an empty id is never asked for.
"""

from __future__ import annotations

import base64
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC
from pathlib import Path

from connectors.adf import clean
from connectors.http import Http, policy_of
from connectors.json_shape import row, rows, text
from connectors.rest import Rest, segment
from connectors.servicenow_tables import Table, table_of
from connectors.servicenow_text import (
    OURS,
    correlation_of,
    description,
    key_of,
    reason_of,
    restricted_note,
)
from correlate.errors import ConfigError, OffkeyError, Refused
from correlate.model import CaseKey
from correlate.ports import Setup
from correlate.secret import Secret
from correlate.ticket import Draft, TicketRef, TicketStatus

_ROOT = "/api/now/table"
_TITLE_MAX = 160
_READ = (
    "sys_id,number,state,correlation_id,correlation_display,parent,close_code,close_notes,"
    "resolved_by,closed_by,sys_created_on"
)
_WORDS_MAX = 60
_GIVEN = (
    "short_description", "description", "correlation_id", "correlation_display", "impact", "urgency",
    "assignment_group", "work_notes", "state", "number",
)  # fmt: skip
Fields = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Settings:
    """Signs in with `username` and `password`, or with an OAuth `token`, or with an `api_key`; then
    `username` still names the account, to tell its doings from people's.

    `ranks` gives impact and urgency per severity. `table` may be incident, sn_si_incident, sc_task or
    another of tasks; its states and codes are those of `servicenow_tables` unless given here.
    """

    base_url: str
    username: str
    password: Secret | None = None
    token: Secret | None = None
    api_key: Secret | None = None
    table: str = "incident"
    assignment_group: str = ""
    close_code: str = ""
    duplicate_code: str = ""
    resolved_state: str = ""
    ended_states: tuple[str, ...] = ()
    reopened_state: str = ""
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
        self._sort = _sort(settings)
        self._lock = threading.Lock()
        self._ids: dict[str, str] = {}

    def find(self, key: CaseKey) -> Sequence[TicketStatus]:
        """Return every incident whose correlation_id is the key's, oldest first."""
        wanted = correlation_of(key)
        query = [("sysparm_query", f"correlation_id={wanted}^ORDERBYsys_created_on")]
        found = list(self._rows(self._table, [*query, ("sysparm_fields", _READ)]))
        if any(one.get("correlation_id") != wanted for one in found):
            raise self._unbelieved()
        found.sort(key=_age)
        return [self._status(one) for one in found]

    def open(self, draft: Draft) -> TicketRef:
        """Make the incident. Unavailable without `retry_after`: it may have been made."""
        rank = self._settings.ranks.get(draft.severity, "3")
        body = {
            "impact": rank,
            "urgency": rank,
            **self._settings.fields,
            **self._texts(draft),
            "correlation_display": OURS,
        }
        if self._settings.assignment_group:
            name = self._settings.assignment_group
            body["assignment_group"] = self._id("sys_user_group", "name", name)
        if self._tells(draft):
            body["work_notes"], _ = restricted_note(draft.restricted)
        return self._ref(self._write("POST", self._table, body))

    def read(self, ref: TicketRef) -> TicketStatus:
        """Return the incident as it stands now."""
        return self._status(self._row(ref))

    def _row(self, ref: TicketRef) -> Fields:
        query = [*_RAW, ("sysparm_fields", _READ)]
        return self._result(self._rest.get(f"{self._table}/{segment(ref.id)}", query).value)

    def update(self, ref: TicketRef, draft: Draft) -> None:
        """Set title and text; add what is restricted once more only if it changed."""
        body = self._texts(draft)
        if self._tells(draft):
            note, mark = restricted_note(draft.restricted)
            if not self._noted(ref, mark):
                body["work_notes"] = note
        self._patch(ref, body)

    def close(self, ref: TicketRef, draft: Draft, reason: str) -> None:
        """Note the reason and resolve, in one write."""
        if not self.read(ref).open:
            return
        ending = self._ending(draft, reason, self._sort.close_code)
        self._patch(ref, {**ending, "correlation_id": correlation_of(draft.key)})

    def _ending(self, draft: Draft, reason: str, code: str) -> dict[str, str]:
        note = _witnessed(draft, reason)
        body = {
            "state": self._sort.resolved, "close_notes": reason_of(reason), "work_notes": note,
        }  # fmt: skip
        return {**body, "close_code": code} if code else body

    def reopen(self, ref: TicketRef, draft: Draft, reason: str) -> None:
        """Note the reason and take the incident up again, in one write.

        One that has ended for good (closed, cancelled) stays so: Refused.
        """
        state = str(self._row(ref).get("state"))
        if state in self._sort.ended:
            raise Refused(
                "an ended incident is not taken up again", where=f"{self.name} {ref.key}",
                why="its state does not allow it", fix="a new incident has to be opened",
            )  # fmt: skip
        if state == self._sort.resolved:
            note = _witnessed(draft, reason)
            self._patch(ref, {"state": self._sort.reopened, "work_notes": note})
        self.update(ref, draft)

    def texts(self) -> Iterator[tuple[TicketRef, str]]:
        """Yield the description, close notes and work notes of every task of ours."""
        query = [("sysparm_query", f"correlation_display={OURS}^ORDERBYsys_created_on")]
        fields = ("sysparm_fields", f"{_READ},description")
        for one in self._rows(self._table, [*query, fields]):
            if one.get("correlation_display") != OURS:
                raise self._unbelieved()
            ref = self._ref(one)
            for said in (one.get("description"), one.get("close_notes"), *self._notes_of(ref)):
                yield ref, str(said)

    def open_now(self) -> Iterable[tuple[CaseKey, TicketRef]]:
        """Yield the open tasks with a correlation_id of ours, oldest first."""
        ended = {self._sort.resolved, *self._sort.ended}
        states = ",".join(sorted(ended))
        query = f"correlation_display={OURS}^stateNOT IN{states}^ORDERBYsys_created_on"
        found = []
        for one in self._rows(self._table, [("sysparm_query", query), ("sysparm_fields", _READ)]):
            if one.get("correlation_display") != OURS or one.get("state") in ended:
                raise self._unbelieved()
            found.append(one)
        found.sort(key=_age)
        for one in found:
            key = key_of(str(one.get("correlation_id")))
            if key is not None:
                yield key, self._ref(one)

    def fold(self, ref: TicketRef, draft: Draft, into: TicketRef, reason: str) -> None:
        """Note the reason, name the other as parent, resolve and give up the key, in one write."""
        if self.read(ref).open:
            code = self._sort.duplicate_code or self._sort.close_code
            ending = self._ending(draft, reason, code)
            self._patch(ref, {**ending, "parent": into.id, "correlation_id": ""})

    def follow(self, ref: TicketRef, former: TicketRef) -> None:
        """Name the ended task that this one goes on from as its parent."""
        if self._row(ref).get("parent") != former.id:
            self._patch(ref, {"parent": former.id})

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
        yield from self._check_choices()
        yield from self._check_mandatory()

    def _check_choices(self) -> Iterator[str]:
        """Yield what we would set that the table does not offer, as far as its choices can be read."""
        sort, names = self._sort, "value,element,name"
        query = f"name={self._settings.table}^elementINstate,close_code^inactive=false"
        held = [
            (str(one.get("element")), str(one.get("value")))
            for one in self._rows(
                f"{_ROOT}/sys_choice", [("sysparm_query", query), ("sysparm_fields", names)]
            )
            if one.get("name") == self._settings.table
        ]
        wanted = {"state": (sort.resolved, sort.reopened), "close_code": (sort.close_code,)}
        wanted["close_code"] += (sort.duplicate_code,)
        for element, values in wanted.items():
            offered = {value for name, value in held if name == element}
            for value in dict.fromkeys(values):
                if offered and value and value not in offered:
                    yield f"{self.name}: there is no {element.replace('_', ' ')} {value}."

    def _check_mandatory(self) -> Iterator[str]:
        """Yield the fields without which no row can be made; many logins may not read the dictionary."""
        query = f"name={self._settings.table}^mandatory=true"
        asked = [
            ("sysparm_query", query),
            ("sysparm_fields", "name,element,mandatory,default_value"),
        ]
        given = {*self._settings.fields, *_GIVEN}
        try:
            for one in self._rows(f"{_ROOT}/sys_dictionary", asked):
                ours = one.get("name") == self._settings.table and one.get("mandatory") == "true"
                field_name = str(one.get("element") or "")
                if ours and field_name and not one.get("default_value") and field_name not in given:
                    yield f"{self.name}: field {clean(field_name)} is required; give it in `fields`."
        except Refused:
            return

    def _unbelieved(self) -> Refused:
        return Refused(
            "an answer was not believed", where=self.name,
            why="the instance ignored the query and gave other rows",
            fix="check that the table has correlation_id and that the login may read it",
        )  # fmt: skip

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
        texts = {
            "short_description": clean(draft.title)[:_TITLE_MAX],
            "description": description(draft),
            "correlation_id": correlation_of(draft.key),
        }
        if draft.due_at is not None:  # as stored: in UTC, where no display values are written
            texts["due_date"] = f"{draft.due_at.astimezone(UTC):%Y-%m-%d %H:%M:%S}"
        return texts

    def _tells(self, draft: Draft) -> bool:
        return bool(draft.restricted) and self._settings.show_person

    def _ref(self, one: Fields) -> TicketRef:
        number = text(one, "sys_id", self.name)
        base = self._settings.base_url.rstrip("/")
        link = f"{base}/nav_to.do?uri={self._settings.table}.do?sys_id={number}"
        return TicketRef(self.name, number, str(one.get("number") or number), link)

    def _status(self, one: Fields) -> TicketStatus:
        state = text(one, "state", self.name)
        ref = self._ref(one)
        if state not in (self._sort.resolved, *self._sort.ended):
            return TicketStatus(ref, open=True)
        resolver = str(one.get(self._sort.resolver) or "")
        ours = bool(resolver) and resolver == self._id(
            "sys_user", "user_name", self._settings.username
        )
        resolution = _resolution(one) or f"state {state}"
        return TicketStatus(ref, open=False, resolution=resolution, resolved_by_us=ours)


_RAW = (("sysparm_display_value", "false"), ("sysparm_exclude_reference_link", "true"))


def _sort(settings: Settings) -> Table:
    """Return how rows of the table end, as far as the settings leave it to what is known of it."""
    known = table_of(settings.table)
    return Table(
        settings.resolved_state or known.resolved,
        settings.ended_states or known.ended,
        settings.reopened_state or known.reopened,
        settings.close_code or known.close_code,
        settings.duplicate_code or known.duplicate_code,
        known.resolver,
    )


def _age(one: Fields) -> tuple[str, str]:
    return str(one.get("sys_created_on")), str(one.get("number"))


def _resolution(one: Fields) -> str:
    """Return the close notes where they are a few words, else the close code.

    Close codes are an instance's own and seldom say "risk accepted"; people write it.
    """
    notes = str(one.get("close_notes") or "").strip()
    few = notes and len(notes) <= _WORDS_MAX and "\n" not in notes
    return notes if few else str(one.get("close_code") or "")


def _witnessed(draft: Draft, reason: str) -> str:
    return f"{reason_of(reason)}\n{draft.witness}".rstrip()
