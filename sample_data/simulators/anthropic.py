"""Anthropic: GET /v1/models with x-api-key and anthropic-version (docs.anthropic.com/en/api).

A key names no person; the version header is required.
"""

from __future__ import annotations

from sample_data.simulators.messages import Request, Response, reply
from sample_data.simulators.plan import Status
from sample_data.simulators.routing import Route, Service
from sample_data.simulators.world import World


def _error(status: int, kind: str, message: str) -> Response:
    body = {"type": "error", "error": {"type": kind, "message": message}}
    return reply(body, status, ("request-id", "req_simulated"))


def _models(world: World, request: Request) -> Response:
    secret = request.headers.get("x-api-key", "")
    if not secret:
        return _error(401, "authentication_error", "x-api-key header is required")
    token = world.token("anthropic", secret)
    if token is None or token.status in (Status.REVOKED, Status.EXPIRED, Status.SUSPENDED):
        return _error(401, "authentication_error", "invalid x-api-key")
    if token.status is Status.LIMITED:
        return _error(403, "permission_error", "Your API key does not have permission.")
    if token.status is Status.THROTTLED:
        refusal = _error(429, "rate_limit_error", "This request would exceed your rate limit.")
        return refusal.plus(("Retry-After", "30"))
    if "anthropic-version" not in request.headers:
        return _error(400, "invalid_request_error", "anthropic-version: header is required")
    row = {"type": "model", "id": "claude-sonnet-4-5", "display_name": "Claude Sonnet 4.5"}
    rows = [row | {"created_at": "2025-09-29T00:00:00Z"}]
    last = rows[-1]["id"]
    return reply({"data": rows, "has_more": False, "first_id": rows[0]["id"], "last_id": last})


def _missing(_world: World, _request: Request) -> Response:
    return _error(404, "not_found_error", "Not found")


SERVICE = Service("anthropic", (Route("GET", "/v1/models", _models),), missing=_missing)
