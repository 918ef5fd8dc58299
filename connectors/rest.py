"""A JSON API under one base address with one login, and its statuses as our errors."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from urllib.parse import quote, urlencode

from connectors.http import Call, Http, Reply, retry_after, same_origin
from connectors.json_shape import as_text, decoded, row, rows
from correlate.errors import AuthError, OffkeyError, Refused, SourceError, Unavailable
from correlate.secret import Secret

_PAUSE_UNSAID_S = 60.0
_PAGES_MAX = 10_000
_NEXT = re.compile(r'<([^<>]{1,4096})>\s*;[^,<]{0,256}?\brel="?next"?')
Query = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Answer:
    """A status that the caller asked for, the headers (lower case) and the JSON (None: no body)."""

    status: int
    headers: Mapping[str, str]
    value: object


@dataclass(frozen=True, slots=True)
class Rest:
    """`system` is its name in errors. `forbidden_means_login`: a 403 says that the login lacks
    rights as a whole (AuthError), else it rejects this one request (Refused). `decode` gives the
    JSON of a reply, and raises ValueError with what is wrong with it.
    """

    http: Http
    base: str
    system: str
    headers: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, Secret] = field(default_factory=dict)
    forbidden_means_login: bool = True
    decode: Callable[[Reply], object] = decoded

    def get(self, path: str, query: Query = (), *, also: frozenset[int] = frozenset()) -> Answer:
        """Return the answer to a GET. Raises for any status that is neither 2xx nor in `also`."""
        return self.ask("GET", self.address(path, query), None, also=also)

    def send(
        self,
        method: str,
        path: str,
        body: object,
        query: Query = (),
        *,
        also: frozenset[int] = frozenset(),
    ) -> Answer:
        """Send a JSON body, once. Unavailable without `retry_after` means: it may have been done."""
        return self.ask(method, self.address(path, query), body, also=also)

    def address(self, path: str, query: Query = ()) -> str:
        """Return the URL of a path that is quoted already (see `segment`)."""
        return self.base.rstrip("/") + path + ("?" + urlencode(query) if query else "")

    def ask(self, method: str, url: str, body: object, *, also: frozenset[int]) -> Answer:
        """Make a call to `url`, which must lie at our own origin."""
        if not same_origin(self.base, url):
            raise SourceError(
                "an address was not followed", where=self.system,
                why="the next page lies on another host", fix="check the base address and its proxy",
            )  # fmt: skip
        headers, data = dict(self.headers), b""
        if body is not None:
            headers["Content-Type"] = "application/json"
            data = json.dumps(body).encode()
        reply = self.http.send(Call(method, url, headers, self.secrets, data))
        if not (HTTPStatus.OK <= reply.status < HTTPStatus.MULTIPLE_CHOICES) and (
            reply.status not in also
        ):
            raise self._error(reply, method)
        return Answer(reply.status, reply.headers, self._value(reply, also))

    def pages(self, path: str, query: Query = ()) -> Iterator[Answer]:
        """Yield the pages of a list, following Link: rel="next" or X-Next-Page to the end.

        Raises SourceError when a page points to another host, to itself or in a circle.
        """
        url, seen = self.address(path, query), set[str]()
        while url:
            if url in seen or len(seen) >= _PAGES_MAX:
                raise in_a_circle(self.system)
            seen.add(url)
            answer = self.ask("GET", url, None, also=frozenset())
            yield answer
            url = self._next(answer.headers, path, query)

    def listed(self, path: str, query: Query = (), under: str = "") -> list[Mapping[str, object]]:
        """Return a whole list, which stands in each page as such or `under` a name.

        Raises SourceError when fewer rows came than the pages say there are (X-Total, or
        total_count beside the list).
        """
        found: list[Mapping[str, object]] = []
        total = 0
        for page in self.pages(path, query):
            value, said = page.value, page.headers.get("x-total", "")
            if under:
                value = row(page.value, self.system).get(under)
                said = as_text(row(page.value, self.system).get("total_count"))
            found += rows(value, self.system)
            total = int(said) if said.isascii() and said.isdigit() else total
        if len(found) < total:
            raise SourceError(
                "a list came back short", where=self.system,
                why=f"{len(found)} of {total} rows came", fix="run again later",
            )  # fmt: skip
        return found

    def _next(self, headers: Mapping[str, str], path: str, query: Query) -> str:
        found = next_link(headers)
        if found:
            return found
        page = headers.get("x-next-page", "").strip()
        if not page:
            return ""
        return self.address(path, [*((k, v) for k, v in query if k != "page"), ("page", page)])

    def _value(self, reply: Reply, also: frozenset[int]) -> object:
        if not reply.body:
            return None
        try:
            return self.decode(reply)
        except ValueError as error:
            if reply.status in also:
                return None
            raise Unavailable(
                "no usable answer", where=self.system, why=str(error),
                fix="check the address: a sign-in page or a proxy may have answered",
            ) from None  # fmt: skip

    def _error(self, reply: Reply, method: str) -> OffkeyError:
        status, where = reply.status, f"{self.system}, {method}"
        pause = retry_after(reply, time.time())
        if status == HTTPStatus.TOO_MANY_REQUESTS or _throttled(reply):
            return Unavailable(
                "we were asked to wait", where=where, why=f"status {status}", fix="run again later",
                retry_after=_PAUSE_UNSAID_S if pause is None else pause,
            )  # fmt: skip
        if status == HTTPStatus.UNAUTHORIZED or (
            status == HTTPStatus.FORBIDDEN and self.forbidden_means_login
        ):
            return AuthError(
                "our own login was refused", where=where, why=f"status {status}",
                fix="check that its token is valid and has the rights that the docs list",
            )  # fmt: skip
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status == HTTPStatus.REQUEST_TIMEOUT:
            return Unavailable(
                "the system is failing", where=where, why=f"status {status}", fix="run again later"
            )
        return Refused(
            "a request was rejected", where=where, why=f"status {status}{_said(reply)}",
            fix="see the named fields and the connector's `offkey doctor` output",
        )  # fmt: skip


def next_link(headers: Mapping[str, str]) -> str:
    """Return the URL that the Link header (RFC 8288) calls next, empty where it calls none so."""
    found = _NEXT.search(headers.get("link", ""))
    return found[1] if found else ""


def in_a_circle(system: str) -> SourceError:
    """Return what is to be raised for a list whose pages lead back to one that was read."""
    return SourceError(
        "a list does not end", where=system, why="its pages lead in a circle",
        fix="check the address and whatever stands between",
    )  # fmt: skip


def segment(text: str) -> str:
    """Return `text` as one segment of a path, with its slashes and dots disarmed."""
    if text in (".", ".."):
        raise Refused(
            "a name was not sent", where=text, why="it is a step in a path", fix="rename it"
        )
    return quote(text, safe="")


def _throttled(reply: Reply) -> bool:
    """GitHub answers 403 to a spent or a secondary rate limit
    (https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api).
    """
    return reply.status == HTTPStatus.FORBIDDEN and (
        "retry-after" in reply.headers or reply.headers.get("x-ratelimit-remaining") == "0"
    )


def _said(reply: Reply) -> str:
    """Return the names of the fields that Jira objects to: names are ours to show, texts are not."""
    try:
        value = decoded(reply)
    except ValueError:
        return ""
    errors = value.get("errors") if isinstance(value, dict) else None
    names = sorted(str(name)[:64] for name in errors)[:10] if isinstance(errors, dict) else []
    return f", fields: {', '.join(names)}" if names else ""
