"""Revokes one credential over HTTP, by the call that its kind declares. Made by `issuer_http`, whose
section of the configuration names the hosts.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from urllib.parse import urlsplit

from connectors.answers import declared
from connectors.declared_call import call as declared_call
from connectors.declared_call import sendable, service
from connectors.http import Http
from correlate.errors import OffkeyError, Refused
from correlate.kind import Effect, Kind, Revocation, Verification
from correlate.model import KindId
from correlate.ports import RevocationCall, RevocationReply
from correlate.secret import Secret


class HttpRevoker:
    """Sends a secret only to the host that its kind pins, or to one configured in its place."""

    def __init__(
        self, name: str, kinds: tuple[Kind, ...], hosts: Mapping[str, str], http: Http
    ) -> None:
        self.name = name
        self._rules = {
            kind.id: (kind, kind.verification, kind.revocation)
            for kind in kinds
            if kind.revocation and kind.verification and kind.verification.via == "http"
        }
        self.kinds = frozenset(self._rules)
        self._hosts, self._http = hosts, http

    def plan(self, kind: KindId, host: str) -> RevocationCall | str:
        """Return the call that would be made at `host`, or why none may be. Sends nothing."""
        if kind not in self._rules:
            return "its kind declares no call that ends this credential alone"
        known, rule, revocation = self._rules[kind]
        places = self._places(known, rule, host)
        if len(places) != 1:
            return f"{host or 'its host'} is {'several' if places else 'none'} of the hosts that may have issued it"
        return RevocationCall(
            revocation.method,
            host,
            places[0] + revocation.path,
            revocation.source,
            _digest(places[0], revocation),
            revocation.breaks,
        )

    def revoke(self, kind: KindId, secret: Secret, call: RevocationCall) -> RevocationReply:
        """Send the call once. Raises Refused when it is not what `plan` gives today."""
        if self.plan(kind, call.host) != call:
            raise Refused(
                "The call is not the one that was approved",
                where=call.host,
                why="what is declared or configured of it has changed",
                fix="ask for its revocation anew",
            )
        known, rule, revocation = self._rules[kind]
        if not sendable(secret):
            why = "the text cannot be a credential of this kind; nothing was sent"
            return RevocationReply(Effect.REFUSED, why)
        (base,) = self._places(known, rule, call.host)
        try:
            reply = self._http.send(declared_call(known, revocation, base, secret))
        except OffkeyError as error:
            return RevocationReply(Effect.UNCLEAR, f"{error.what}: {error.why}")
        said = declared(revocation.answers, reply)
        if said is None:
            why = f"an answer of status {reply.status} that its kind does not declare"
            return RevocationReply(Effect.UNCLEAR, why, reply.status)
        return RevocationReply(said.effect, said.reason, reply.status)

    def _places(self, kind: Kind, rule: Verification, host: str) -> list[str]:
        configured = self._hosts.get(service(kind, rule), "").split()
        bases = configured or ([rule.host] if rule.host else [])
        return [base.rstrip("/") for base in bases if urlsplit(base).hostname == host]


def _digest(base: str, rule: Revocation) -> str:
    said = [base, rule.method, rule.path, rule.auth, sorted(rule.headers.items()), rule.body]
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()
