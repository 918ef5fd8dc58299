"""The levers over HTTP, for a simulator process that outlives the program under test.

POST bodies are JSON objects; answers hold labels and counts, never a plaintext.

    GET  /state          counters, tokens (label, vendor, status), tickets
    POST /revoke         {"label": ...}
    POST /restore        {"label": ...}
    POST /status         {"label": ..., "status": "live|revoked|expired|limited|throttled|suspended"}
    POST /resolve        {"key": ..., "resolution": "Done", "by": "alex.agent", "system": "jira"}
    POST /fault          {"vendor": ..., "kind": ..., "times": 1, ...}  (see faults.Fault)
    POST /clear-faults   {}
    POST /index-delay    {"seconds": 2.5}   Jira Cloud's search index
    POST /index-now      {}
"""

from __future__ import annotations

from typing import Any

from sample_data.simulators.messages import Request, Response, empty, reply
from sample_data.simulators.plan import Status
from sample_data.simulators.routing import Answer, Route, Service
from sample_data.simulators.world import World


def state(world: World) -> dict[str, Any]:
    """Return counters, tokens and tickets as plain values without plaintext."""
    with world.lock:
        return {
            "requests": dict(world.requests),
            "creates": dict(world.creates),
            "asked": dict(world.asked),
            "strangers": dict(world.strangers),
            "tokens": [
                {"label": token.label, "vendor": token.vendor, "status": token.status}
                for token in world.tokens
            ],
            "tickets": [*_issues(world), *_incidents(world)],
        }


def _issues(world: World) -> list[dict[str, Any]]:
    return [
        {
            "system": name,
            "key": issue.key,
            "title": issue.fields.get("summary", ""),
            "labels": issue.fields.get("labels", []),
            "state": issue.state.name,
            "open": issue.state.category != "done",
            "resolution": issue.resolution or "",
            "comments": len(issue.comments),
        }
        for name, site in (("jira", world.jira), ("jira_dc", world.jira_dc))
        for issue in site.all
    ]


def _incidents(world: World) -> list[dict[str, Any]]:
    return [
        {
            "system": "servicenow",
            "key": row["number"],
            "title": row["short_description"],
            "labels": [row["correlation_id"]],
            "state": row["state"],
            "open": world.servicenow.is_open(row),
            "resolution": row.get("close_code", ""),
            "comments": sum(entry.record == row["sys_id"] for entry in world.servicenow.journal),
        }
        for row in world.servicenow.all
    ]


def _state(world: World, _request: Request) -> Response:
    return reply(state(world))


def _guarded(answer: Answer) -> Answer:
    """Turn a wrong word in a lever's body into 400 with its name."""

    def checked(world: World, request: Request) -> Response:
        try:
            return answer(world, request)
        except (KeyError, TypeError, ValueError) as wrong:
            return reply({"error": f"{type(wrong).__name__}: {wrong}"}, 400)

    return checked


def _revoke(world: World, request: Request) -> Response:
    world.revoke(request.json()["label"])
    return empty()


def _restore(world: World, request: Request) -> Response:
    world.restore(request.json()["label"])
    return empty()


def _set_status(world: World, request: Request) -> Response:
    body = request.json()
    world.set_status(body["label"], Status(body["status"]))
    return empty()


def _resolve(world: World, request: Request) -> Response:
    world.resolve_ticket(**request.json())
    return empty()


def _fault(world: World, request: Request) -> Response:
    body = request.json()
    world.fault(body.pop("vendor"), body.pop("kind"), **body)
    return empty()


def _clear(world: World, _request: Request) -> Response:
    world.clear_faults()
    return empty()


def _index_delay(world: World, request: Request) -> Response:
    world.jira.index_delay = float(request.json()["seconds"])
    return empty()


def _index_now(world: World, _request: Request) -> Response:
    world.jira.index_now()
    return empty()


SERVICE = Service(
    "control",
    (
        Route("GET", "/state", _state),
        *(
            Route("POST", path, _guarded(answer))
            for path, answer in (
                ("/revoke", _revoke),
                ("/restore", _restore),
                ("/status", _set_status),
                ("/resolve", _resolve),
                ("/fault", _fault),
                ("/clear-faults", _clear),
                ("/index-delay", _index_delay),
                ("/index-now", _index_now),
            )
        ),
    ),
)
