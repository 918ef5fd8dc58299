"""A request and a response, as values. Every simulator is a function from one to the other."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

JSON = "application/json; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Request:
    """One request as it came. `target` and `path` are still percent-encoded; header names
    are lower case; `params` are the decoded parts of the path that the route names.
    """

    method: str
    target: str
    path: str
    host: str
    headers: Mapping[str, str]
    query: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    body: bytes = field(default=b"", repr=False)
    params: Mapping[str, str] = field(default_factory=dict)

    def first(self, name: str, default: str = "") -> str:
        """Return the first value of a query parameter, else `default`."""
        values = self.query.get(name, ())
        return values[0] if values else default

    def number(self, name: str, default: int) -> int:
        """Return a query parameter as a whole number, else `default`."""
        text = self.first(name)
        return int(text) if text.isdigit() else default

    def json(self) -> dict[str, Any]:
        """Return the body read as a JSON object; raises ValueError when it is anything else."""
        value = json.loads(self.body or b"{}")
        if not isinstance(value, dict):
            raise ValueError("the body is not an object")  # noqa: TRY004  one error for one caller
        return value

    @property
    def base(self) -> str:
        """The address that the caller knows this server by."""
        return f"http://{self.host}"

    @property
    def bearer(self) -> str:
        """The credential of an Authorization header of scheme Bearer or token, else empty."""
        scheme, _, value = self.headers.get("authorization", "").partition(" ")
        return value.strip() if scheme.lower() in ("bearer", "token") else ""

    @property
    def basic(self) -> tuple[str, str]:
        """User and password of HTTP Basic; two empty texts where there are none."""
        scheme, _, value = self.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "basic":
            return "", ""
        try:
            user, _, password = base64.b64decode(value, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return "", ""
        return user, password


@dataclass(frozen=True, slots=True)
class Response:
    """One answer. `created` marks that the request made a new record (for the counters)."""

    status: int = 200
    body: bytes = b""
    content_type: str = JSON
    headers: tuple[tuple[str, str], ...] = ()
    created: bool = False

    def plus(self, *headers: tuple[str, str]) -> Response:
        """Return this answer with more headers."""
        return replace(self, headers=self.headers + headers)


def reply(value: object, status: int = 200, *headers: tuple[str, str]) -> Response:
    """Return a JSON answer."""
    return Response(status, json.dumps(value, separators=(",", ":")).encode(), JSON, headers)


def empty(status: int = 204) -> Response:
    """Return an answer without a body."""
    return Response(status, b"", "")
