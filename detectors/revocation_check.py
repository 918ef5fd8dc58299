"""Whether a declared revocation ends one credential and no more. `detectors.kind_check` asks for
every kind that has one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from correlate.kind import THIS_ONE, Effect, Kind, Revocation, RevocationAnswer

_METHODS = ("DELETE", "POST")
_AUTH = re.compile(r"bearer|json|header:[\w-]+(:[^{}]*)?")
_PATH = re.compile(r"(/[\w.~-]+)+")  # no query, no field, no wildcard
_WORD = re.compile(r"[a-z]+")
# words of a path, body or header that name more than the one credential, or something else
_MORE = re.compile(
    "accounts?|admin|all|batch|bulk|children|everything|famil(y|ies)|groups?|logout|members?|mode"
    "|orgs?|organi[sz]ations?|orphans?|owners?|prefix|projects?|purge|refresh|regenerate|renew|reset"
    "|roll|rotate|rotation|sessions?|signout|teams?|tenants?|tree|uninstall|users|workspaces?"
)
# a path that names no caller ends in one of these: one thing, which is the caller's own
_OWN = frozenset({"current", "self"})
_ITSELF = ("/access-token", "/auth.revoke")  # nothing but the token they are called with
_NOT_SET_HERE = frozenset({"authorization", "cookie", "host", "content-length", "user-agent"})
_MARK = "{secret}"


def revocation_problems(kind: Kind, rule: Revocation) -> Iterator[str]:
    """Yield why the declared call may not be made, one plain sentence each; nothing if it may."""
    if kind.verification is None or kind.verification.via != "http":
        yield "it declares a revocation and no verification over HTTP that could prove it"
    elif kind.verification.regions:
        yield "its revocation goes to one host, and its verification asks several regions"
    if kind.partner:
        yield "its revocation is of a pair, which no declared call can end alone"
    if rule.revokes != THIS_ONE:
        yield f"its revocation ends {rule.revokes[:40]!r}, and may end {THIS_ONE!r} only"
    if urlsplit(rule.source).scheme != "https":
        yield "its revocation names no page of the vendor that documents it"
    if rule.method not in _METHODS:
        yield f"its revocation is no {' or '.join(_METHODS)}"
    if {name.lower() for name in rule.headers} & _NOT_SET_HERE:
        yield "its revocation sets a header that is not its own to set"
    yield from _reach_problems(rule)
    yield from _answer_problems(rule)


def _reach_problems(rule: Revocation) -> Iterator[str]:
    if not _PATH.fullmatch(rule.path):
        yield "the path of its revocation is not plain: it may hold no query, field or wildcard"
    said = f"{rule.path} {rule.body} {' '.join(rule.headers.values())}".lower()
    more = sorted({word for word in _WORD.findall(said) if _MORE.fullmatch(word)})
    if more:
        yield f"its revocation speaks of more than {THIS_ONE}: {', '.join(more)}"
    if not _AUTH.fullmatch(rule.auth):
        yield f"its revocation names an unknown way to send the secret: {rule.auth[:40]!r}"
    elif rule.auth == "json":
        yield from _body_problems(rule.body)
    elif rule.body:
        yield "its revocation has a body, which its auth does not say"
    elif rule.path.rpartition("/")[2] not in _OWN and not rule.path.endswith(_ITSELF):
        yield "the path of its revocation does not name the very credential that it is called with"


def _body_problems(body: str) -> Iterator[str]:
    try:
        value = json.loads(body)
    except ValueError:
        yield "the body of its revocation is not JSON"
        return
    if not isinstance(value, dict) or list(_leaves(value)) != [_MARK]:
        yield f'the body of its revocation holds something else than one "{_MARK}"'


def _leaves(value: object) -> Iterator[object]:
    if isinstance(value, dict):
        for item in value.values():
            yield from _leaves(item)
    elif isinstance(value, list):
        for item in value:
            yield from _leaves(item)
    else:
        yield value


def _answer_problems(rule: Revocation) -> Iterator[str]:
    if not any(answer.effect is Effect.DONE for answer in rule.answers):
        yield "its revocation says of no answer that it is done"
    for answer in rule.answers:
        if answer.effect in (Effect.DONE, Effect.GONE) and not _may_confirm(answer):
            yield "its revocation takes an answer for done that need not be one"


def _may_confirm(answer: RevocationAnswer) -> bool:
    """A 200 may hold anything; 202 and 204 say it by themselves (RFC 9110, 15.3.3 and 15.3.5)."""
    said = bool(answer.body or answer.contains)
    bare = (202, 204) if answer.effect is Effect.DONE else ()
    return bool(answer.statuses) and all(
        status in bare or (said and status // 100 in (2, 4)) for status in answer.statuses
    )
