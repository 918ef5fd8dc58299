"""Asks issuers over HTTP whether a credential is alive, by the call that its kind declares."""

from __future__ import annotations

import secrets
import string
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from http import HTTPStatus
from pathlib import Path
from urllib.parse import urlsplit

from connectors.answers import judge
from connectors.declared_call import bases, call, sendable, service
from connectors.http import Http, Reply, policy_of, retry_after
from connectors.once import Once, unasked
from connectors.revoker_http import HttpRevoker
from correlate.errors import OffkeyError
from correlate.kind import Kind, Verification
from correlate.model import KindId, Liveness, LivenessState
from correlate.ports import Setup
from correlate.secret import Secret

_BODY_MAX = 1024 * 1024
_QUIET_S = 60.0  # where a 429 does not say how long
_QUIET_MAX_S = 3600.0


@dataclass(frozen=True, slots=True)
class Settings:
    """`hosts` names, per service (an issuer's name, if its kinds state no other), the base URL of
    the organisation's own host, which is then asked instead of the vendor's. Several stand with
    blanks between them, the vendor's own among them where it is used too: death needs the
    rejection of all. Hosts in `internal_hosts` may resolve to private addresses.
    """

    hosts: Mapping[str, str] = field(default_factory=dict)
    internal_hosts: tuple[str, ...] = ()
    proxy: str = ""
    ca_file: Path | None = None
    timeout_s: float = 10.0
    spacing_s: float = 0.2


def connect(settings: Settings, setup: Setup) -> HttpIssuer:
    """Return the issuer for all kinds in force that declare a call over HTTP."""
    return HttpIssuer(setup.name, setup.kinds, settings.hosts, _http(settings))


def connect_revoker(settings: Settings, setup: Setup) -> HttpRevoker:
    """Return the revoker for the kinds that declare a revocation: same hosts, same guards."""
    return HttpRevoker(setup.name, setup.kinds, settings.hosts, _http(settings))


def _http(settings: Settings) -> Http:
    policy = replace(
        policy_of(settings),
        body_max=_BODY_MAX,
        retries=1,
        retry_after_max_s=2.0,
        spacing_s=settings.spacing_s,
    )
    return Http(policy)


class HttpIssuer:
    """Sends a secret only to its kind's pinned host, or to the one configured in its place.

    A configured host must first refuse a random token of the same shape: one that takes
    anything knows nothing, and gets no found secret. Never raises; every failure to ask is
    an answer of its own.
    """

    def __init__(
        self,
        name: str,
        kinds: tuple[Kind, ...],
        hosts: Mapping[str, str],
        http: Http,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.name = name
        self._all = {kind.id: kind for kind in kinds}
        self.kinds = frozenset(
            kind.id for kind in kinds if kind.verification and kind.verification.via == "http"
        )
        self._hosts, self._http, self._monotonic = hosts, http, monotonic
        self._once = Once()
        self._lock = threading.Lock()
        self._checks: set[tuple[str, KindId]] = set()  # hosts that refused a made-up token
        self._quiet_until: dict[str, float] = {}

    def verify(self, kind: KindId, secret: Secret, now: datetime) -> Liveness:
        """Return what the issuer says of `secret`, or why it could not be asked."""
        known = self._all.get(kind)
        rule = known.verification if known else None
        if known is None or rule is None or rule.via != "http":
            return unasked(now)
        places = bases(known, rule, secret, self._hosts)
        if not places:
            return Liveness(LivenessState.UNKNOWN, now, _nowhere(service(known, rule), rule))
        question = f"{kind}\x00{' '.join(places)}{rule.path}"
        return self._once.ask(
            question, secret, now, lambda: self._verify(known, rule, places, secret, now)
        )

    def _verify(
        self, kind: Kind, rule: Verification, places: list[str], secret: Secret, now: datetime
    ) -> Liveness:
        """Ask each place in turn until one knows the secret. Death is the rejection by all."""
        rejections: list[Liveness] = []
        doubts: list[Liveness] = []
        for base in places:
            answer = self._verify_at(kind, rule, base, secret, now)
            if answer.state.usable or answer.state is LivenessState.SUSPENDED:
                return answer
            (rejections if answer.state is LivenessState.DEAD else doubts).append(answer)
        if doubts:
            return doubts[0]
        last = rejections[-1]
        if rule.self_hosted and service(kind, rule) not in self._hosts:
            return _blank(last, _elsewhere(service(kind, rule), last))
        if len(places) > 1:
            return replace(last, reason=f"{last.reason}, at each of {len(places)} hosts")
        return last

    def _verify_at(
        self, kind: Kind, rule: Verification, base: str, secret: Secret, now: datetime
    ) -> Liveness:
        if service(kind, rule) in self._hosts:
            doubt = self._control(kind, rule, base, secret, now)
            if doubt is not None:
                return doubt
        return self._ask(kind, rule, base, secret, now)

    def _control(
        self, kind: Kind, rule: Verification, base: str, secret: Secret, now: datetime
    ) -> Liveness | None:
        """Return why the host is not to be believed, None when it refused a made-up token."""
        with self._lock:
            if (base, kind.id) in self._checks:
                return None
        answer = self._ask(kind, rule, base, lookalike(kind, secret), now)
        if _refused(rule, answer):
            with self._lock:
                self._checks.add((base, kind.id))
            return None
        if answer.state.usable:
            answer = _blank(answer, "the host does not check tokens: it took a made-up one")
        elif answer.state is not LivenessState.RATE_LIMITED:
            answer = _blank(answer, f"a made-up token was not refused: {answer.reason}")
        return answer

    def _ask(
        self, kind: Kind, rule: Verification, base: str, secret: Secret, now: datetime
    ) -> Liveness:
        host = urlsplit(base).hostname or ""
        asked = Liveness(
            LivenessState.UNKNOWN, now, "", host=host, method=f"{rule.method} {_bare(rule.path)}"
        )
        if not sendable(secret):
            return replace(asked, reason="the text cannot be a credential of this kind")
        with self._lock:
            quiet = self._quiet_until.get(base, 0.0) > self._monotonic()
        if quiet:
            why = "the issuer asked us to wait"
            return replace(asked, state=LivenessState.RATE_LIMITED, reason=why)
        try:
            reply = self._http.send(call(kind, rule, base, secret))
        except OffkeyError as error:
            return replace(asked, reason=f"{error.what}: {error.why}")
        answer = judge(rule, reply, secret, now)
        if answer.state is LivenessState.RATE_LIMITED:
            self._hush(base, reply, now)
        return replace(answer, host=asked.host, method=asked.method)

    def _hush(self, base: str, reply: Reply, now: datetime) -> None:
        pause = retry_after(reply, now.timestamp())
        if pause is None and reply.status != HTTPStatus.TOO_MANY_REQUESTS:
            return
        pause = min(_QUIET_S if pause is None else pause, _QUIET_MAX_S)
        with self._lock:
            self._quiet_until[base] = self._monotonic() + pause


def _refused(rule: Verification, answer: Liveness) -> bool:
    """Whether a made-up token was turned away, be it by an answer that would prove no death."""
    if answer.state is LivenessState.DEAD:
        return True
    declared = {a.reason for a in rule.answers if a.state is LivenessState.UNKNOWN}
    return answer.status == HTTPStatus.UNAUTHORIZED and answer.reason in declared


def lookalike(kind: Kind, secret: Secret) -> Secret:
    """Return a random text of the secret's shape: same prefix, same character classes."""
    value = secret.reveal()
    keep = max((len(a) for a in kind.anchors if value.startswith(a)), default=0)
    return Secret(value[:keep] + "".join(_like(c) for c in value[keep:]))


def _like(char: str) -> str:
    for alphabet in (string.digits, string.ascii_lowercase, string.ascii_uppercase):
        if char in alphabet:
            return secrets.choice(alphabet)
    return char


def _nowhere(name: str, rule: Verification) -> str:
    if rule.self_hosted:
        return f"no host of it is configured: name it as hosts.{name} of the issuer"
    return "the credential names no region that this kind knows"


def _elsewhere(name: str, answer: Liveness) -> str:
    return (
        f"{answer.host} rejects it, and need not be its issuer: name the host of your own"
        f" installation, or this one, as hosts.{name} of the issuer"
    )


def _bare(path: str) -> str:
    return path.partition("?")[0]


def _blank(answer: Liveness, reason: str) -> Liveness:
    return Liveness(
        LivenessState.UNKNOWN,
        answer.at,
        reason,
        host=answer.host,
        method=answer.method,
        status=answer.status,
    )
