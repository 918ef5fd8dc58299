"""ServiceNow's Table API for incidents and other tasks, with Basic sign-in.

docs.servicenow.com, c_TableAPI: Link and X-Total-Count headers, sysparm_query,
sysparm_limit (10000 unless named), sysparm_offset, sysparm_fields, sysparm_display_value.
Journal fields are empty when read raw; their entries stand in sys_journal_field.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sample_data.simulators.encoded_query import select
from sample_data.simulators.incidents import (
    COLUMNS,
    JOURNALS,
    Denied,
    Incidents,
    Row,
)
from sample_data.simulators.messages import Request, Response, empty, reply
from sample_data.simulators.routing import Route, Service
from sample_data.simulators.task_tables import SORTS
from sample_data.simulators.world import World

_DEFAULT_LIMIT = 10000
_REFERENCES = {
    "assignment_group": "sys_user_group",
    "opened_by": "sys_user",
    "resolved_by": "sys_user",
    "closed_by": "sys_user",
}


def _failure(status: int, message: str, detail: str) -> Response:
    return reply({"error": {"message": message, "detail": detail}, "status": "failure"}, status)


def _guard(world: World, request: Request) -> Response | None:
    logins = world.plan.logins
    if request.basic == (logins.servicenow_user, logins.servicenow_password):
        return None
    refusal = _failure(401, "User Not Authenticated", "Required to provide Auth information")
    return refusal.plus(("WWW-Authenticate", 'BASIC realm="Service-now"'))


def _absent() -> Response:
    return _failure(
        404, "No Record found", "Record doesn't exist or ACL restricts the record retrieval"
    )


def _shown(site: Incidents, row: Row, request: Request) -> dict[str, Any]:
    """Return a row as asked for: all fields or some, raw values or display values or both."""
    wanted = [name for name in request.first("sysparm_fields").split(",") if name]
    mode = request.first("sysparm_display_value", "false")
    links = request.first("sysparm_exclude_reference_link", "false") != "true"
    names = wanted or [*row, *(JOURNALS if "number" in row else ())]
    shown: dict[str, Any] = {}
    for name in names:
        if name not in row and name not in JOURNALS:
            continue  # a field that there is not is left out without a word
        raw = "" if name in JOURNALS else row[name]
        display = _display(site, row, name)
        value: Any = display if mode == "true" else raw
        if mode == "all":
            value = {"display_value": display, "value": raw}
        elif links and name in _REFERENCES and raw:
            link = f"{request.base}/api/now/table/{_REFERENCES[name]}/{raw}"
            value = {"link": link, "value": raw}
        shown[name] = value
    return shown


def _display(site: Incidents, row: Row, name: str) -> str:
    if name == "state":
        return SORTS[row["sys_class_name"]].states.get(row[name], row[name])
    if name in JOURNALS:
        entries = [e for e in site.journal if e.record == row["sys_id"] and e.element == name]
        label = "Work notes" if name == "work_notes" else "Additional comments"
        newest_first = reversed(entries)
        return "".join(f"{e.at} - {e.by} ({label})\n{e.value}\n\n" for e in newest_first)
    return row[name]


def _list(world: World, request: Request) -> Response:
    site, name = world.servicenow, request.params["table"]
    rows = site.table(name)
    if rows is None:
        return _failure(400, f"Invalid table {name}", "null")
    columns = COLUMNS[name].difference(site.ignored)
    query = request.first("sysparm_query")
    if not query:
        pairs = [f"{k}={v[0]}" for k, v in request.query.items() if not k.startswith("sysparm_")]
        query = "^".join(pairs)
    found = select(rows, query, columns, strict=site.strict_queries)
    limit = request.number("sysparm_limit", _DEFAULT_LIMIT)
    offset = request.number("sysparm_offset", 0)
    page = [_shown(site, row, request) for row in found[offset : offset + limit]]
    answer = reply({"result": page})
    if request.first("sysparm_no_count") != "true":
        answer = answer.plus(("X-Total-Count", str(len(found))))
    return answer.plus(*_links(request, offset, limit, len(found)))


def _links(request: Request, offset: int, limit: int, total: int) -> tuple[tuple[str, str], ...]:
    kept = [
        f"{part}"
        for part in request.target.partition("?")[2].split("&")
        if part and not part.startswith(("sysparm_offset=", "sysparm_limit="))
    ]

    def link(start: int, rel: str) -> str:
        query = "&".join([*kept, f"sysparm_limit={limit}", f"sysparm_offset={start}"])
        return f'<{request.base}{request.path}?{query}>;rel="{rel}"'

    last = max(0, (total - 1) // limit * limit) if limit else 0
    links = [link(0, "first")]
    if offset > 0:
        links.append(link(max(0, offset - limit), "prev"))
    if offset + limit < total:
        links.append(link(offset + limit, "next"))
    links.append(link(last, "last"))
    return (("Link", ",".join(links)),) if total > limit or offset else ()


def _read(world: World, request: Request) -> Response:
    rows = world.servicenow.table(request.params["table"]) or ()
    row = next((row for row in rows if row["sys_id"] == request.params["id"]), None)
    if row is None:
        return _absent()
    return reply({"result": _shown(world.servicenow, row, request)})


def _values(request: Request, site: Incidents) -> Mapping[str, str]:
    """Return the written values as texts; a group given by its name is looked up only when
    the request says that it writes display values.
    """
    values = {name: _text(value) for name, value in request.json().items()}
    group = values.get("assignment_group", "")
    if group and request.first("sysparm_input_display_value") == "true":
        ids = [row["sys_id"] for row in site.table("sys_user_group") or () if row["name"] == group]
        values["assignment_group"] = ids[0] if ids else ""
    return values


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def _create(world: World, request: Request) -> Response:
    site = world.servicenow
    table = request.params["table"]
    if table not in SORTS:
        return _failure(403, "Operation Failed", "ACL Exception Insert Failed")
    try:
        row = site.create(_values(request, site), site.account, table)
    except Denied as denied:
        return _failure(403, "Operation Failed", str(denied))
    place = f"{request.base}/api/now/table/{table}/{row['sys_id']}"
    made = reply({"result": _shown(site, row, request)}, 201, ("Location", place))
    return replace(made, created=True)


def _change(world: World, request: Request) -> Response:
    site = world.servicenow
    try:
        row = site.change(request.params["id"], _values(request, site), site.account)
    except KeyError:
        return _absent()
    except Denied as denied:
        return _failure(403, "Operation Failed", str(denied))
    return reply({"result": _shown(site, row, request)})


def _missing(_world: World, request: Request) -> Response:
    if request.method == "DELETE":
        return empty(403)
    text = f"Requested URI does not represent any resource: {request.path}"
    return _failure(400, text, "null")


SERVICE = Service(
    "servicenow",
    (
        Route("GET", "/api/now/table/{table}", _list),
        Route("POST", "/api/now/table/{table}", _create),
        Route("GET", "/api/now/table/{table}/{id}", _read),
        Route("PATCH", "/api/now/table/{table}/{id}", _change),
        Route("PUT", "/api/now/table/{table}/{id}", _change),
    ),
    guard=_guard,
    missing=_missing,
)
