"""Jira Data Center, REST v2: a personal access token as bearer, search by startAt, wiki text.

There is no search/jql and the big createmeta is gone since version 9
(jira.atlassian.com JRASERVER-74965); the index answers within the request.
"""

from __future__ import annotations

from typing import Any

from sample_data.simulators import issue_view as view
from sample_data.simulators.jira_site import shared_routes
from sample_data.simulators.jql import BadJql, search
from sample_data.simulators.messages import Request, Response, reply
from sample_data.simulators.routing import Route, Service
from sample_data.simulators.world import World

_PAGE_CAP = 1000


def _guard(world: World, request: Request) -> Response | None:
    if request.bearer == world.plan.logins.jira_dc_token:
        return None
    refusal = view.refused("You are not authenticated. Authentication required.", status=401)
    return refusal.plus(("X-Seraph-LoginReason", "AUTHENTICATED_FAILED"))


def _search(world: World, request: Request) -> Response:
    site = world.jira_dc
    asked: dict[str, Any] = request.json() if request.method == "POST" else {}
    if request.method == "GET":
        names = request.first("fields", "*navigable").split(",")
        asked = {"jql": request.first("jql"), "fields": names}
        asked["startAt"] = request.number("startAt", 0)
        asked["maxResults"] = request.number("maxResults", 50)
    try:
        found = search(asked.get("jql") or "", site.indexed(), site.now())
    except BadJql as wrong:
        return view.refused(str(wrong))
    start, size = int(asked.get("startAt") or 0), min(int(asked.get("maxResults", 50)), _PAGE_CAP)
    names = asked.get("fields") or ["*navigable"]
    rows = [view.issue(site, issue, request, names) for issue in found[start : start + size]]
    return reply({"startAt": start, "maxResults": size, "total": len(found), "issues": rows})


def _server_info(_world: World, request: Request) -> Response:
    return reply({"baseUrl": request.base, "deploymentType": "Server", "version": "10.3.0"})


def _missing(_world: World, _request: Request) -> Response:
    return view.refused("null for uri", status=404)


SERVICE = Service(
    "jira_dc",
    (
        Route("GET", "/rest/api/2/search", _search),
        Route("POST", "/rest/api/2/search", _search),
        Route("GET", "/rest/api/2/serverInfo", _server_info),
        *shared_routes("/rest/api/2", lambda world: world.jira_dc),
    ),
    guard=_guard,
    missing=_missing,
)
