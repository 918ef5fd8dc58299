"""From what a kind declares to the call that is made. Pure: nothing is sent from here."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from typing import Protocol
from urllib.parse import quote, urlsplit

from connectors.http import Call
from correlate.kind import Kind, Verification
from correlate.secret import Secret

_SENDABLE = re.compile(r"[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?")


class Declared(Protocol):
    """What a kind's Verification and its Revocation say of their call."""

    @property
    def method(self) -> str: ...
    @property
    def path(self) -> str: ...
    @property
    def auth(self) -> str: ...
    @property
    def headers(self) -> Mapping[str, str]: ...
    @property
    def body(self) -> str: ...


def sendable(secret: Secret) -> bool:
    """Whether the text can go into a request at all."""
    return bool(_SENDABLE.fullmatch(secret.reveal()))


def bases(kind: Kind, rule: Verification, secret: Secret, hosts: Mapping[str, str]) -> list[str]:
    """Return the base URLs of which any may have issued `secret`: those configured under the
    kind's service, several divided by blanks, else those that the kind pins. Empty where it pins
    none, or where the secret names a region that is not on its list.
    """
    configured = hosts.get(service(kind, rule), "").split()
    if configured or not rule.host:
        return [base.rstrip("/") for base in configured]
    return [rule.host.replace("{region}", region) for region in _regions(rule, secret)]


def service(kind: Kind, rule: Verification) -> str:
    """Return the name under which the configuration may give the host."""
    return rule.service or kind.issuer


def _regions(rule: Verification, secret: Secret) -> tuple[str, ...]:
    if not rule.region_at:
        return rule.regions or ("",)
    found = re.search(rule.region_at, secret.reveal())
    return (found[1],) if found and found[1] in rule.regions else ()


def call(kind: Kind, rule: Declared, base: str, secret: Secret) -> Call:
    """Return the one call to `base` about `secret`, as `Verification.auth` words it.

    What of the secret goes into the URL is percent-encoded and never shown: a Call prints
    neither its URL nor its body.
    """
    halves = _halves(kind, secret)
    way, _, rest = rule.auth.partition(":")
    path, body = rule.path, rule.body
    for name, half in halves.items():
        encoded = quote(half, safe=":")
        path = path.replace("{" + name + "}", encoded)
        if way == "form":
            body = body.replace("{" + name + "}", quote(half, safe=""))
        elif way == "json":
            body = body.replace("{" + name + "}", json.dumps(half)[1:-1])
    if way == "url":  # what of an address goes to the pinned host is its path
        found = urlsplit(secret.reveal()).path
        path = quote(found, safe="/") if found.startswith(rule.path) else path
    if way == "query":
        path += ("&" if "?" in path else "?") + rest + "=" + quote(secret.reveal(), safe="")
    headers = {name: Secret(text) for name, text in _secret_headers(rule.auth, halves).items()}
    return Call(rule.method, base + path, dict(rule.headers), headers, body.encode())


def _halves(kind: Kind, secret: Secret) -> dict[str, str]:
    if not kind.partner:
        return {"secret": secret.reveal()}
    one, _, other = secret.reveal().partition(":")
    return {"id": one, "secret": other}


def _secret_headers(auth: str, halves: Mapping[str, str]) -> dict[str, str]:
    way, _, rest = auth.partition(":")
    whole = ":".join(halves.values())
    if way in ("query", "path", "form", "json", "url"):
        return {}
    if way == "header":
        name, _, text = rest.partition(":")
        return {name: _filled(text, halves) if "{" in text else text + whole}
    if way == "headers":
        return dict(zip(rest.split(":"), halves.values(), strict=True))
    if way in ("basic", "basic-password"):
        # a lone secret has no user name
        text = rest if way == "basic" else "{id}:{secret}" if "id" in halves else ":{secret}"
        word = base64.b64encode(_filled(text, halves).encode()).decode()
        return {"Authorization": "Basic " + word}
    return {"Authorization": "Bearer " + whole}


def _filled(text: str, halves: Mapping[str, str]) -> str:
    return re.sub(r"\{(id|secret)\}", lambda field: halves.get(field[1], ""), text)
