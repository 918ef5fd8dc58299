"""How a Jira site writes issues, people, states and errors in its answers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sample_data.simulators.issue_fields import ISSUE_TYPES, PROJECT_ID
from sample_data.simulators.issues import (
    CATEGORIES,
    RESOLUTIONS,
    Comment,
    Issue,
    Issues,
    State,
    Transition,
)
from sample_data.simulators.messages import Request, Response, reply


def refused(*messages: str, errors: Mapping[str, str] | None = None, status: int = 400) -> Response:
    """Return Jira's error collection."""
    return reply({"errorMessages": list(messages), "errors": dict(errors or {})}, status)


def api(site: Issues, request: Request) -> str:
    """Return the address under which this site's REST API stands."""
    return f"{request.base}/rest/api/{3 if site.rich_text else 2}"


def instant(at: datetime) -> str:
    """Return a time as Jira writes it: milliseconds and a zone without a colon."""
    return at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}" + at.strftime("%z")


def user(site: Issues, login: str) -> dict[str, Any]:
    """Return an account: Cloud has an opaque accountId, Data Center a user name."""
    email = login if "@" in login else f"{login}@fennelandrye.example"
    name = login.partition("@")[0]
    shown = {"emailAddress": email, "displayName": name, "active": True}
    if site.rich_text:
        return {"accountId": f"712020:{name}", "accountType": "atlassian", **shown}
    return {"name": name, "key": name, **shown}


def state(value: State, base: str) -> dict[str, Any]:
    """Return a status with its category."""
    number, name = CATEGORIES[value.category]
    return {
        "self": f"{base}/status/{value.id}",
        "name": value.name,
        "id": value.id,
        "statusCategory": {"id": number, "key": value.category, "name": name},
    }


def resolution(name: str | None, base: str) -> dict[str, str] | None:
    """Return a resolution, None while there is none."""
    if name is None:
        return None
    number = str(10000 + RESOLUTIONS.index(name))
    return {"self": f"{base}/resolution/{number}", "id": number, "name": name}


def project(site: Issues, base: str) -> dict[str, Any]:
    """Return the site's only project."""
    return {
        "self": f"{base}/project/{PROJECT_ID}",
        "id": PROJECT_ID,
        "key": site.project,
        "name": "Security",
        "projectTypeKey": "software",
        "issueTypes": [issue_type(number, base) for number in ISSUE_TYPES],
    }


def issue_type(number: str, base: str) -> dict[str, Any]:
    """Return an issue type."""
    url = f"{base}/issuetype/{number}"
    return {"self": url, "id": number, "name": ISSUE_TYPES[number], "subtask": False}


def comment(site: Issues, said: Comment, base: str) -> dict[str, Any]:
    """Return a comment."""
    return {
        "id": said.id,
        "author": user(site, said.by),
        "updateAuthor": user(site, said.by),
        "body": said.body,
        "created": instant(said.at),
        "updated": instant(said.at),
        "self": f"{base}/comment/{said.id}",
    }


def comments(
    site: Issues, value: Issue, base: str, start: int = 0, size: int = 5000
) -> dict[str, Any]:
    """Return a page of the comments, oldest first."""
    rows = [comment(site, said, base) for said in value.comments]
    page = {"startAt": start, "maxResults": size, "total": len(rows)}
    return {**page, "comments": rows[start : start + size]}


def changes(site: Issues, value: Issue) -> list[dict[str, Any]]:
    """Return the change log, oldest first."""
    return [
        {
            "id": str(30001 + number),
            "author": user(site, change.by),
            "created": instant(change.at),
            "items": [
                {
                    "field": change.field,
                    "fieldtype": "jira",
                    "fromString": change.before,
                    "toString": change.after,
                }
            ],
        }
        for number, change in enumerate(value.changes)
    ]


def transition(value: Transition, base: str, *, fields: bool) -> dict[str, Any]:
    """Return a transition; its screen's fields only when they are asked for."""
    shown: dict[str, Any] = {
        "id": value.id,
        "name": value.name,
        "to": state(value.target, base),
        "hasScreen": value.asks,
        "isAvailable": True,
    }
    if fields:
        allowed = [resolution(name, base) for name in RESOLUTIONS]
        asked = {"required": True, "name": "Resolution", "key": "resolution"}
        shown["fields"] = {"resolution": {**asked, "allowedValues": allowed}} if value.asks else {}
    return shown


def issue(
    site: Issues, value: Issue, request: Request, wanted: Iterable[str] = ("*all",)
) -> dict[str, Any]:
    """Return an issue with the wanted fields ("*all", "*navigable", names; none: id only)."""
    base = api(site, request)
    names = set(wanted)
    if not names:
        return {"id": value.id}
    shown = {
        "id": value.id,
        "key": value.key,
        "self": f"{base}/issue/{value.id}",
        "fields": _fields(site, value, base, names),
    }
    if "changelog" in request.first("expand"):
        histories = changes(site, value)
        shown["changelog"] = {"startAt": 0, "total": len(histories), "histories": histories}
    return shown


def _link(site: Issues, kind: str, side: str, other: str) -> dict[str, Any]:
    found = site.find(other)
    return {
        "type": {"name": kind},
        f"{side}Issue": {"id": other, "key": found.key if found else ""},
    }


def _fields(site: Issues, value: Issue, base: str, names: set[str]) -> dict[str, Any]:
    shown = {
        "labels": [],
        "description": None,
        "assignee": None,
        **value.fields,
        "project": {k: v for k, v in project(site, base).items() if k != "issueTypes"},
        "status": state(value.state, base),
        "resolution": resolution(value.resolution, base),
        "resolutiondate": instant(value.resolved_at) if value.resolved_at else None,
        "created": instant(value.created_at),
        "updated": instant(value.updated_at),
        "creator": user(site, value.by),
        "reporter": user(site, value.by),
        "comment": comments(site, value, base),
        "issuelinks": [_link(site, kind, side, other) for kind, side, other in value.links],
    }
    if names & {"*all", "*navigable"}:
        return shown
    return {name: shown[name] for name in shown if name in names}
