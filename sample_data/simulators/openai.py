"""OpenAI: GET /v1/models for any key and /v1/me for users' keys (platform.openai.com/docs).

A key of a project or a service account is no person's; /v1/me answers it with 401-like
refusal of the key type. A restricted key answers 403, a spent one 429 insufficient_quota.
"""

from __future__ import annotations

from sample_data.simulators.messages import Request, Response, reply
from sample_data.simulators.plan import IssuedToken, Status
from sample_data.simulators.routing import Route, Service
from sample_data.simulators.world import World


def _error(status: int, message: str, kind: str, code: str | None) -> Response:
    return reply({"error": {"message": message, "type": kind, "param": None, "code": code}}, status)


def _token(world: World, request: Request) -> tuple[IssuedToken | None, Response | None]:
    if not request.bearer:
        words = "You didn't provide an API key."
        return None, _error(401, words, "invalid_request_error", None)
    token = world.token("openai", request.bearer)
    if token is None or token.status in (Status.REVOKED, Status.EXPIRED):
        words = "Incorrect API key provided."
        return None, _error(401, words, "invalid_request_error", "invalid_api_key")
    if token.status is Status.SUSPENDED:
        words = "The OpenAI account associated with this API key has been deactivated."
        return None, _error(401, words, "invalid_request_error", "account_deactivated")
    if token.status is Status.LIMITED:
        words = (
            "You have insufficient permissions for this operation. Missing scopes: api.model.read."
        )
        return None, _error(403, words, "invalid_request_error", "missing_scope")
    if token.status is Status.THROTTLED:
        refusal = _error(429, "Rate limit reached.", "requests", "rate_limit_exceeded")
        return None, refusal.plus(("Retry-After", "20"))
    return token, None


def _models(world: World, request: Request) -> Response:
    token, refusal = _token(world, request)
    if refusal or token is None:
        return refusal or _error(401, "", "invalid_request_error", None)
    rows = [
        {"id": name, "object": "model", "created": 1715367049, "owned_by": "system"}
        for name in ("gpt-4o", "gpt-4o-mini", "text-embedding-3-small")
    ]
    org = ("openai-organization", "fennel-and-rye")
    return reply({"object": "list", "data": rows}, 200, org)


def _me(world: World, request: Request) -> Response:
    token, refusal = _token(world, request)
    if refusal or token is None:
        return refusal or _error(401, "", "invalid_request_error", None)
    who = token.account
    if who.bot:
        words = "This endpoint cannot be used with a service account key."
        return _error(403, words, "invalid_request_error", None)
    row = {"object": "user", "id": who.id, "email": who.email, "name": who.name}
    orgs = {"object": "list", "data": [{"id": "org-fennel", "title": "Fennel & Rye"}]}
    return reply({**row, "orgs": orgs})


def _missing(_world: World, request: Request) -> Response:
    words = f"Invalid URL ({request.method} {request.path})"
    return _error(404, words, "invalid_request_error", None)


SERVICE = Service(
    "openai",
    (Route("GET", "/v1/models", _models), Route("GET", "/v1/me", _me)),
    missing=_missing,
)
