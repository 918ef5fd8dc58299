"""Each credential of each leaver: what is said of it, on what that rests, and what remains to be done."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from correlate.assurance import Assurance, assurance
from correlate.attribution import KNOWING
from correlate.codec import encode
from correlate.crosswalk import Cited
from correlate.draft import place
from correlate.model import CaseKey, Exposure, Liveness, LivenessState, PersonId
from correlate.policy import Credential
from correlate.secret import Fingerprint
from correlate.sla import Deadlines, due_at
from correlate.stored import Delivery
from correlate.verdict import RESTRICTED, Case, CaseState, Claim, Relation
from jobs.circle import Staff
from jobs.evidence.entries import Shown

_RELATIONS = (Relation.OWNS, Relation.INTRODUCED, Relation.COULD_READ)
_RESIDUAL = {
    Assurance.ATTESTED: "no issuer bears it out: whoever holds it may still use it",
    Assurance.WAIVED: "somebody accepted for a time that it can be used",
    Assurance.ACKNOWLEDGED: "a ticket is open; whether it can be used is not known",
    Assurance.UNKNOWN: "whether it can be used is not known",
}


@dataclass(frozen=True, slots=True)
class Around:
    """What stands around the credentials of a pack. `references` are the ledger's names of people."""

    staff: Staff
    claims: Mapping[Fingerprint, Sequence[Claim]]
    cases: Mapping[tuple[str, PersonId | None], Sequence[Case]]  # by the credential's digest
    tickets: Mapping[CaseKey, Sequence[Delivery]]
    references: Mapping[PersonId, str]
    controls: Mapping[str, Sequence[Cited]]
    deadlines: Deadlines
    now: datetime


def ledger_name(item: Credential) -> str:
    """Return the name by which the ledger speaks of a credential."""
    return item.fingerprint.digest[:16]


def held_by(item: Credential, persons: Iterable[PersonId], around: Around) -> list[PersonId]:
    """Return which of these people owned, put somewhere or could read a credential."""
    known = {one.person for one in around.claims[item.fingerprint] if one.strength >= KNOWING}
    accused = {person for digest, person in around.cases if digest == item.fingerprint.digest}
    return sorted({one for one in persons if one in known or one in accused})


def credential_row(
    item: Credential, person: PersonId | None, around: Around, shown: Shown
) -> dict[str, Any]:
    """Return all that is known of one credential and one person (None: it is held against nobody)."""
    made = around.claims[item.fingerprint]
    mine = [one for one in made if one.person == person and one.strength >= KNOWING]
    best = min(mine, key=lambda one: _RELATIONS.index(one.relation), default=None)
    cases = around.cases.get((item.fingerprint.digest, person), ())
    newest = max(cases, key=lambda one: one.opened_at, default=None)
    ticketed = any(around.tickets.get(one.key) for one in cases)
    rests_on = assurance(item.liveness, newest, ticketed=ticketed)
    sealed = around.staff.sensitive(person)
    subjects = [ledger_name(item), *(one.key for one in cases)]
    return {
        "credential": ledger_name(item),
        "kind": item.kind.id,
        "name": item.kind.name,
        "issuer": item.kind.issuer,
        **_who(person, around),
        "relation": best.relation.value if best else None,
        "strength": best.strength if best else None,
        "grounds": [] if sealed else [encode(one) for claim in mine for one in claim.grounds],
        "others_who_knew": len({one.person for one in made if one.strength >= KNOWING} - {person}),
        "assurance": rests_on.value,
        "state": state_word(item.liveness),
        "residual": _residual(item, rests_on),
        "last_definite_answer": _answer(item.liveness),
        "last_answer": _answer(item.latest),
        **_token(item),
        "places": [_place(one) for one in item.exposures],
        "listed": _listed(item),
        "cases": [_case(one, around, sealed=sealed) for one in cases],
        "when_disabled": item.kind.survival.when_disabled,
        "ledger_entries": shown.numbers(*subjects),
    }


def state_word(answer: Liveness | None) -> str:
    """Return "live", "rejected" or "unknown", by the last definite answer."""
    if answer is None:
        return "unknown"
    if answer.state.usable:
        return "live"
    return "rejected" if answer.state is LivenessState.DEAD else "unknown"


def access_rows(item: Credential, around: Around) -> Iterator[dict[str, Any]]:
    """Yield who had access to a credential, from when to when, and by what. A null `since` or `until`
    is a time that nobody told us.
    """
    about = {"credential": ledger_name(item)}
    for claim in around.claims[item.fingerprint]:
        if claim.relation is not Relation.COULD_READ:
            yield {**about, **_who(claim.person, around), **_hand(claim)}
    seen = set()
    for one in item.exposures:
        container = (one.locator.source, one.locator.container)
        if container in seen:
            continue
        seen.add(container)
        for reader in around.staff.access.get(container, ()):
            yield {
                **about,
                **_who(reader.person, around),
                "relation": Relation.COULD_READ.value,
                "place": one.locator.container,
                "why": reader.why,
                "since": encode(reader.since),
                "until": encode(reader.until),
            }


def _hand(claim: Claim) -> dict[str, Any]:
    since = min((one.at for one in claim.grounds if one.at is not None), default=None)
    return {
        "relation": claim.relation.value,
        "place": "",
        "why": "; ".join(sorted({one.source for one in claim.grounds})),
        "since": encode(since),
        "until": None,
    }


def _who(person: PersonId | None, around: Around) -> dict[str, Any]:
    if person is None:
        return {"person": None, "person_name": "", "reference": ""}
    found = around.staff.people.persons.get(person)
    return {
        "person": RESTRICTED if around.staff.sensitive(person) else person,
        "person_name": found.public_name if found else "",
        "reference": around.references.get(person, ""),
    }


def _residual(item: Credential, rests_on: Assurance) -> str:
    if rests_on is not Assurance.OBSERVED:
        return _RESIDUAL[rests_on]
    if item.liveness is not None and item.liveness.state.usable:
        return "whoever holds it can use it"
    return ""


def _answer(answer: Liveness | None) -> dict[str, Any] | None:
    if answer is None:
        return None
    return {
        "state": answer.state.value,
        "at": answer.at.isoformat(),
        "asked_at": encode(answer.asked_at),
        "reason": answer.reason,
        "host": answer.host,
        "method": answer.method,
        "status": answer.status,
    }


def _token(item: Credential) -> dict[str, Any]:
    answer = item.liveness or item.latest
    row = item.listed.row if item.listed else None
    first = next((one for one in (answer, row) if one is not None), None)
    return {
        "scopes": list((answer.scopes if answer else ()) or (row.scopes if row else ())),
        "created_at": encode(first.created_at if first else None),
        "expires_at": encode(first.expires_at if first else None),
        "last_used_by_others_at": encode(answer.last_used_at if answer else None),
    }


def _place(found: Exposure) -> dict[str, Any]:
    trace = found.trace
    put = [one.at for one in trace.introduced if one.at is not None] if trace else []
    return {
        "place": place(found),
        "medium": found.medium.value,
        "introduced_at": encode(min(put, default=None)),
        "first_seen_at": encode(found.first_seen_at),
        "last_seen_at": encode(found.last_seen_at),
        "at_tip": trace.at_tip.value if trace else "unknown",
    }


def _listed(item: Credential) -> dict[str, Any] | None:
    if item.listed is None:
        return None
    row = item.listed.row
    return {
        "list": f"{row.source}: {row.container}",
        "row": row.row_id,
        "what": row.what,
        "state": row.state.value,
        "gone": item.listed.gone,
        "first_seen_at": item.listed.first_seen_at.isoformat(),
        "last_seen_at": item.listed.last_seen_at.isoformat(),
        "checked_at": item.listed.checked_at.isoformat(),
    }


def _case(held: Case, around: Around, *, sealed: bool) -> dict[str, Any]:
    due = None if sealed else due_at(held, around.deadlines)
    return {
        "case": held.key,
        "kind": held.kind.value,
        "title": held.kind.words,
        "state": held.state.value,
        "severity": held.severity,
        "severity_reasons": [] if sealed else list(held.severity_reasons),
        "opened_at": held.opened_at.isoformat(),
        "closed_at": encode(held.closed_at),
        "due_at": encode(due),
        "in_time": _in_time(held, due, around.now),
        "last_live_at": encode(held.last_live_at),
        "rejections": [_answer(one) for one in held.rejections],
        "waived_until": encode(held.waived_until),
        "generation": held.generation,
        "note": "" if sealed else held.note,
        "tickets": [
            {"system": made.ref.sink, "key": made.ref.key, "url": made.ref.url}
            for made in around.tickets.get(held.key, ())
            if made.ref is not None
        ],
        "controls": [
            {"framework": one.framework, "edition": one.edition, "id": one.id}
            for one in around.controls.get(held.kind.value, ())
        ],
    }


def _in_time(held: Case, due: datetime | None, now: datetime) -> str:
    """Return "yes" or "no"; "not yet known" while there is time, "no deadline" where none is set."""
    if due is None or held.state is CaseState.VOID:
        return "no deadline"
    if held.closed_at is not None and held.rejections:
        return "yes" if held.rejections[0].at <= due else "no"
    return "no" if now > due else "not yet known"
