"""Jira Cloud, REST v3: Basic sign-in with an e-mail and an API token, search/jql, documents.

The old search answers 410 (developer.atlassian.com changelog CHANGE-2046). search/jql has
no total, gives ids only unless fields are named, pages by nextPageToken, refuses unbounded
queries, and lags behind what was written unless the issue is named in reconcileIssues
(developer.atlassian.com/cloud/jira/platform/search-and-reconcile).
"""

from __future__ import annotations

import base64
from collections.abc import Iterable
from typing import Any

from sample_data.simulators import issue_view as view
from sample_data.simulators.issues import Issues
from sample_data.simulators.jira_site import shared_routes
from sample_data.simulators.jql import BadJql, bounded, search
from sample_data.simulators.messages import Request, Response, reply
from sample_data.simulators.routing import Route, Service
from sample_data.simulators.world import World

_RECONCILE_CAP = 50
_PAGE_CAP = 5000


def _guard(world: World, request: Request) -> Response | None:
    logins = world.plan.logins
    if request.basic == (logins.jira_email, logins.jira_token):
        return None
    words = "Client must be authenticated to access this resource."
    refusal = reply({"errorMessages": [words], "errors": {}}, 401)
    return refusal.plus(("WWW-Authenticate", 'OAuth realm="https%3A%2F%2Fjira.example"'))


def _asked(request: Request) -> dict[str, Any]:
    """Return the parameters of a search by GET in the words of one by POST."""
    if request.method == "POST":
        return request.json()
    ids = ",".join(request.query.get("reconcileIssues", ()))
    return {
        "jql": request.first("jql"),
        "maxResults": request.number("maxResults", 50),
        "nextPageToken": request.first("nextPageToken"),
        "fields": [name for name in request.first("fields").split(",") if name],
        "reconcileIssues": [int(number) for number in ids.split(",") if number],
    }


def _matches(
    site: Issues, jql: str, fresh: Iterable[object] = ()
) -> tuple[tuple[Any, ...], Response | None]:
    if not bounded(jql):
        words = "Unbounded JQL queries are not allowed here. Please add a search restriction."
        return (), view.refused(words)
    try:
        known = site.indexed(str(number) for number in fresh)
        return search(jql, known, site.now()), None
    except BadJql as wrong:
        return (), view.refused(str(wrong))


def _search(world: World, request: Request) -> Response:
    site, asked = world.jira, _asked(request)
    fresh = asked.get("reconcileIssues") or []
    if len(fresh) > _RECONCILE_CAP:
        return view.refused("The maximum number of issues to reconcile is 50.")
    found, refusal = _matches(site, asked.get("jql") or "", fresh)
    if refusal:
        return refusal
    size = min(int(asked.get("maxResults") or 50), _PAGE_CAP)
    token = asked.get("nextPageToken") or ""
    start = int(base64.b64decode(token)) if token else 0
    rows = [
        view.issue(site, issue, request, asked.get("fields") or [])
        for issue in found[start : start + size]
    ]
    last = start + size >= len(found)
    more = {} if last else {"nextPageToken": base64.b64encode(str(start + size).encode()).decode()}
    return reply({"issues": rows, "isLast": last, **more})


def _count(world: World, request: Request) -> Response:
    found, refusal = _matches(world.jira, request.json().get("jql") or "")
    return refusal or reply({"count": len(found)})


def _gone(_world: World, _request: Request) -> Response:
    words = "The requested API has been removed. Please migrate to the /rest/api/3/search/jql API."
    return view.refused(words, status=410)


def _changelog(world: World, request: Request) -> Response:
    issue = world.jira.find(request.params["issue"])
    if issue is None:
        return view.refused("Issue does not exist.", status=404)
    rows = view.changes(world.jira, issue)
    start, size = request.number("startAt", 0), min(request.number("maxResults", 100), 100)
    page = {"startAt": start, "maxResults": size, "total": len(rows)}
    return reply(
        {**page, "isLast": start + size >= len(rows), "values": rows[start : start + size]}
    )


def _server_info(_world: World, request: Request) -> Response:
    return reply({"baseUrl": request.base, "deploymentType": "Cloud", "version": "1001.0.0"})


def _missing(_world: World, _request: Request) -> Response:
    return view.refused("null for uri", status=404)


SERVICE = Service(
    "jira",
    (
        Route("GET", "/rest/api/3/search/jql", _search),
        Route("POST", "/rest/api/3/search/jql", _search),
        Route("POST", "/rest/api/3/search/approximate-count", _count),
        Route("GET", "/rest/api/3/search", _gone),
        Route("POST", "/rest/api/3/search", _gone),
        Route("GET", "/rest/api/3/issue/{issue}/changelog", _changelog),
        Route("GET", "/rest/api/3/serverInfo", _server_info),
        *shared_routes("/rest/api/3", lambda world: world.jira),
    ),
    guard=_guard,
    missing=_missing,
)
