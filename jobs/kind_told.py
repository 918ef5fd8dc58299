"""What is told of a kind, in words and as plain values: whom it is asked of, and what ends it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from urllib.parse import urlsplit

from correlate.kind import Answer, Kind, Verification

DISABLED = ("survives", "dies", "blocked", "unknown")
_CONFIGURED = "the configured host"


def asked_of(kind: Kind) -> str:
    """Return who is asked whether such a credential is live, or "" when nobody can be.

    A kind without a pinned host is asked of the hosts that the configuration names, and of
    nobody without one. `{region}` in a host stands for each of the kind's closed list; hosts that
    have no more in common are told as the first and how many more.
    """
    rule = kind.verification
    if rule is None:
        return ""
    host = urlsplit(rule.host).netloc if rule.host else ""
    if not host:
        return _CONFIGURED
    if host == "{region}" and rule.regions:
        first, *others = rule.regions
        host = f"{first} and {len(others)} more" if others else first
    return f"{host} or {_CONFIGURED}" if rule.self_hosted else host


def called(rule: Verification) -> str:
    """Return by what call the asking is done."""
    return f"{rule.method} {rule.path}" if rule.via == "http" else f"code ({rule.via})"


def disabled_counts(kinds: Iterable[Kind]) -> Mapping[str, int]:
    """Return how many kinds survive a disabled account, die with it, are blocked, or nobody says."""
    found = Counter(kind.survival.when_disabled for kind in kinds)
    return {state: found[state] for state in DISABLED}


def summary(kinds: tuple[Kind, ...]) -> str:
    """Return the counts as a line for people."""
    asked = sum(1 for kind in kinds if kind.verification)
    issuers = len({kind.issuer for kind in kinds})
    ends = disabled_counts(kinds)
    return (
        f"{len(kinds)} kinds of {issuers} issuers; {asked} can be asked whether they are live.\n"
        f"When the person's account is disabled {ends['survives']} survive, {ends['dies']} die, "
        f"{ends['blocked']} are blocked until it returns; of {ends['unknown']} it is unknown."
    )


def record(kind: Kind) -> dict[str, object]:
    """Return what a program may want to know of a kind, as values that JSON has."""
    rule, ends = kind.verification, kind.survival
    asked = rule and {
        "of": asked_of(kind),
        "via": rule.via,
        "method": rule.method if rule.via == "http" else None,
        "path": rule.path if rule.via == "http" else None,
        "regions": list(rule.regions),
        "source": rule.source,
        "answers": [
            {"state": a.state.value, "when": when(a), "reason": a.reason} for a in rule.answers
        ],
    }
    return {
        "id": kind.id,
        "issuer": kind.issuer,
        "name": kind.name,
        "grade": kind.grade.value,
        "source": kind.source,
        "checksum": kind.checksum or None,
        "asks": asked,
        "when_disabled": {
            "state": ends.when_disabled,
            "note": ends.note,
            "source": ends.source,
            "as_of": ends.as_of,
        },
        "revoke_hint": kind.revoke_hint,
        "ends_itself": kind.revocation is not None,
    }


def rows(kind: Kind) -> Iterable[tuple[str, str]]:
    """Yield all that a person may want to know of a kind, as names and texts."""
    yield "issuer", kind.issuer
    yield "described at", kind.source
    if kind.checksum:
        yield "checksum", f"{kind.checksum}, looked at offline"
    rule = kind.verification
    if rule is None:
        yield "asks", "nobody: offkey has no call that would tell"
    else:
        yield "asks", f"{asked_of(kind)} by {called(rule)}"
        if rule.regions:
            yield "regions", ", ".join(rule.regions)
        if rule.via == "http" and (rule.self_hosted or not rule.host):
            name = rule.service or kind.issuer
            yield "configure it as", f'hosts.{name} of an [[issuers]] entry of type "http"'
        for answer in rule.answers:
            yield answer.state.value.replace("_", " "), f"{when(answer)}: {answer.reason}"
        yield "documented at", rule.source
    ends = kind.survival
    note = ends.note or "no page of the vendor's was found that says"
    yield "account disabled", f"{ends.when_disabled}: {note}"
    if ends.source:
        yield "said at", f"{ends.source} ({ends.as_of})"
    if kind.revoke_hint:
        yield "to revoke it", kind.revoke_hint
    if kind.revocation is not None:
        yield "ends itself", f"by {kind.revocation.method} {kind.revocation.path} (`offkey revoke`)"


def when(answer: Answer) -> str:
    """Return the conditions of an answer in words."""
    told = [f"status {' or '.join(map(str, answer.statuses))}"] if answer.statuses else []
    for place, text in answer.body.items():
        where = place.removeprefix("header:") if place.startswith("header:") else place
        told.append(
            {"*": f"has {where}", "null": f"null {where}"}.get(text, f"{where} is {text!r}")
        )
    if answer.contains:
        told.append(f"says {answer.contains!r}")
    return ", ".join(told) or "any answer"
