"""GitHub's REST API: who a token is, and an organisation's Actions variables and people.

docs.github.com/en/rest: users, orgs (credential-authorizations), actions/variables (10 a page, at most 30), actions/secrets,
deployments/environments, repos, collaborators; Link headers and X-RateLimit-*. Values of
secrets are never given. Classic tokens answer with X-OAuth-Scopes, fine-grained ones without.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

from sample_data.simulators.messages import Request, Response, reply
from sample_data.simulators.paging import link_header, page_of
from sample_data.simulators.plan import CiVariable, IssuedToken, Member, Place, Status
from sample_data.simulators.routing import Route, Service
from sample_data.simulators.world import World
from sample_data.unfound import authorisation_of

_DOCS = "https://docs.github.com/rest"
_LIMIT = 5000
_ROLES = ("pull", "triage", "push", "maintain", "admin")
_CLASSIC = ("ghp_", "gho_", "ghu_")


def _said(status: int, message: str, *headers: tuple[str, str]) -> Response:
    body = {"message": message, "documentation_url": _DOCS, "status": str(status)}
    return reply(body, status, *headers)


def _credential(request: Request) -> str:
    return request.bearer or request.basic[1]


def _is_connector(world: World, request: Request) -> bool:
    return _credential(request) == world.plan.logins.github


def _refusal(token: IssuedToken | None) -> Response | None:
    if token is None or token.status in (Status.REVOKED, Status.EXPIRED):
        return _said(401, "Bad credentials")
    if token.status is Status.SUSPENDED:
        return _said(403, "Sorry. Your account was suspended.")
    if token.status is Status.LIMITED:
        sso = ("X-GitHub-SSO", "required; url=https://github.com/orgs/fennelandrye/sso")
        return _said(403, "Resource protected by organization SAML enforcement.", sso)
    if token.status is Status.THROTTLED:
        # docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api: a secondary
        # limit is 403 or 429 and need not say how long to wait
        return _said(403, "You have exceeded a secondary rate limit.")
    return None


def _user(world: World, request: Request) -> Response:
    if not _credential(request):
        return _said(401, "Requires authentication")
    if _is_connector(world, request):
        return reply(_account_row("offkey-bot", "9000", "offkey", ""))
    token = world.token("github", _credential(request))
    refusal = _refusal(token)
    if refusal or token is None:
        return refusal or _said(401, "Bad credentials")
    who = token.account
    headers: list[tuple[str, str]] = []
    if token.secret.startswith(_CLASSIC):
        headers.append(("X-OAuth-Scopes", ", ".join(token.scopes)))
        headers.append(("X-Accepted-OAuth-Scopes", ""))
    if token.expires_at:
        at = token.expires_at.replace("T", " ").replace("Z", " UTC")
        headers.append(("github-authentication-token-expiration", at))
    return reply(_account_row(who.login, who.id, who.name, who.email, bot=who.bot), 200, *headers)


def _account_row(
    login: str, number: str, name: str, email: str, *, bot: bool = False
) -> dict[str, Any]:
    return {
        "login": login,
        "id": int(number),
        "type": "Bot" if bot else "User",
        "site_admin": False,
        "name": name or None,
        "email": email or None,
    }


def _guard(world: World, request: Request) -> Response | None:
    """Let the connector in everywhere, and everybody to /user; hide the rest as GitHub does."""
    if request.path == "/user" or _is_connector(world, request):
        return None
    token = world.token("github", _credential(request))
    return _refusal(token) or _said(404, "Not Found")


def _repository(world: World, request: Request) -> Place | None:
    forge = world.plan.github
    path = f"{request.params['org']}/{request.params['repo']}".casefold()
    return next((p for p in forge.places if f"{forge.path}/{p.path}".casefold() == path), None)


def _is_org(world: World, request: Request) -> bool:
    return request.params["org"].casefold() == world.plan.github.path.casefold()


def _environment(world: World, request: Request) -> Place | None:
    repository = _repository(world, request)
    places = repository.places if repository else ()
    return next((p for p in places if p.path == request.params["environment"]), None)


def _page(
    request: Request, rows: Sequence[Any], name: str, *, default: int = 30, cap: int = 100
) -> Response:
    page = page_of(rows, request, default=default, cap=cap)
    body: Any = {"total_count": page.total, name: page.rows} if name else page.rows
    return reply(body, 200, *link_header(page, request))


def _variables(request: Request, held: Sequence[CiVariable], *, org: bool) -> Response:
    rows = [
        {
            "name": variable.name,
            "value": variable.value,
            "created_at": variable.created_at,
            "updated_at": variable.updated_at,
            **({"visibility": "all"} if org else {}),
        }
        for variable in held
        if variable.readable
    ]
    return _page(request, rows, "variables", default=10, cap=30)


def _secrets(request: Request, held: Sequence[CiVariable], *, org: bool) -> Response:
    rows = [
        {
            "name": secret.name,
            "created_at": secret.created_at,
            "updated_at": secret.updated_at,
            **({"visibility": "all"} if org else {}),
        }
        for secret in held
        if not secret.readable
    ]
    return _page(request, rows, "secrets")


def _of_org(world: World, request: Request) -> Response:
    if not _is_org(world, request):
        return _said(404, "Not Found")
    listing = _secrets if request.path.endswith("secrets") else _variables
    return listing(request, world.plan.github.variables, org=True)


def _of_place(world: World, request: Request) -> Response:
    inner = "environment" in request.params
    place = _environment(world, request) if inner else _repository(world, request)
    if place is None:
        return _said(404, "Not Found")
    listing = _secrets if request.path.endswith("secrets") else _variables
    return listing(request, place.variables, org=False)


def _environments(world: World, request: Request) -> Response:
    repository = _repository(world, request)
    if repository is None:
        return _said(404, "Not Found")
    rows = [{"id": place.id, "name": place.path} for place in repository.places]
    return _page(request, rows, "environments")


def _repositories(world: World, request: Request) -> Response:
    if not _is_org(world, request):
        return _said(404, "Not Found")
    return _page(request, [_repo_row(world, place) for place in world.plan.github.places], "")


def _repo_row(world: World, place: Place) -> dict[str, Any]:
    owner = world.plan.github.path
    return {
        "id": place.id,
        "name": place.path,
        "full_name": f"{owner}/{place.path}",
        "owner": {"login": owner, "id": 1, "type": "Organization"},
        "private": True,
        "fork": place.fork,
        "archived": False,
        "default_branch": "main",
        "clone_url": f"https://github.com/{owner}/{place.path}.git",
    }


def _repository_answer(world: World, request: Request) -> Response:
    place = _repository(world, request)
    return _said(404, "Not Found") if place is None else reply(_repo_row(world, place))


def _collaborators(world: World, request: Request) -> Response:
    repository = _repository(world, request)
    if repository is None:
        return _said(404, "Not Found")
    least = request.first("permission")
    rows = [_collaborator(member) for member in repository.members]
    return _page(request, [row for row in rows if not least or row["permissions"][least]], "")


def _collaborator(member: Member) -> dict[str, Any]:
    who, rank = member.account, _ROLES.index(member.access)
    granted = {role: place <= rank for place, role in enumerate(_ROLES)}
    shown = {"pull": "read", "push": "write"}.get(member.access, member.access)
    row = {"login": who.login, "id": int(who.id), "type": "Bot" if who.bot else "User"}
    return {**row, "permissions": granted, "role_name": shown}


def _authorisations(world: World, request: Request) -> Response:
    if not _is_org(world, request):
        return _said(404, "Not Found")
    authorised = (Status.LIVE, Status.SUSPENDED)  # of the others nobody signed on with SAML
    held = [one for one in world.tokens if one.vendor == "github" and one.status in authorised]
    return _page(request, [_authorisation(token) for token in held], "")


def _authorisation(token: IssuedToken) -> dict[str, Any]:
    return {
        "login": token.account.login,
        "credential_id": authorisation_of(token.label),
        "credential_type": "personal access token",
        "token_last_eight": token.secret[-8:],
        "credential_authorized_at": token.created_at,
        "credential_accessed_at": token.last_used_at or None,
        "scopes": list(token.scopes),
        "authorized_credential_id": authorisation_of(token.label),
        "authorized_credential_note": token.label.rpartition("-")[2],
        "authorized_credential_expires_at": token.expires_at or None,
    }


def _missing(_world: World, _request: Request) -> Response:
    return _said(404, "Not Found")


def _finish(world: World, request: Request, answer: Response) -> Response:
    """Add what stands on every answer; the hour's budget is the caller's own."""
    used = min(world.requests["github"] + 1, _LIMIT)
    number = hashlib.sha256(f"{used} {request.target}".encode()).hexdigest()[:12].upper()
    limits = {
        "X-RateLimit-Limit": str(_LIMIT),
        "X-RateLimit-Remaining": str(_LIMIT - used),
        "X-RateLimit-Reset": str(int(world.now().timestamp()) // 3600 * 3600 + 3600),
        "X-RateLimit-Used": str(used),
        "X-RateLimit-Resource": "core",
        "X-GitHub-Media-Type": "github.v3; format=json",
        "X-GitHub-Request-Id": number,
    }
    there = {name for name, _value in answer.headers}
    return answer.plus(*((k, v) for k, v in limits.items() if k not in there))


_REPO = "/repos/{org}/{repo}"
_PLACE = _REPO + "/environments/{environment}"
SERVICE = Service(
    "github",
    (
        Route("GET", "/user", _user),
        Route("GET", "/orgs/{org}/actions/variables", _of_org),
        Route("GET", "/orgs/{org}/actions/secrets", _of_org),
        Route("GET", "/orgs/{org}/credential-authorizations", _authorisations),
        Route("GET", "/orgs/{org}/repos", _repositories),
        Route("GET", _REPO, _repository_answer),
        Route("GET", f"{_REPO}/actions/variables", _of_place),
        Route("GET", f"{_REPO}/actions/secrets", _of_place),
        Route("GET", f"{_REPO}/environments", _environments),
        Route("GET", f"{_PLACE}/variables", _of_place),
        Route("GET", f"{_PLACE}/secrets", _of_place),
        Route("GET", f"{_REPO}/collaborators", _collaborators),
    ),
    guard=_guard,
    missing=_missing,
    finish=_finish,
)
