"""From a request to the function of a vendor's file that answers it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from urllib.parse import unquote

from sample_data.simulators.messages import Request, Response, reply
from sample_data.simulators.world import World

Answer = Callable[[World, Request], Response]


@dataclass(frozen=True, slots=True)
class Route:
    """A method, a path with {names}, and what answers it."""

    method: str
    template: str
    answer: Answer


def _nothing(_world: World, _request: Request) -> Response | None:
    return None


def _missing(_world: World, _request: Request) -> Response:
    return reply({"message": "Not Found"}, 404)


@dataclass(frozen=True, slots=True)
class Service:
    """One vendor. `guard` answers before any route (to refuse), or returns None; `finish`
    adds what stands on every answer.
    """

    name: str
    routes: tuple[Route, ...]
    guard: Callable[[World, Request], Response | None] = _nothing
    missing: Answer = _missing
    finish: Callable[[World, Request, Response], Response] = lambda _world, _request, answer: answer


@cache
def _pattern(template: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", template) + "/?")


def answer(service: Service, world: World, request: Request) -> Response:
    """Return what the vendor says. Work on the world is done by one request at a time."""
    with world.lock:
        refusal = service.guard(world, request)
        if refusal is not None:
            return service.finish(world, request, refusal)
        for route in service.routes:
            match = _pattern(route.template).fullmatch(request.path)
            if match and route.method == request.method:
                params = {name: unquote(text) for name, text in match.groupdict().items()}
                found = replace(request, params=params)
                return service.finish(world, found, route.answer(world, found))
        return service.finish(world, request, service.missing(world, request))
