"""AWS's query protocol: a signed form in, XML out, of which only flat elements are taken.

https://docs.aws.amazon.com/IAM/latest/APIReference/welcome.html. No XML parser sees an answer:
nothing can be expanded, nested or fetched.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from urllib.parse import urlencode

from connectors.http import Call, Http, Reply, retry_after
from connectors.sigv4 import signed
from correlate.errors import AuthError, OffkeyError, Refused, SourceError, Unavailable
from correlate.secret import Secret

_PAGES_MAX = 10_000
_LEAF = re.compile(r"<(\w{1,64})>([^<>]{0,4096})</\1>")
_CODE = re.compile(r"<Code>([A-Za-z.]{1,64})</Code>")
_LOGIN = frozenset(
    {"InvalidClientTokenId", "SignatureDoesNotMatch", "UnrecognizedClientException", "ExpiredToken"}
)
_THROTTLED = frozenset({"Throttling", "ThrottlingException", "RequestLimitExceeded"})


@dataclass(frozen=True, slots=True)
class Query:
    """One service of one account, and our own key for it."""

    http: Http
    base: str
    system: str
    key_id: str
    key: Secret
    region: str
    service: str
    version: str
    wall: Callable[[], datetime]

    def ask(self, action: str, given: Sequence[tuple[str, str]] = ()) -> str:
        """Return the whole answer to an action. Raises for everything that is none."""
        form = urlencode([("Action", action), ("Version", self.version), *given])
        headers = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}
        call = Call("POST", self.base.rstrip("/") + "/", headers, body=form.encode())
        call = signed(call, self.key_id, self.key, self.region, self.service, self.wall())
        reply = self.http.send(call)
        text = reply.body.decode("utf-8", "replace").strip()
        if reply.status != HTTPStatus.OK:
            raise self._error(action, reply, text)
        if not text.endswith(f"</{action}Response>"):
            raise SourceError(
                "an answer is not whole", where=f"{self.system}, {action}",
                why="it does not end as the service's answers do",
                fix="check the address and whatever stands between",
            )  # fmt: skip
        return text

    def members(
        self, action: str, under: str, given: Sequence[tuple[str, str]] = ()
    ) -> Iterator[Mapping[str, str]]:
        """Yield the members of a list, following its markers to the end."""
        marker, seen = "", set[str]()
        while True:
            text = self.ask(action, [*given, *([("Marker", marker)] if marker else [])])
            yield from _members(text, under, f"{self.system}, {action}")
            told = leaves(text.partition(f"</{under}>")[2]) | leaves(
                text.partition(f"<{under}>")[0]
            )
            if told.get("IsTruncated", "false") == "false":
                return
            marker = told.get("Marker", "")
            if not marker or marker in seen or len(seen) >= _PAGES_MAX:
                raise SourceError(
                    "a list does not end", where=f"{self.system}, {action}",
                    why="it says that there is more, and not where", fix="run again later",
                )  # fmt: skip
            seen.add(marker)

    def _error(self, action: str, reply: Reply, text: str) -> OffkeyError:
        found = _CODE.search(text)
        code = found[1] if found else ""
        where, why = f"{self.system}, {action}", f"status {reply.status} {code}".strip()
        if reply.status == HTTPStatus.TOO_MANY_REQUESTS or code in _THROTTLED:
            return Unavailable(
                "we were asked to wait", where=where, why=why, fix="run again later",
                retry_after=retry_after(reply, self.wall().timestamp()),
            )  # fmt: skip
        if code in _LOGIN or reply.status == HTTPStatus.UNAUTHORIZED:
            return AuthError(
                "our own key was refused", where=where, why=why, fix="check the configured key"
            )
        if reply.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            return Unavailable("the system is failing", where=where, why=why, fix="run again later")
        return Refused(
            "a request was rejected", where=where, why=why, fix=f"allow our key iam:{action}"
        )


def leaves(text: str) -> dict[str, str]:
    """Return the flat elements of a piece of an answer; of several of one name, the last."""
    return {name: html.unescape(value) for name, value in _LEAF.findall(text)}


def _members(text: str, under: str, where: str) -> Iterator[Mapping[str, str]]:
    if f"<{under}/>" in text:
        return
    _, opened, rest = text.partition(f"<{under}>")
    body, closed, _ = rest.partition(f"</{under}>")
    if not opened or not closed:
        raise SourceError(
            "an answer is not as documented", where=where, why=f"{under} is missing",
            fix="check that the address is the service's own",
        )  # fmt: skip
    depth, start = 0, 0
    for mark in re.finditer(r"<(/?)member>", body):
        if not mark[1]:
            start = mark.end() if not depth else start
            depth += 1
            continue
        depth -= 1
        if not depth:
            yield leaves(body[start : mark.start()])
