"""What a ticket says of a case. Pure, stable from run to run, and free of markup and plaintext.

Volatile facts (when we last looked) stay out, so that the text changes only when
something did. What names the person goes into `restricted`. Of a sensitive person all goes there that
could hint at them or at a leave: places, names of tokens, the kind of case, what a disabled account does.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from correlate.break_glass import RESEAL, REVIEW
from correlate.codec import encode
from correlate.inventory import METHOD
from correlate.kind import Kind
from correlate.listed import Listed, how_to_revoke
from correlate.model import Exposure, Liveness, Medium, Truth
from correlate.ticket import Block, Bullets, Draft, Facts, Paragraph, TicketRef
from correlate.verdict import Case, CaseKind, CaseState, Person

PLACES_SHOWN = 40
GROUNDS_SHOWN = 12

_MEDIA = {
    Medium.FILE: "file",
    Medium.CI_VARIABLE: "CI variable",
    Medium.NOTEBOOK_SOURCE: "notebook source",
    Medium.NOTEBOOK_OUTPUT: "notebook output",
}
_REMEDY = {
    CaseKind.F1: "Revoke the credential at the issuer. If something still needs it, issue a new one "
    "to a service or to the successor first. Handing it over without rotating it is not a remedy.",
    CaseKind.F2: "Rotate the credential: someone who knew it has left. Changing its owner is not "
    "enough, and deleting the text is not either, since copies remain.",
    CaseKind.F3: "Find the owner, or revoke the credential if nobody needs it.",
    CaseKind.F4: "Rotate the credential, or revoke it if nothing uses it. What was made long ago is known "
    "to more people than its owner.",
    CaseKind.F9: "Ask its owner, by another way than their account, whether it was they, or a machine they "
    "set up. If it was neither, this is an incident: revoke it at once.",
    CaseKind.F10: "Ask its owner whether their new work needs it. If not, revoke it; if somebody else needs "
    "it, issue a new one to them first.",
    CaseKind.F11: "Find out from the issuer's log who used the credential, from where and for what. Unless "
    "it was a machine that somebody knows of, treat it as an incident. Revoking the credential is asked for "
    "in its own ticket.",
    CaseKind.F7: "Revoke or rotate the credential. If it is needed still, have its exception renewed, which a "
    "second person approves: `offkey except renew`. What it was held against before is open again.",
    CaseKind.F8: "Replace the credential by one that expires.",
    CaseKind.F5: "Rotate the credential and take it out of the text. Deleting the text alone leaves "
    "it in the history.",
    CaseKind.F6: "Rotate the credential, clear it from the notebook and its outputs, and read it from "
    "a secret store instead.",
}
_KEEP_TEXTS = "Delete or rewrite nothing: the texts where it stands are to be kept as they are."
_KEEP = f"Revoke or rotate the credential at its issuer, which changes no text. {_KEEP_TEXTS}"
_UNTIL = Paragraph(
    "offkey keeps this ticket open until the issuer itself rejects the credential twice. "
    "To accept the risk instead, resolve it with the resolution agreed for that."
)
_UNTIL_RENEWED = Paragraph(
    "offkey keeps this ticket open until the issuer itself rejects the credential twice, or the exception "
    "is renewed."
)
_UNTIL_LOOKED_INTO = Paragraph(
    "offkey keeps this ticket open until a person resolves it, whatever becomes of the credential."
)
_DISABLED = {
    "survives": "Disabling the person's account does not stop this credential.",
    "dies": "It ends with the person's account at the issuer.",
    "blocked": "It is refused while the person's account is disabled, and works again with it.",
}


def draft(
    case: Case,
    kind: Kind,
    exposures: Sequence[Exposure],
    liveness: Liveness,
    person: Person | None,
    listed: Listed | None = None,
    handover: Sequence[tuple[str, str]] = (),
    *,
    break_glass: bool = False,
    former: Sequence[TicketRef] = (),
    due_at: datetime | None = None,
    exceptions: Sequence[tuple[str, str]] = (),
) -> Draft:
    """Return the ticket's text for a case, the believed answer of its issuer, and the issuer's
    own list entry where there is one. `handover` says who inherits, as label and value; it names
    people. Of a sensitive person no advice tells to delete or to rewrite; of a `break_glass` credential
    none tells to revoke. `exceptions` say who asked for exceptions, and who approved them. `former` are the case's earlier tickets, which stay closed.
    Of a sensitive person the ticket has no due date: it would tell the day of a leave.
    """
    credential = Facts("Credential", tuple(_credential(case, kind, liveness, listed, due_at)))
    before = _before(former)
    where = Bullets("Where it stands", tuple(_places(exposures) if exposures else listing(listed)))
    who = Facts("Person", (*_person(case, liveness, person), *handover))
    waived = (Facts("Exception", tuple(exceptions)),) if exceptions else ()
    if person is not None and person.sensitive:
        body = tuple(_neutral(case, kind, liveness, person, break_glass=break_glass))
        why = Paragraph(" ".join((f"{case.kind.words}.", *_survival(case, kind))))
        apart = (why, who, *waived, credential, where, _grounds(case))
        title = f"Credential to replace: {kind.name} ({case.fingerprint.short})"
        return Draft(case.key, title, (*body, *before), apart, case.severity, sensitive=True)
    advice = tuple(_advice(case, kind, listed, person, break_glass=break_glass))
    opening, steps = Paragraph(_opening(case, kind, liveness)), Bullets("What to do", advice)
    body = (opening, *before, credential, where, steps, _until(case))
    apart = (who, *waived, _grounds(case))
    return Draft(case.key, _title(case, kind), body, apart, case.severity, due_at=due_at)


def _before(former: Sequence[TicketRef]) -> tuple[Block, ...]:
    keys = ", ".join(ref.key for ref in former)
    return (Paragraph(f"The case was in {keys} before, which stays as it is."),) if keys else ()


def _until(case: Case) -> Paragraph:
    other = {CaseKind.F11: _UNTIL_LOOKED_INTO, CaseKind.F7: _UNTIL_RENEWED}
    return other.get(case.kind, _UNTIL)


def digest(made: Draft) -> str:
    """Return a short digest of all that a draft says but for its witness, to tell whether a ticket is
    up to date.
    """
    plain = json.dumps(encode(replace(made, witness="")), sort_keys=True)
    return hashlib.sha256(plain.encode()).hexdigest()[:16]


def closing(case: Case, *, sensitive: bool = False) -> str:
    """Return the proof that a ticket is closed with: each dated rejection, or by which exception, or
    why it is void, which of a sensitive person is not said.
    """
    if case.state is CaseState.WAIVED:
        return f"Closed for a time: {case.note}. It is opened again when that is over."
    if case.state is CaseState.VOID and sensitive:
        return "Closed without a rejection: it is no longer asked for."
    if case.state is CaseState.VOID:
        return f"Closed without a rejection: {case.note}."
    proofs = "; ".join(map(_proof, case.rejections))
    by_list = all(proof.method == METHOD for proof in case.rejections)
    verdict = "no longer lists the credential as valid" if by_list else "rejects the credential"
    return f"The issuer {verdict}. Proof: {proofs}."


def _proof(answer: Liveness) -> str:
    at = f"{answer.at:%Y-%m-%d %H:%M:%S} UTC"
    if answer.method == METHOD:
        return f"{at} the list {answer.host}: {answer.reason}"
    status = answer.status if answer.status is not None else "-"
    return f"{at} {answer.method} {answer.host} answered {status} ({answer.reason})"


def folding(into: TicketRef) -> str:
    """Return why a ticket is closed that doubles an older one."""
    return f"This case has another ticket, {into.key}, which is older. It goes on there."


def reopening(case: Case, liveness: Liveness) -> str:
    """Return why a ticket is opened again, after a waiver why that is over."""
    over = f"{case.note[0].upper()}{case.note[1:]}. " if case.note else ""
    said = (
        "lists this credential as active"
        if liveness.method == METHOD
        else ("accepts this credential")
    )
    return (
        f"{over}The issuer {said}: {_proof(liveness)}. The case stays open until it is rejected "
        f"(credential {case.fingerprint.short})."
    )


def _title(case: Case, kind: Kind) -> str:
    return f"{case.kind.words}: {kind.name} ({case.fingerprint.short})"


def _neutral(
    case: Case, kind: Kind, liveness: Liveness, person: Person, *, break_glass: bool
) -> Iterable[Block]:
    yield Paragraph(f"{_witness(kind, liveness)}.")
    facts = (
        ("Kind", f"{kind.name} ({kind.issuer})"),
        ("Fingerprint", case.fingerprint.short),
        ("Case", str(case.key)),
        ("Severity", case.severity),
    )
    yield Facts("Credential", facts)
    advice = _sealed(person) if break_glass else _remedy(case, kind, None, person)
    yield Bullets("What to do", tuple(advice))
    yield _until(case)


def _opening(case: Case, kind: Kind, liveness: Liveness) -> str:
    return f"{_witness(kind, liveness)}. {case.kind.words}."


def _witness(kind: Kind, liveness: Liveness) -> str:
    limited = ", with limits," if liveness.state.value == "live_limited" else ""
    witness = "lists it as active" if liveness.method == METHOD else f"still accepts it{limited}"
    return f"{kind.name}: the issuer {witness}"


def _credential(
    case: Case, kind: Kind, liveness: Liveness, listed: Listed | None, due_at: datetime | None
) -> Iterable[tuple[str, str]]:
    yield "Kind", f"{kind.name} ({kind.issuer})"
    yield "Fingerprint", case.fingerprint.short
    yield "Case", f"{case.kind} {case.key}"
    yield "Severity", "; ".join((case.severity, *case.severity_reasons))
    if due_at is not None:
        yield "Due", f"{due_at:%Y-%m-%d %H:%M} UTC, counted from the leave"
    yield "Issuer's answer", f"{liveness.state} ({liveness.reason})"
    if liveness.scopes:
        yield "Scopes", ", ".join(liveness.scopes)
    if liveness.created_at:
        yield "Created", f"{liveness.created_at:%Y-%m-%d}"
    never = listed is not None and listed.row.expires is Truth.NO
    unsaid = "never, says the issuer" if never else "not stated"
    yield "Expires", f"{liveness.expires_at:%Y-%m-%d}" if liveness.expires_at else unsaid
    if listed is not None:
        yield "In the issuer's list", f"{listed.row.what} {listed.row.row_id}"
        if listed.row.name:
            yield "Named", listed.row.name


def _places(exposures: Sequence[Exposure]) -> Iterable[str]:
    places = sorted({place(exposure) for exposure in exposures})
    yield from places[:PLACES_SHOWN]
    if len(places) > PLACES_SHOWN:
        yield f"and {len(places) - PLACES_SHOWN} more"


def listing(listed: Listed | None) -> Iterable[str]:
    """Yield where a credential is known from that stands in no text that was looked at."""
    if listed is not None:
        row = listed.row
        yield f"in no text that was looked at: {row.what} {row.row_id} in the list of {row.container}"
        if row.link:
            yield row.link


def place(exposure: Exposure) -> str:
    """Return one place in words: container, path, part, line, commit, and whether it stands still."""
    locator, trace = exposure.locator, exposure.trace
    path = trace.path if trace else locator.item
    words = [f"{locator.container}: {path}"]
    if locator.part:
        words.append(locator.part)
    if locator.line:
        words.append(f"line {locator.line}")
    commit = next((touch.commit for touch in trace.introduced if touch.commit), "") if trace else ""
    if commit:
        words.append(f"commit {commit[:12]}")
    words.append(_MEDIA[exposure.medium])
    if trace and trace.reachable is Truth.NO:
        words.append("on a commit that no branch or tag reaches")
    elif trace and trace.at_tip is Truth.NO:
        words.append("no longer at the tip, still in the history")
    return ", ".join(words)


def _advice(
    case: Case, kind: Kind, listed: Listed | None, person: Person | None, *, break_glass: bool
) -> Iterable[str]:
    yield from _sealed(person) if break_glass else _remedy(case, kind, listed, person)
    yield from _survival(case, kind)


def _survival(case: Case, kind: Kind) -> Iterable[str]:
    survival = kind.survival
    words = survival.note or _DISABLED.get(survival.when_disabled)
    if case.departure is not None and words:
        yield f"{words} Source: {survival.source}" if survival.source else words


def _sealed(person: Person | None) -> Iterable[str]:
    yield RESEAL
    yield REVIEW
    if person is not None and person.sensitive:
        yield _KEEP_TEXTS


def _remedy(case: Case, kind: Kind, listed: Listed | None, person: Person | None) -> Iterable[str]:
    if person is not None and person.sensitive:
        yield _KEEP
    else:
        yield _REMEDY.get(case.kind, "Revoke or rotate the credential.")
    hint = how_to_revoke(kind, listed)
    if hint:
        yield hint


def _person(case: Case, liveness: Liveness, person: Person | None) -> Iterable[tuple[str, str]]:
    if case.person is None:
        yield "Person", "nobody could be named"
        return
    yield "Person", f"{person.name} ({case.person})" if person else case.person
    if case.departure is not None:
        at, late = case.departure.effective_at, case.departure.due_from
        when = f"{at:%Y-%m-%d %H:%M} UTC"
        if late > at:
            when += f", or as late as {late:%Y-%m-%d %H:%M} UTC: the time zone is not known"
        yield "Access should have ended", f"{when} ({case.departure.source})"
        if liveness.used_since(late):
            yield "Used since then", "yes, says the issuer"
        elif liveness.used_since(at):
            yield "Used since then", "possibly, says the issuer"
    if _held(person):
        yield "Legal hold", "yes: keep what there is"


def _held(person: Person | None) -> bool:
    return person is not None and any(spell.legal_hold for spell in person.spells)


def _grounds(case: Case) -> Bullets:
    items = tuple(
        f"{ground.text} (strength {ground.strength:.2f})" for ground in case.grounds[:GROUNDS_SHOWN]
    )
    return Bullets("Why this person", items or ("no ground names a person",))
