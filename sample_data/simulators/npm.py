"""npm's registry: GET /-/whoami (docs.npmjs.com), 401 without a valid token."""

from __future__ import annotations

from sample_data.simulators.messages import Request, Response, empty, reply
from sample_data.simulators.plan import Status
from sample_data.simulators.routing import Route, Service
from sample_data.simulators.world import World


def _whoami(world: World, request: Request) -> Response:
    token = world.token("npm", request.bearer)
    if token is None or token.status in (Status.REVOKED, Status.EXPIRED, Status.SUSPENDED):
        return reply({"error": "You must be logged in"}, 401)
    if token.status is Status.LIMITED:
        return reply({"error": "Forbidden"}, 403)
    if token.status is Status.THROTTLED:
        return reply({"error": "Too Many Requests"}, 429, ("Retry-After", "60"))
    return reply({"username": token.account.login})


def _missing(_world: World, _request: Request) -> Response:
    return empty(404)


SERVICE = Service("npm", (Route("GET", "/-/whoami", _whoami),), missing=_missing)
