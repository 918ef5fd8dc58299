"""The one place where offkey speaks HTTP. No Response leaves it: a Call goes in, a Reply comes out.

What clients of more comfort do by themselves and is not wanted here: they forward PRIVATE-TOKEN
and X-Api-Key across redirects, let a netrc entry replace an Authorization header, take
proxies from the environment, and bound each read but not the whole call. So this file
uses urllib3's connections only, one per call, and decides all of that itself.
"""

from __future__ import annotations

import contextlib
import http.client
import logging
import socket
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit, urlunsplit

import urllib3

from connectors.address import Resolve, admitted, looked_up
from connectors.pace import Pace
from connectors.pinned import Route, Trust, Watch, pool
from correlate.errors import OffkeyError, Refused, Unavailable
from correlate.secret import Secret

USER_AGENT = "offkey/0.1 (credential offboarding check)"
_CHUNK = 65_536
_RETRIED = frozenset(
    {
        HTTPStatus.TOO_MANY_REQUESTS,
        HTTPStatus.BAD_GATEWAY,
        HTTPStatus.SERVICE_UNAVAILABLE,
        HTTPStatus.GATEWAY_TIMEOUT,
    }
)
_HOST_MAX = 253


@dataclass(frozen=True, slots=True)
class Policy:
    """How calls are made. Only hosts in `internal_hosts` may be plain http or resolve to a
    private address; they are reached directly, all others through `proxy` when there is one
    (which then also resolves their names). `spacing_s` is the least time between calls to
    one host. `client_cert` and its `client_key` (PEM) are shown to a server that asks for them.
    """

    internal_hosts: tuple[str, ...] = ()
    proxy: str = ""
    ca_file: Path | None = None
    timeout_s: float = 20.0
    body_max: int = 32 * 1024 * 1024
    retries: int = 2
    retry_after_max_s: float = 30.0
    spacing_s: float = 0.0
    user_agent: str = USER_AGENT
    client_cert: Path | None = None
    client_key: Path | None = None


class Reach(Protocol):
    """The settings that every connector over HTTP has in common."""

    @property
    def internal_hosts(self) -> tuple[str, ...]: ...
    @property
    def proxy(self) -> str: ...
    @property
    def ca_file(self) -> Path | None: ...
    @property
    def timeout_s(self) -> float: ...


def policy_of(reach: Reach) -> Policy:
    """Return the Policy that a connector's settings ask for; what is its own it replaces."""
    return Policy(
        internal_hosts=reach.internal_hosts,
        proxy=reach.proxy,
        ca_file=reach.ca_file,
        timeout_s=reach.timeout_s,
    )


class Asking(Reach, Protocol):
    """The settings of those that ask issuers."""

    @property
    def spacing_s(self) -> float: ...


def one_attempt(asking: Asking, body_max: int) -> Policy:
    """Return the Policy of an issuer that is asked once a question."""
    policy = policy_of(asking)
    return replace(policy, body_max=body_max, retries=0, spacing_s=asking.spacing_s)


@dataclass(frozen=True, slots=True)
class Call:
    """One request. `secrets` are headers whose value nobody may see. Never printed whole."""

    method: str
    url: str = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, Secret] = field(default_factory=dict)
    body: bytes = field(default=b"", repr=False)

    @property
    def host(self) -> str:
        """The host asked, without port: all of the address that an error may show."""
        try:
            return (urlsplit(self.url).hostname or "")[:_HOST_MAX]
        except ValueError:
            return ""

    @property
    def origin(self) -> str:
        """The host with its port: two services of one machine are paced apart."""
        return urlsplit(self.url).netloc


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back, of whatever status. Header names are in lower case."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)

    @property
    def content_type(self) -> str:
        """The media type alone, in lower case."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()


def lookup(host: str, port: int) -> Iterable[str]:
    """Return the addresses of `host` as the system's resolver gives them."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(entry[4][0]) for entry in found]


class Http:
    """Makes calls under one Policy. Safe to share between threads.

    `send` returns a Reply of any status. It raises Unavailable when no whole answer came in
    time, and Refused when the call may not be made at all (address, scheme, redirect
    target). GET and HEAD are tried again a few times, other methods never.
    """

    def __init__(
        self,
        policy: Policy,
        *,
        resolve: Resolve = lookup,
        sleep: Callable[[float], None] = time.sleep,
        monotonic: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self.policy = policy
        self._resolve = resolve
        self._sleep, self._monotonic, self._wall = sleep, monotonic, wall
        self._pace = Pace(policy.spacing_s, monotonic, sleep)
        logging.getLogger("urllib3").setLevel(logging.CRITICAL)  # at DEBUG it prints queries

    def send(self, call: Call) -> Reply:
        """Make the call and return the whole answer."""
        tries = 1 + (self.policy.retries if call.method in ("GET", "HEAD") else 0)
        for left in range(tries - 1, -1, -1):
            try:
                reply = self._once(call)
            except Unavailable:
                if not left:
                    raise
                self._sleep(0.5 * (tries - left))
                continue
            if reply.status not in _RETRIED or not left:
                return reply
            pause = retry_after(reply, self._wall())
            if pause is None and reply.status == HTTPStatus.TOO_MANY_REQUESTS:
                return reply  # told to slow down without being told how long: the caller decides
            if pause is not None and pause > self.policy.retry_after_max_s:
                return reply
            self._sleep(0.5 * (tries - left) if pause is None else pause)
        raise AssertionError("the last try returns or raises")

    def _once(self, call: Call) -> Reply:
        internal = self._check_url(call)
        url = urlsplit(call.url)
        self._pace.enter(call.origin)
        try:
            reply = self._exchange(
                call, url.port or (443 if url.scheme == "https" else 80), internal=internal
            )
        except Unavailable:
            self._pace.failed(call.origin)
            raise
        self._pace.answered(call.origin, failed=reply.status >= HTTPStatus.INTERNAL_SERVER_ERROR)
        return reply

    def _check_url(self, call: Call) -> bool:
        """Return whether the host is an internal one; raise Refused for a URL not to be called."""
        try:
            url = urlsplit(call.url)
            usable = url.port != 0 and url.scheme in ("http", "https") and bool(url.hostname)
        except ValueError:  # a port that is none, half a bracket
            usable = False
        if not usable or url.username is not None:
            raise _refused(call, "the address is not a plain http(s) URL")
        internal = call.host in {host.lower() for host in self.policy.internal_hosts}
        if url.scheme == "http" and not internal:
            raise _refused(call, "plain http is for configured internal hosts only")
        return internal

    def _exchange(self, call: Call, port: int, *, internal: bool) -> Reply:
        with Watch(self.policy.timeout_s) as watch:
            route = Route(watch, ())
            if internal or not self.policy.proxy:
                route = Route(watch, self._addresses(call, port, watch, internal=internal))
            try:
                return self._read(call, route)
            except OffkeyError:
                raise
            except _FAULTS as fault:
                why = _why(fault, watch)
        # raised out here, the error keeps no hold on the frames that knew the plaintext
        raise _unavailable(call, why)

    def _addresses(self, call: Call, port: int, watch: Watch, *, internal: bool) -> tuple[str, ...]:
        found = looked_up(self._resolve, call.host, port, watch.left())
        if not found:
            raise _unavailable(call, "the host's name does not resolve")
        allowed = admitted(found, internal=internal)
        if not allowed:
            raise _refused(
                call, "the host's address is not public and the host is not listed as internal"
            )
        return allowed

    def _read(self, call: Call, route: Route) -> Reply:
        secrets = {name: value.reveal() for name, value in call.secrets.items()}
        headers = {
            "User-Agent": self.policy.user_agent,
            "Accept": "application/json",
            "Accept-Encoding": "identity",  # a body that unpacks to more than its cap is no answer
            "Connection": "close",
        }
        url = urlsplit(call.url)
        target = urlunsplit(("", "", url.path or "/", url.query, ""))
        trust = Trust(self.policy.ca_file, self.policy.client_cert, self.policy.client_key)
        response = pool(url, route, self.policy.proxy, trust).urlopen(
            call.method,
            target,
            call.body or None,
            headers | dict(call.headers) | secrets,
            retries=False,
            redirect=False,
            assert_same_host=False,
            timeout=urllib3.Timeout(self.policy.timeout_s, self.policy.timeout_s),
            preload_content=False,
            decode_content=False,
        )
        with contextlib.closing(response):
            body = self._body(call, response, route.watch)
            names = {name.lower(): value for name, value in response.headers.items()}
            return Reply(response.status, names, body)

    def _body(self, call: Call, response: urllib3.BaseHTTPResponse, watch: Watch) -> bytes:
        if response.headers.get("Content-Encoding", "identity").lower() != "identity":
            raise _unavailable(call, "the answer is packed though that was not asked for")
        parts, size = [], 0
        while chunk := response.read(_CHUNK, decode_content=False):
            size += len(chunk)
            if size > self.policy.body_max:
                raise _unavailable(call, f"the answer is larger than {self.policy.body_max} bytes")
            parts.append(chunk)
        if watch.fired:  # cut off by us: an answer without a length would look whole
            raise _unavailable(call, "no whole answer came in time")
        return b"".join(parts)


def retry_after(reply: Reply, wall: float) -> float | None:
    """Return the seconds that Retry-After asks for (seconds or HTTP date), None if unsaid."""
    text = reply.headers.get("retry-after", "").strip()
    if not text:
        return None
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        return max(0.0, parsedate_to_datetime(text).timestamp() - wall)
    except (ValueError, OverflowError):
        return None


def same_origin(base: str, url: str) -> bool:
    """Say whether `url` has the scheme, host and port of `base`, and no user name."""
    one, two = urlsplit(base), urlsplit(url)
    try:
        ports = (one.port, two.port)
    except ValueError:
        return False
    default = {"https": 443, "http": 80}.get(one.scheme)
    return (
        one.scheme == two.scheme
        and (one.hostname or "") == two.hostname
        and (ports[0] or default) == (ports[1] or default)
        and two.username is None
    )


_FAULTS = (
    urllib3.exceptions.HTTPError,
    http.client.HTTPException,
    OSError,
    ValueError,  # http.client and idna raise it for headers and names they cannot send
)


def _why(fault: Exception, watch: Watch) -> str:
    """Put the fault in words of our own: its text may hold a URL or a header."""
    if watch.fired or isinstance(fault, urllib3.exceptions.TimeoutError):
        return "no whole answer came in time"
    if isinstance(fault, urllib3.exceptions.SSLError):
        return "the TLS connection is not trusted"
    if isinstance(fault, urllib3.exceptions.ProxyError):
        return "the proxy did not pass the call on"
    return f"the connection failed ({type(fault).__name__})"


def _unavailable(call: Call, why: str) -> Unavailable:
    return Unavailable(
        "no usable answer", where=call.host, why=why, fix="check the network path, then run again"
    )


def _refused(call: Call, why: str) -> Refused:
    return Refused(
        "the call was not made",
        where=call.host,
        why=why,
        fix="name the host in internal_hosts if it is yours",
    )
