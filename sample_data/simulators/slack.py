"""Slack's auth.test: HTTP 200 whatever happens, the verdict in the body (docs.slack.dev)."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs

from sample_data.simulators.messages import Request, Response, reply
from sample_data.simulators.plan import Status
from sample_data.simulators.routing import Route, Service
from sample_data.simulators.world import World

_ERRORS = {
    Status.REVOKED: "token_revoked",
    Status.EXPIRED: "token_expired",
    Status.SUSPENDED: "account_inactive",
    Status.LIMITED: "missing_scope",
}


def _credential(request: Request) -> str:
    form = parse_qs(request.body.decode("utf-8", "replace"))
    return request.bearer or form.get("token", [""])[0]


def _auth_test(world: World, request: Request) -> Response:
    secret = _credential(request)
    if not secret:
        return reply({"ok": False, "error": "not_authed"})
    token = world.token("slack", secret)
    if token is None:
        return reply({"ok": False, "error": "invalid_auth"})
    if token.status is Status.THROTTLED:
        return reply({"ok": False, "error": "ratelimited"}, 429, ("Retry-After", "30"))
    if token.status in _ERRORS:
        return reply({"ok": False, "error": _ERRORS[token.status]})
    who = token.account
    body: dict[str, Any] = {
        "ok": True,
        "url": "https://fennelandrye.slack.com/",
        "team": "Fennel & Rye",
        "user": who.login,
        "team_id": "T0FENNEL1",
        "user_id": who.id,
    }
    if who.bot:
        body["bot_id"] = "B" + who.id[1:]
    return reply(body, 200, ("X-OAuth-Scopes", ",".join(token.scopes)))


def _missing(_world: World, _request: Request) -> Response:
    return reply({"ok": False, "error": "unknown_method"})


SERVICE = Service(
    "slack",
    (Route("POST", "/api/auth.test", _auth_test), Route("GET", "/api/auth.test", _auth_test)),
    missing=_missing,
)
