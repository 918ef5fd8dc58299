"""The door itself: `POST /push/NAME`. An event that is its sender's rings a bell, and is forgotten."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http import HTTPStatus

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from jobs.log import logger
from jobs.web.delivery import Delivery, Rejected, Transmitter
from jobs.web.seen import Seen

BODY_MAX = 256 * 1024
_TOLD_EVERY = timedelta(minutes=1)
Ring = Callable[[str, tuple[str, ...]], None]


@dataclass(slots=True)
class Door:
    """Takes events of `senders`, by name. `ring` is told the sender's name and what kinds of events
    came; it must return at once. What is refused is logged once a minute, as a count: anybody may
    knock.
    """

    senders: Mapping[str, Transmitter]
    ring: Ring
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    _seen: Seen = field(default_factory=Seen)
    _refused: int = 0
    _told_at: datetime | None = None

    async def push(self, request: Request) -> Response:
        """Answer one request."""
        sender = self.senders.get(request.path_params["name"])
        if sender is None:
            return self._refusal("", Rejected("unknown", "nobody of this name", 404))
        headers = {name: request.headers[name] for name in request.headers}
        if request.method != "POST":
            answer = sender.challenge(headers)
            wrong = Rejected("method", "events come by POST", HTTPStatus.METHOD_NOT_ALLOWED)
            return JSONResponse(answer) if answer else self._refusal(sender.name, wrong)
        try:
            taken = sender.check(Delivery(headers, await _body(request), self.clock()))
        except Rejected as rejected:
            return self._refusal(sender.name, rejected)
        if self._seen.first(sender.name, taken.id, self.clock()):
            self.ring(sender.name, taken.events)
        return Response(status_code=sender.accepted)  # a copy, too: its sender may stop

    def _refusal(self, sender: str, rejected: Rejected) -> Response:
        now = self.clock()
        self._refused += 1
        if self._told_at is None or now - self._told_at >= _TOLD_EVERY:
            logger().warning(
                "events refused", sender=sender, why=rejected.code, count=self._refused
            )
            self._refused, self._told_at = 0, now
        return JSONResponse(
            {"err": rejected.code, "description": rejected.words},
            rejected.status,
            {"Content-Language": "en", "Connection": "close"},
        )


def application(senders: Iterable[Transmitter], ring: Ring) -> Starlette:
    """Return the ASGI application."""
    door = Door({one.name: one for one in senders}, ring)
    return Starlette(routes=[Route("/push/{name}", door.push, methods=["GET", "POST"])])


async def _body(request: Request) -> bytes:
    """Return the body. Raises Rejected for one above `BODY_MAX`, and stops reading it there."""
    size, parts = 0, []
    too_large = Rejected("too_large", f"it is above {BODY_MAX} bytes", 413)
    said = request.headers.get("content-length", "0")
    if said.isascii() and said.isdigit() and int(said[:20]) > BODY_MAX:
        raise too_large
    try:
        async for part in request.stream():
            size += len(part)
            if size > BODY_MAX:
                raise too_large
            parts.append(part)
    except ClientDisconnect:
        raise Rejected("cut", "it did not arrive whole", 400) from None
    return b"".join(parts)
