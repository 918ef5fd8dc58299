"""The Jira calls that Cloud (REST v3) and Data Center (REST v2) have in common.

developer.atlassian.com/cloud/jira/platform/rest/v3 and
developer.atlassian.com/server/jira/platform/rest: issue, comment, transitions, project,
createmeta by project and type, mypermissions, myself, resolution.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from sample_data.simulators import issue_view as view
from sample_data.simulators.issue_fields import ISSUE_TYPES, PRIORITIES, checked, text_fault
from sample_data.simulators.issues import LINK_TYPES, RESOLUTIONS, Issue, Issues, Transition
from sample_data.simulators.messages import Request, Response, empty, reply
from sample_data.simulators.routing import Route
from sample_data.simulators.world import World

Site = Callable[[World], Issues]
SiteAnswer = Callable[[Issues, Request], Response]
NO_ISSUE = "Issue does not exist or you do not have permission to see it."
_BAD_MOVE = (
    "It seems that you have tried to perform a workflow operation that is not valid for the "
    "current state of this issue. It is likely that somebody has changed the issue recently, "
    "please look at the issue history for details."
)


def _create(site: Issues, request: Request) -> Response:
    fields, errors = checked(site, request.json().get("fields") or {}, new=True)
    if "CREATE_ISSUES" in site.forbidden:
        errors = {"project": "You do not have permission to create issues in this project."}
    if errors:
        return view.refused(errors=errors)
    made = site.create(fields, site.email)
    row = {"id": made.id, "key": made.key, "self": f"{view.api(site, request)}/issue/{made.id}"}
    return replace(reply(row, 201), created=True)


def _with_issue(
    answer: Callable[[Issues, Request, Issue], Response],
) -> SiteAnswer:
    def found(site: Issues, request: Request) -> Response:
        issue = site.find(request.params["issue"])
        if issue is None:
            return view.refused(NO_ISSUE, status=404)
        return answer(site, request, issue)

    return found


def wanted_fields(request: Request, default: str) -> list[str]:
    """Return the names of a `fields` parameter, split at commas."""
    return [name for name in request.first("fields", default).split(",") if name]


def _read(site: Issues, request: Request, issue: Issue) -> Response:
    return reply(view.issue(site, issue, request, wanted_fields(request, "*all")))


def _edit(site: Issues, request: Request, issue: Issue) -> Response:
    body = request.json()
    fields = dict(body.get("fields") or {})
    for change in (body.get("update") or {}).get("labels", []):
        labels = set(fields.get("labels", issue.fields.get("labels", [])))
        labels |= {change["add"]} if "add" in change else set()
        labels -= {change.get("remove", "")}
        fields["labels"] = list(change.get("set", labels))
    kept, errors = checked(site, fields, new=False)
    if errors:
        return view.refused(errors=errors)
    site.edit(issue, kept, site.email)
    return empty()


def _comments(site: Issues, request: Request, issue: Issue) -> Response:
    start, size = request.number("startAt", 0), request.number("maxResults", 5000)
    return reply(view.comments(site, issue, view.api(site, request), start, size))


def _comment(site: Issues, request: Request, issue: Issue) -> Response:
    body = request.json().get("body")
    fault = text_fault(site, body) if body else "Comment body can not be empty!"
    if fault:
        return view.refused(errors={"comment": fault})
    said = site.comment(issue, body, site.email)
    return reply(view.comment(site, said, view.api(site, request)), 201)


def _transitions(site: Issues, request: Request, issue: Issue) -> Response:
    fields = "transitions.fields" in request.first("expand")
    base = view.api(site, request)
    rows = [view.transition(move, base, fields=fields) for move in issue.transitions]
    return reply({"expand": "transitions", "transitions": rows})


def _move(site: Issues, request: Request, issue: Issue) -> Response:
    body = request.json()
    number = str((body.get("transition") or {}).get("id", ""))
    move = next((move for move in issue.transitions if move.id == number), None)
    if move is None:
        return view.refused(_BAD_MOVE)
    name, error = _resolution(body.get("fields") or {}, move)
    said = [entry["add"]["body"] for entry in (body.get("update") or {}).get("comment", [])]
    faults = [fault for text in said if (fault := text_fault(site, text))]
    if error or faults:
        return view.refused(errors=error or {"comment": faults[0]})
    moved = site.move(issue, move.target, name, site.email)
    for text in said:
        site.comment(site.find(moved.id) or moved, text, site.email)
    return empty()


def _resolution(fields: Mapping[str, Any], move: Transition) -> tuple[str | None, dict[str, str]]:
    if not move.asks:
        unknown = {
            name: f"Field '{name}' cannot be set. It is not on the appropriate screen, or unknown."
            for name in fields
        }
        return None, unknown
    wanted = fields.get("resolution") or {}
    numbers = {str(10000 + index): name for index, name in enumerate(RESOLUTIONS)}
    name = wanted.get("name") or numbers.get(str(wanted.get("id", "")))
    if not wanted:
        return None, {"resolution": "Resolution is required."}
    if name not in RESOLUTIONS:
        return None, {"resolution": f"Resolution name '{name}' is not valid"}
    return name, {}


def _link(site: Issues, request: Request) -> Response:
    body = request.json()
    kind = str((body.get("type") or {}).get("name", ""))
    ends = [body.get(name) or {} for name in ("inwardIssue", "outwardIssue")]
    inward, outward = (site.find(str(end.get("id") or end.get("key"))) for end in ends)
    if kind not in LINK_TYPES:
        return view.refused(f"No issue link type with name '{kind}' found.", status=404)
    if inward is None or outward is None:
        return view.refused(NO_ISSUE, status=404)
    site.link(kind, inward, outward)
    return empty(201)


def _link_types(_site: Issues, _request: Request) -> Response:
    return reply({"issueLinkTypes": [{"name": name} for name in LINK_TYPES]})


def _myself(site: Issues, _request: Request) -> Response:
    return reply(view.user(site, site.email))


def _project(site: Issues, request: Request) -> Response:
    if request.params["project"] not in (site.project, "10000"):
        text = f"No project could be found with key '{request.params['project']}'."
        return view.refused(text, status=404)
    return reply(view.project(site, view.api(site, request)))


def _issue_types(site: Issues, request: Request) -> Response:
    base = view.api(site, request)
    return _meta(site, request, "issueTypes", [view.issue_type(n, base) for n in ISSUE_TYPES])


def _issue_fields(site: Issues, request: Request) -> Response:
    base = view.api(site, request)
    rows: list[dict[str, Any]] = [
        {"fieldId": "summary", "key": "summary", "name": "Summary", "required": True},
        {"fieldId": "description", "key": "description", "name": "Description", "required": False},
        {"fieldId": "labels", "key": "labels", "name": "Labels", "required": False},
        {"fieldId": "duedate", "key": "duedate", "name": "Due date", "required": False},
        {
            "fieldId": "priority",
            "key": "priority",
            "name": "Priority",
            "required": False,
            "allowedValues": [{"name": name} for name in PRIORITIES],
        },
        {"fieldId": "project", "key": "project", "name": "Project", "required": True},
        {
            "fieldId": "issuetype",
            "key": "issuetype",
            "name": "Issue Type",
            "required": True,
            "allowedValues": [view.issue_type(number, base) for number in ISSUE_TYPES],
        },
    ]
    rows += [{"fieldId": n, "key": n, "name": n, "required": True} for n in site.required]
    rows = [row for row in rows if row["fieldId"] not in site.hidden]
    if request.params["type"] not in ISSUE_TYPES:
        return view.refused("The issue type is not valid for this project.", status=404)
    return _meta(site, request, "fields", rows)


def _meta(site: Issues, request: Request, name: str, rows: list[dict[str, Any]]) -> Response:
    """Page over `rows`. Cloud names the list by what it holds, Data Center says `values`."""
    if request.params["project"] not in (site.project, "10000"):
        return view.refused("The project is not valid.", status=404)
    start, size = request.number("startAt", 0), request.number("maxResults", 50)
    page = rows[start : start + size]
    shown: dict[str, Any] = {"startAt": start, "maxResults": size, "total": len(rows)}
    if site.rich_text:
        return reply({**shown, name: page})
    return reply({**shown, "isLast": start + size >= len(rows), "values": page})


def _permissions(site: Issues, request: Request) -> Response:
    names = [name for name in request.first("permissions").split(",") if name]
    if site.rich_text and not names:
        return view.refused("The 'permissions' query parameter is required.")
    names = names or ["BROWSE_PROJECTS", "CREATE_ISSUES", "EDIT_ISSUES", "ADD_COMMENTS"]
    rows = {
        name: {"key": name, "name": name, "havePermission": name not in site.forbidden}
        for name in names
    }
    return reply({"permissions": rows})


def _resolutions(site: Issues, request: Request) -> Response:
    base = view.api(site, request)
    return reply([view.resolution(name, base) for name in RESOLUTIONS])


def shared_routes(root: str, site: Site) -> tuple[Route, ...]:
    """Return the routes that both kinds of site have, below `root`, for the site in the world."""

    def route(method: str, path: str, answer: SiteAnswer) -> Route:
        return Route(method, root + path, lambda world, request: answer(site(world), request))

    return (
        route("POST", "/issue", _create),
        route("GET", "/issue/createmeta/{project}/issuetypes", _issue_types),
        route("GET", "/issue/createmeta/{project}/issuetypes/{type}", _issue_fields),
        route("GET", "/issue/{issue}", _with_issue(_read)),
        route("PUT", "/issue/{issue}", _with_issue(_edit)),
        route("GET", "/issue/{issue}/comment", _with_issue(_comments)),
        route("POST", "/issue/{issue}/comment", _with_issue(_comment)),
        route("GET", "/issue/{issue}/transitions", _with_issue(_transitions)),
        route("POST", "/issue/{issue}/transitions", _with_issue(_move)),
        route("POST", "/issueLink", _link),
        route("GET", "/issueLinkType", _link_types),
        route("GET", "/myself", _myself),
        route("GET", "/project/{project}", _project),
        route("GET", "/mypermissions", _permissions),
        route("GET", "/resolution", _resolutions),
    )
