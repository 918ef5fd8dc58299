"""GitLab's REST API v4: tokens about themselves, CI variables of instance, groups and projects.

docs.gitlab.com/api: personal_access_tokens, users, instance/group/project_level_variables,
members, groups. A masked variable's value is readable, a hidden one's is null (17.4). Paging
by x-next-page. A found token may ask about itself; the lists are for the connector's login.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sample_data.simulators.messages import Request, Response, empty, reply
from sample_data.simulators.paging import link_header, page_of
from sample_data.simulators.plan import Account, CiVariable, IssuedToken, Member, Place, Status
from sample_data.simulators.routing import Route, Service
from sample_data.simulators.world import World

_SELF_PATHS = ("/api/v4/personal_access_tokens/self", "/api/v4/user")
_JOINED = "2024-09-02T08:00:00.000Z"  # when everybody was made a member
_WHY = {
    Status.REVOKED: "Token was revoked. You have to re-authorize from the user.",
    Status.EXPIRED: "Token is expired. You can either do re-authorization or token refresh.",
}


def _credential(request: Request) -> str:
    return request.headers.get("private-token", "") or request.bearer


def _is_connector(world: World, request: Request) -> bool:
    return _credential(request) == world.plan.logins.gitlab


def _refusal(token: IssuedToken | None) -> Response | None:
    if token is None:
        return reply({"message": "401 Unauthorized"}, 401)
    if token.status in _WHY:
        body = {"error": "invalid_token", "error_description": _WHY[token.status]}
        return reply(body, 401)
    if token.status is Status.SUSPENDED:
        return reply({"message": "403 Forbidden - Your account has been blocked."}, 403)
    if token.status is Status.LIMITED:
        words = "The request requires higher privileges than provided by the access token."
        body = {"error": "insufficient_scope", "error_description": words, "scope": "api read_api"}
        return reply(body, 403)
    if token.status is Status.THROTTLED:
        return reply({"message": "Retry later"}, 429, ("Retry-After", "60"))
    return None


def _guard(world: World, request: Request) -> Response | None:
    if _is_connector(world, request):
        return None
    if not _credential(request):
        return reply({"message": "401 Unauthorized"}, 401)
    if request.path in _SELF_PATHS:
        return None
    return _refusal(world.token("gitlab", _credential(request))) or reply(
        {"message": "403 Forbidden"}, 403
    )


def _self(world: World, request: Request) -> Response:
    if _is_connector(world, request):
        return reply(_token_row(_own_token(world)))
    token = world.token("gitlab", _credential(request))
    refusal = _refusal(token)
    return refusal or reply(_token_row(token or _own_token(world)))


def _revoke_self(world: World, request: Request) -> Response:
    token = world.token("gitlab", _credential(request))
    refusal = _refusal(token)
    if refusal or token is None:
        return refusal or reply({"message": "403 Forbidden"}, 403)
    world.revoke(token.label)
    return empty()


def _own_token(world: World) -> IssuedToken:
    who = Account("9000", "offkey", "offkey", "offkey@fennelandrye.example")
    return IssuedToken("connector", "gitlab", world.plan.logins.gitlab, who, scopes=("api",))


def _token_row(token: IssuedToken) -> dict[str, Any]:
    return {
        "id": int(token.account.id) * 10 + 1,
        "name": token.label,
        "revoked": False,
        "created_at": token.created_at,
        "description": None,
        "scopes": list(token.scopes),
        "user_id": int(token.account.id),
        "last_used_at": token.last_used_at or None,
        "active": True,
        "expires_at": token.expires_at[:10] or None,
    }


def _user_row(who: Account) -> dict[str, Any]:
    return {
        "id": int(who.id),
        "username": who.login,
        "name": who.name,
        "state": "active",
        "locked": False,
        "bot": who.bot,
        "email": who.email,
        "public_email": None,
        "commit_email": who.email,
        "web_url": f"https://gitlab.fennelandrye.example/{who.login}",
    }


def _user(world: World, request: Request) -> Response:
    if _is_connector(world, request):
        return reply(_user_row(_own_token(world).account) | {"is_admin": True})
    token = world.token("gitlab", _credential(request))
    refusal = _refusal(token)
    return refusal or reply(_user_row((token or _own_token(world)).account))


def _everybody(world: World) -> dict[str, Account]:
    groups = world.plan.gitlab.places
    places = [*groups, *(project for group in groups for project in group.places)]
    found = {m.account.id: m.account for place in places for m in place.members}
    return found | {t.account.id: t.account for t in world.plan.tokens if t.vendor == "gitlab"}


def _user_by_id(world: World, request: Request) -> Response:
    who = _everybody(world).get(request.params["id"])
    return reply({"message": "404 User Not Found"}, 404) if who is None else reply(_user_row(who))


def _page(request: Request, rows: Sequence[Any]) -> Response:
    page = page_of(rows, request, default=20, cap=100)
    headers = {
        "x-page": str(page.number),
        "x-per-page": str(page.size),
        "x-next-page": str(page.next or ""),
        "x-prev-page": str(page.number - 1 or ""),
        "x-total": str(page.total),
        "x-total-pages": str(page.last),
    }
    return reply(page.rows, 200, *headers.items(), *link_header(page, request))


def _variable_row(variable: CiVariable) -> dict[str, Any]:
    return {
        "variable_type": "env_var",
        "key": variable.name,
        "value": variable.value if variable.readable else None,
        "hidden": not variable.readable,
        "protected": variable.protected,
        "masked": variable.masked or not variable.readable,
        "raw": False,
        "environment_scope": variable.scope,
        "description": None,
    }


def _find(places: Sequence[Place], key: str) -> Place | None:
    return next((place for place in places if key in (str(place.id), place.path)), None)


def _group(world: World, request: Request) -> Place | None:
    return _find(world.plan.gitlab.places, request.params["id"])


def _project(world: World, request: Request) -> Place | None:
    projects = [project for group in world.plan.gitlab.places for project in group.places]
    return _find(projects, request.params["id"])


def _place(world: World, request: Request) -> Place | None:
    in_group = request.path.startswith("/api/v4/groups/")
    return _group(world, request) if in_group else _project(world, request)


def _absent(request: Request) -> Response:
    what = "Group" if request.path.startswith("/api/v4/groups/") else "Project"
    return reply({"message": f"404 {what} Not Found"}, 404)


def _instance_variables(world: World, request: Request) -> Response:
    rows = [_variable_row(variable) for variable in world.plan.gitlab.variables]
    for row in rows:
        del row["environment_scope"]  # instance variables have none
    return _page(request, rows)


def _variables(world: World, request: Request) -> Response:
    place = _place(world, request)
    if place is None:
        return _absent(request)
    return _page(request, [_variable_row(variable) for variable in place.variables])


def _member_row(member: Member) -> dict[str, Any]:
    who = member.account
    return {
        "id": int(who.id),
        "username": who.login,
        "name": who.name,
        "state": "active",
        "locked": False,
        "access_level": int(member.access),
        "created_at": _JOINED,
        "expires_at": None,
        "membership_state": "active",
    }


def _members(world: World, request: Request) -> Response:
    place = _place(world, request)
    if place is None:
        return _absent(request)
    held = list(place.members)
    if not request.path.startswith("/api/v4/groups/"):
        # members/all of a project includes those who inherit from its group
        above = [group for group in world.plan.gitlab.places if place in group.places]
        own = {member.account.id for member in held}
        held += [m for group in above for m in group.members if m.account.id not in own]
    return _page(request, [_member_row(member) for member in held])


def _projects(world: World, request: Request) -> Response:
    group = _group(world, request)
    if group is None:
        return _absent(request)
    return _page(request, [_project_row(project) for project in group.places])


def _project_row(place: Place) -> dict[str, Any]:
    return {
        "id": place.id,
        "name": place.path.rpartition("/")[2],
        "path_with_namespace": place.path,
        "default_branch": "main",
        "archived": False,
        "visibility": "private",
        "web_url": f"https://gitlab.fennelandrye.example/{place.path}",
    }


def _all_projects(world: World, request: Request) -> Response:
    projects = [project for group in world.plan.gitlab.places for project in group.places]
    return _page(request, [_project_row(project) for project in projects])


def _group_row(place: Place) -> dict[str, Any]:
    name = place.path.rpartition("/")[2]
    return {"id": place.id, "name": name, "path": name, "full_path": place.path}


def _groups(world: World, request: Request) -> Response:
    return _page(request, [_group_row(group) for group in world.plan.gitlab.places])


def _descendants(world: World, request: Request) -> Response:
    group = _group(world, request)
    if group is None:
        return _absent(request)
    below = f"{group.path}/"
    rows = [_group_row(p) for p in world.plan.gitlab.places if p.path.startswith(below)]
    return _page(request, rows)


def _one(world: World, request: Request) -> Response:
    place = _place(world, request)
    if place is None:
        return _absent(request)
    row = _group_row if request.path.startswith("/api/v4/groups/") else _project_row
    return reply(row(place))


def _missing(_world: World, _request: Request) -> Response:
    return reply({"error": "404 Not Found"}, 404)


_ROOT = "/api/v4"
SERVICE = Service(
    "gitlab",
    (
        Route("GET", f"{_ROOT}/personal_access_tokens/self", _self),
        Route("DELETE", f"{_ROOT}/personal_access_tokens/self", _revoke_self),
        Route("GET", f"{_ROOT}/user", _user),
        Route("GET", f"{_ROOT}/users/{{id}}", _user_by_id),
        Route("GET", f"{_ROOT}/admin/ci/variables", _instance_variables),
        Route("GET", f"{_ROOT}/groups", _groups),
        Route("GET", f"{_ROOT}/groups/{{id}}", _one),
        Route("GET", f"{_ROOT}/groups/{{id}}/projects", _projects),
        Route("GET", f"{_ROOT}/groups/{{id}}/descendant_groups", _descendants),
        Route("GET", f"{_ROOT}/groups/{{id}}/variables", _variables),
        Route("GET", f"{_ROOT}/groups/{{id}}/members/all", _members),
        Route("GET", f"{_ROOT}/projects", _all_projects),
        Route("GET", f"{_ROOT}/projects/{{id}}", _one),
        Route("GET", f"{_ROOT}/projects/{{id}}/variables", _variables),
        Route("GET", f"{_ROOT}/projects/{{id}}/members/all", _members),
    ),
    guard=_guard,
    missing=_missing,
)
