"""Hugging Face: GET /api/whoami-v2 (huggingface.co/docs/hub/api), 401 for a bad token."""

from __future__ import annotations

from sample_data.simulators.messages import Request, Response, reply
from sample_data.simulators.plan import Status
from sample_data.simulators.routing import Route, Service
from sample_data.simulators.world import World


def _whoami(world: World, request: Request) -> Response:
    token = world.token("huggingface", request.bearer)
    if token is None or token.status in (Status.REVOKED, Status.EXPIRED, Status.SUSPENDED):
        return reply({"error": "Invalid username or password."}, 401)
    if token.status is Status.LIMITED:
        return reply({"error": "Forbidden: your token lacks the needed permission."}, 403)
    if token.status is Status.THROTTLED:
        words = "You have reached your 'whoami' rate limit for this token."
        return reply({"error": words}, 429, ("Retry-After", "120"))
    who = token.account
    access = {"displayName": token.label, "role": (token.scopes or ("read",))[0]}
    access["createdAt"] = token.created_at
    row = {
        "type": "org" if who.bot else "user",
        "id": who.id,
        "name": who.login,
        "fullname": who.name,
        "isPro": False,
        "orgs": [{"type": "org", "name": "fennelandrye", "roleInOrg": "write"}],
        "auth": {"type": "access_token", "accessToken": access},
    }
    return reply(row if who.bot else row | {"email": who.email, "emailVerified": True})


def _missing(_world: World, _request: Request) -> Response:
    return reply({"error": "Sorry, we can't find the page you are looking for."}, 404)


SERVICE = Service("huggingface", (Route("GET", "/api/whoami-v2", _whoami),), missing=_missing)
