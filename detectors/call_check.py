"""Whether a declared call may be made: it reads, at a pinned host, and takes nothing for death that
is none. `detectors.kind_check` asks for every kind with a verification over HTTP.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from correlate.errors import ConfigError
from correlate.kind import Answer, Kind, Verification
from correlate.model import LivenessState
from detectors.signed_posts import Post, read_only_posts

# words of a path or body that name a change, whatever the method
_CHANGES = re.compile(
    "activate|add|cancel|create|deactivate|delete|destroy|disable|enable|exchange|expire|invalidate"
    "|logout|mutation|purge|redeem|refresh|regenerate|remove|renew|reset|revoke|roll|rotate|send"
    "|signout|terminate|update|upload|write"
)
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+")
_TUNNELS = frozenset({"x-http-method-override", "x-http-method", "x-method-override"})
_NOT_SET_HERE = frozenset({"authorization", "cookie", "host", "content-length", "user-agent"})
_AUTH = re.compile(
    r"bearer|basic-password|path|form|url|header:[\w-]+(:.*)?|headers:[\w-]+:[\w-]+|query:[\w.-]+"
    r"|basic:[^{}]*(\{(id|secret)\}[^{}]*)+"
)
_NO_REJECTIONS = frozenset({407, 408, 425, 429})  # a proxy's, and those that say "not now"
_UNAUTHORIZED = 401  # the one status that rejects without more words; RFC 9110, 15.5.2


def call_problems(kind: Kind, rule: Verification) -> Iterator[str]:
    """Yield why the declared call may not be made, one plain sentence each; nothing if it may."""
    yield from _host_problems(rule)
    yield from _method_problems(kind, rule)
    yield from _auth_problems(kind, rule)
    states = [answer.state for answer in rule.answers]
    if LivenessState.LIVE not in states:
        yield "its verification says of no answer that the credential is live"
    for answer in rule.answers:
        yield from _answer_problems(answer)


def _host_problems(rule: Verification) -> Iterator[str]:
    if not rule.host:
        if not rule.self_hosted:
            yield "its verification names no host, and does not say self_hosted"
        return
    for region in rule.regions or ("",):
        if not _is_origin(rule.host.replace("{region}", region)):
            yield "its verification host is not an https:// origin"
            return
    if ("{region}" in rule.host) != bool(rule.regions):
        yield 'its host holds "{region}" and names no regions, or the other way round'
    if rule.region_at and (not rule.regions or _groups(rule.region_at) != 1):
        yield "region_at is a pattern with one group, and regions list what it may find"
    if any(item.pattern and _groups(item.pattern) < 1 for item in rule.identities):
        yield "the pattern of an identity has no group around the name"


def _groups(pattern: str) -> int:
    try:
        return re.compile(pattern).groups
    except re.error:
        return -1


def _is_origin(host: str) -> bool:
    url = urlsplit(host)
    rest = url.path or url.query or url.fragment or url.username
    return (
        url.scheme == "https"
        and bool(re.fullmatch(r"[a-z0-9][a-z0-9.-]*\.[a-z]+", url.netloc))
        and not rest
    )


def _method_problems(kind: Kind, rule: Verification) -> Iterator[str]:
    if not rule.path.startswith("/"):
        yield "the path of its verification does not begin with a slash"
    spoken = f"{rule.path} {rule.body if rule.method == 'POST' else ''}"
    words = {word.lower() for word in _WORD.findall(spoken)}
    changes = sorted(word for word in words if _CHANGES.fullmatch(word))
    if changes:
        yield f"its verification speaks of a change: {', '.join(changes)}"
    if {name.lower() for name in rule.headers} & _TUNNELS:
        yield "its verification asks for another method by a header"
    if rule.method in ("GET", "HEAD"):
        if rule.body:
            yield "its verification sends a body with a method that has none"
        return
    asked = Post(rule.host or (rule.service or kind.issuer), rule.path, rule.body)
    try:
        if rule.method == "POST" and asked in read_only_posts():
            return
    except ConfigError as error:
        yield f"{error.what}: {error.why}"
        return
    yield "its verification is not a read: GET, HEAD, or a POST on the signed list of those that read"


def _auth_problems(kind: Kind, rule: Verification) -> Iterator[str]:
    if not _AUTH.fullmatch(rule.auth):
        yield f"its verification names an unknown way to send the secret: {rule.auth[:40]!r}"
        return
    way = rule.auth.partition(":")[0]
    places = {"path": rule.path, "form": rule.body, "basic": rule.auth}
    if way in places and "{secret}" not in places[way]:
        yield f'its verification sends the secret by {way}, which holds no "{{secret}}"'
    if way != "path" and "{secret}" in rule.path:
        yield "its path holds the secret, which its auth does not say"
    if not kind.partner and ("{id}" in rule.path + rule.auth or way == "headers"):
        yield "its verification speaks of a pair's id, and the kind is none"
    if {name.lower() for name in rule.headers} & _NOT_SET_HERE:
        yield "its verification sets a header that is not its own to set"


def _answer_problems(answer: Answer) -> Iterator[str]:
    said = bool(answer.body or answer.contains)
    if answer.state.usable and not said and answer.state is LivenessState.LIVE:
        yield "it takes any content for a live credential's"
    if answer.state is not LivenessState.DEAD:
        return
    if not answer.statuses:
        yield "it takes a status that it does not name for death"
    for status in answer.statuses:
        if status in _NO_REJECTIONS or status // 100 not in (2, 4):
            yield f"it takes status {status} for death, which is no rejection"
        elif not said and status != _UNAUTHORIZED:
            yield f"it takes status {status} for death, whatever the answer holds"
