"""What an issuer's reply means, by the kind's own table. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from http import HTTPStatus
from typing import Protocol, TypeVar

from connectors.http import Reply
from connectors.instants import instant
from connectors.json_shape import MISSING, as_text, decoded, pointed
from correlate.kind import IdentityRule, Verification
from correlate.model import Identity, Liveness, LivenessState
from correlate.secret import Secret

_TEXT_MAX = 256
_SCOPES_MAX = 64
_PART_MIN = 16
_HTML = frozenset({"text/html", "application/xhtml+xml"})


class Condition(Protocol):
    """What a declared answer asks of a reply (`correlate.kind.Answer`)."""

    @property
    def statuses(self) -> tuple[int, ...]: ...
    @property
    def body(self) -> Mapping[str, str]: ...
    @property
    def contains(self) -> str: ...


C = TypeVar("C", bound=Condition)


def declared(answers: Iterable[C], reply: Reply) -> C | None:
    """Return the first answer of which every condition holds. A page for people holds none."""
    if reply.content_type in _HTML and reply.body:
        return None
    value = _value(reply)
    return next((answer for answer in answers if _holds(answer, reply, value)), None)


def judge(rule: Verification, reply: Reply, secret: Secret, now: datetime) -> Liveness:
    """Return what `reply` says of the credential.

    The first declared answer whose every condition holds decides. A page for people, a
    redirect, a proxy's answer or one that is declared nowhere says nothing: UNKNOWN.
    """
    liveness = Liveness(
        LivenessState.UNKNOWN,
        now,
        f"an answer of status {reply.status} that this kind does not declare",
        status=reply.status,
    )
    if reply.content_type in _HTML:
        return replace(liveness, reason="a web page came instead of an answer")
    value = _value(reply)
    if value is MISSING and reply.body and _calls_itself_json(reply):
        return replace(
            liveness, reason=f"an answer of status {reply.status} that is not whole JSON"
        )
    answer = next((a for a in rule.answers if _holds(a, reply, value)), None)
    if answer is None:
        if reply.status == HTTPStatus.TOO_MANY_REQUESTS:
            return replace(
                liveness, state=LivenessState.RATE_LIMITED, reason="the issuer asks us to wait"
            )
        return replace(liveness, reason=_undeclared(reply, value))
    if answer.state is LivenessState.DEAD and not _may_reject(reply.status):
        return replace(liveness, reason=f"status {reply.status} is no rejection")
    if answer.state.usable and value is MISSING and not answer.contains:
        return replace(liveness, reason="an acceptance without an answer's content")
    liveness = replace(liveness, state=answer.state, reason=answer.reason)
    if answer.state is LivenessState.DEAD:
        return liveness
    liveness = replace(liveness, owner_is_person=rule.owner_is_person)
    if not HTTPStatus.OK <= reply.status < HTTPStatus.MULTIPLE_CHOICES:
        return liveness  # an error has an "id" and a "name" of its own
    return _described(liveness, rule, _Places(reply, value, secret))


def _value(reply: Reply) -> object:
    try:
        return decoded(reply)
    except ValueError:
        return MISSING


def _calls_itself_json(reply: Reply) -> bool:
    return reply.content_type == "application/json" or reply.content_type.endswith("+json")


def _undeclared(reply: Reply, value: object) -> str:
    if HTTPStatus.MULTIPLE_CHOICES <= reply.status < HTTPStatus.BAD_REQUEST:
        return "a redirect came, which is not followed"
    if value is MISSING:
        return f"an answer of status {reply.status} that is not whole JSON"
    return f"an answer of status {reply.status} that this kind does not declare"


def _may_reject(status: int) -> bool:
    """A failing, throttling, redirecting or proxying server never proves a credential dead."""
    return status not in (
        HTTPStatus.TOO_MANY_REQUESTS,
        HTTPStatus.PROXY_AUTHENTICATION_REQUIRED,
        HTTPStatus.REQUEST_TIMEOUT,
    ) and (
        HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES
        or HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR
    )


def _holds(answer: Condition, reply: Reply, value: object) -> bool:
    if answer.statuses and reply.status not in answer.statuses:
        return False
    if answer.contains and answer.contains.encode() not in reply.body:
        return False
    return all(_says(_at(reply, value, place), want) for place, want in answer.body.items())


def _at(reply: Reply, value: object, place: str) -> object:
    """Return what stands at a place of the answer: a header or a part of its JSON."""
    if place.startswith("header:"):
        return reply.headers.get(place[7:].lower(), MISSING)
    return MISSING if value is MISSING else pointed(value, place)


def _says(found: object, want: str) -> bool:
    if found is MISSING or found is None:
        return found is None and want == "null"
    return want == "*" or as_text(found) == want


class _Places:
    """Reads the places of one reply. A text that holds the secret itself is never given out."""

    def __init__(self, reply: Reply, value: object, secret: Secret) -> None:
        self._reply, self._value, self._secret = reply, value, secret

    def text(self, place: str) -> str:
        return as_text(self.value(place))

    def value(self, place: str) -> object:
        return self._clean(_at(self._reply, self._value, place)) if place else ""

    def _clean(self, value: object) -> object:
        if isinstance(value, list):
            return [self._clean(item) for item in value[:_SCOPES_MAX]]
        text = as_text(value)
        if any(part in text for part in [self._secret.reveal(), *_parts(self._secret)]):
            return ""
        return "".join(c for c in text[:_TEXT_MAX] if c.isprintable())


def _parts(secret: Secret) -> list[str]:
    """Return a pair's secret half, and what that is made of: its public half may well be named by
    the issuer.
    """
    half = secret.reveal().partition(":")[2]
    return [half, *(part for part in half.split(":") if len(part) >= _PART_MIN)] if half else []


def _described(liveness: Liveness, rule: Verification, places: _Places) -> Liveness:
    return replace(
        liveness,
        identities=tuple(_identities(rule.identities, places)),
        owner_name=places.text(rule.owner_name),
        scopes=_scopes(places.value(rule.scopes)),
        created_at=instant(places.text(rule.created_at)),
        expires_at=instant(places.text(rule.expires_at)),
        last_used_at=instant(places.text(rule.last_used_at)),
    )


def _identities(rules: Iterable[IdentityRule], places: _Places) -> Iterable[Identity]:
    for rule in rules:
        handle = places.text(rule.at)
        if handle and rule.pattern:
            found = re.search(rule.pattern, handle)
            handle = found[1] if found else ""
        if handle:
            yield Identity(rule.system, handle)


def _scopes(value: object) -> tuple[str, ...]:
    if isinstance(value, list):
        found = [as_text(item) for item in value]
    else:
        found = re.split(r"[,\s]+", as_text(value))
    return tuple(scope for scope in found if scope)[:_SCOPES_MAX]
