"""The steps of a revocation: show what would happen, ask, approve, and carry it out once.

Off by default. Nothing is sent before the entry that says so is committed, and nothing is sent
twice: a process that died after that entry leaves a doubt, which is only ever probed.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from correlate.approval import no_say, parties
from correlate.break_glass import by_hand
from correlate.codec import decode
from correlate.decoys import listed as written_in
from correlate.errors import ConfigError
from correlate.kind import Effect, Kind
from correlate.model import (
    CaseKey,
    Document,
    Finding,
    KindId,
    Liveness,
    LivenessState,
    Locator,
    Medium,
    PersonId,
)
from correlate.policy import Credential
from correlate.ports import Issuer, RevocationCall, RevocationReply, Revoker
from correlate.ports_store import Store, Transaction
from correlate.revocation import (
    APPROVED,
    ASKED,
    LIFETIME,
    OVER,
    SENDING,
    Outcome,
    Progress,
    Request,
    Word,
    ended,
    entry,
    not_approvable,
    progress,
    void,
)
from correlate.secret import Secret
from correlate.verdict import Case, Claim, LedgerEntry
from jobs.approval import approvers, case_named
from jobs.circle import Staff
from jobs.config_sections import RevocationSettings
from jobs.credentials import some_credentials
from jobs.judge import judge_all
from jobs.judgement import claims_on
from jobs.lanes import Budget
from jobs.leaver import find_person
from jobs.people import circle
from jobs.plaintext import Places
from jobs.verify import Verifier, verify_all

PAUSES_S = (1.0, 2.0, 5.0, 10.0, 20.0, 40.0, 60.0)  # between one question and the next
_PATIENCE = Budget(seconds=60.0, patience_s=30.0)
_REASON_MAX = 300


@dataclass(frozen=True, slots=True)
class Desk:
    """What every step needs. `sinks` name the ticket systems whose keys name a case too; `break_glass`
    are fingerprints of credentials that are never revoked.
    """

    store: Store
    kinds: Mapping[KindId, Kind]
    revokers: Mapping[KindId, Revoker]
    settings: RevocationSettings
    sinks: tuple[str, ...] = ()
    break_glass: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Hands:
    """What carrying it out needs beyond that. `issuers` are made anew for each question: one that
    remembers its last answer would prove nothing.
    """

    places: Places
    issuers: Callable[[], Mapping[KindId, Issuer]]
    clock: Callable[[], datetime]
    wait: Callable[[float], None]
    proof_gap_seconds: int = 0
    decoys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Subject:
    """One case and all that is known of its credential. `call` is what would be sent, or why
    nothing can be; `by_hand` what a person can do instead.
    """

    case: Case
    credential: Credential
    claims: tuple[Claim, ...]
    known: Staff
    call: RevocationCall | str
    progress: Progress
    by_hand: str = ""


def subject(desk: Desk, named: str, now: datetime) -> Subject:
    """Return the one case whose key begins with `named`, or whose ticket it is. Sends nothing.

    Raises ConfigError when none or several fit.
    """
    with desk.store.transaction() as tx:
        case = case_named(tx, desk.sinks, named)
        held = some_credentials(tx, desk.kinds, {case.fingerprint})
        found = [item for item in held if _same(item, case)]
        at = _progress(tx, case.key)
        met = circle(tx, now)
        met.know(
            {one for one in (case.person, at.request and at.request.by, at.approved_by) if one}
        )
        known = met.meet(found)
    if not found:
        raise _no("stands nowhere any more", case.key, "its kind or all its places are gone")
    (credential,) = found
    made = claims_on(credential, known)
    instead = by_hand(credential, desk.break_glass)
    return Subject(case, credential, made, known, _call(desk, credential), at, instead)


def ask(desk: Desk, named: str, who: str, reason: str, now: datetime) -> Subject:
    """Record that `who` asks for the revocation, for a day. Raises ConfigError where it may not be."""
    _on(desk)
    about = subject(desk, named, now)
    call = _sendable(about)
    by = _person(desk, who, about, now)
    if about.progress.in_doubt:
        raise _in_doubt(about)
    if not reason.strip():
        raise _no("needs a reason", about.case.key, "none was given", 'add --reason "..."')
    made = Request(
        about.credential.fingerprint.digest, call, by, reason.strip()[:_REASON_MAX], now + LIFETIME
    )
    _record(desk, about, entry(now, ASKED, about.case.key, made))
    return subject(desk, about.case.key, now)


def approve(desk: Desk, named: str, who: str, now: datetime) -> Subject:
    """Record that `who` approves the newest request, as it was asked. Raises ConfigError otherwise."""
    _on(desk)
    about = subject(desk, named, now)
    call = _sendable(about)
    if about.progress.in_doubt:
        raise _in_doubt(about)
    _standing_request(about, call, now)
    by = _person(desk, who, about, now)
    why = not_approvable(about.progress, by, approvers(desk.store, desk.settings.approvers, now))
    if why:
        raise _no("is not theirs to approve", who, why, "let somebody else approve")
    _record(desk, about, entry(now, APPROVED, about.case.key, Word(about.progress.id, by)))
    return subject(desk, about.case.key, now)


def carry_out(desk: Desk, hands: Hands, named: str, who: str) -> tuple[Subject, Outcome]:
    """Send the approved call once, then ask the issuer until it rejects the credential or patience
    ends. Where it may have been sent before, only ask. Raises ConfigError, with nothing sent, when
    anything of the approval does not hold.
    """
    _on(desk)
    now = hands.clock()
    about = subject(desk, named, now)
    by = _person(desk, who, about, now)
    if about.progress.in_doubt:
        return _prove(desk, hands, about, None)
    call = _sendable(about)
    _check_approval(desk, about, call, by, now)
    last = _question(desk, hands, about.credential)
    if not last.state.usable or last.host != call.host:
        raise _no(
            "is not needed, or not safe",
            about.case.key,
            f"the issuer now says {last.state.value}: {last.reason}",
            "nothing was sent; a live answer by the approved host is needed",
        )
    secret, why = hands.places.secret(about.credential)
    if secret is None:
        raise _no("needs the secret", about.case.key, why, "nothing was sent")
    return _prove(desk, hands, about, _sent(desk, hands, about, call, by, secret))


def _sent(
    desk: Desk, hands: Hands, about: Subject, call: RevocationCall, by: PersonId, secret: Secret
) -> RevocationReply:
    now = hands.clock()
    _check_approval(desk, about, call, by, now)  # the question took its time
    _record(desk, about, entry(now, SENDING, about.case.key, Word(about.progress.id, by)))
    return desk.revokers[about.credential.kind.id].revoke(about.credential.kind.id, secret, call)


def _prove(
    desk: Desk, hands: Hands, about: Subject, reply: RevocationReply | None
) -> tuple[Subject, Outcome]:
    last = _question(desk, hands, about.credential)
    refused = reply is not None and reply.effect is Effect.REFUSED
    for pause in () if refused else PAUSES_S:
        if last.state is LivenessState.DEAD:
            break
        hands.wait(pause)
        last = _question(desk, hands, about.credential)
    said = (reply.reason, reply.status) if reply else ("nobody saw the reply", None)
    outcome = Outcome(about.progress.id, ended(reply, last), *said, last)
    now = hands.clock()
    with desk.store.transaction() as tx:
        tx.runs.append(entry(now, OVER, about.case.key, outcome))
    judge_all(desk.store, desk.kinds, now, hands.proof_gap_seconds)
    return subject(desk, about.case.key, now), outcome


def _question(desk: Desk, hands: Hands, credential: Credential) -> Liveness:
    """Ask the issuer anew; the ledger says so first, and the answer is kept as any other."""
    now = hands.clock()
    verifier = Verifier(hands.places, hands.issuers(), hands.decoys)
    verify_all(verifier, desk.store, [credential], now, lambda _: None, _PATIENCE)
    with desk.store.transaction() as tx:
        said = tx.scans.answers()[credential.fingerprint].latest
    if said is None:
        raise AssertionError("an answer was kept")
    return said


def quotes_a_secret(find: Callable[[Document], Iterator[object]], text: str) -> bool:
    """Whether a text that is to be written down holds a credential, by a detector's `find`."""
    place = Document(Locator("", "", ""), text.encode(), Medium.FILE)
    return any(isinstance(found, Finding) for found in find(place))


def _same(item: Credential, case: Case) -> bool:
    return item.fingerprint == case.fingerprint and item.kind.id == case.credential_kind


def _call(desk: Desk, credential: Credential) -> RevocationCall | str:
    if written_in(desk.break_glass, credential.fingerprint):
        return "it is a break-glass credential, which policy.break_glass keeps for emergencies"
    revoker = desk.revokers.get(credential.kind.id)
    if revoker is None:
        return "no call is known that ends this credential and nothing else"
    if credential.liveness is None or not credential.liveness.state.usable:
        said = credential.liveness.state.value if credential.liveness else "nothing definite"
        return f"the issuer said {said} of it: only a live credential is revoked"
    return revoker.plan(credential.kind.id, credential.liveness.host)


def _progress(tx: Transaction, case: CaseKey) -> Progress:
    """Read the case's steps out of the ledger; all other entries are passed over unread."""
    about, step = f'"subject":"{case}"', '"what":"revocation_'
    return progress(
        decode(LedgerEntry, json.loads(text))
        for text in tx.runs.ledger()
        if step in text and about in text
    )


def _record(desk: Desk, about: Subject, made: LedgerEntry) -> None:
    """Append a step, unless somebody else made one since `about` was read."""
    with desk.store.transaction() as tx:
        if _progress(tx, about.case.key) != about.progress:
            raise _no("has moved on", about.case.key, "somebody did a step just now")
        tx.runs.append(made)


def _on(desk: Desk) -> None:
    if not desk.settings.enabled:
        raise ConfigError(
            "Revocation is switched off",
            where="revocation.enabled",
            why="it is off by default, and the file says nothing else",
            fix="`offkey revoke CASE` alone shows what it would do; to allow it, write"
            " [revocation] with enabled = true and approvers = [...]",
        )


def _sendable(about: Subject) -> RevocationCall:
    if isinstance(about.call, str):
        hint = about.by_hand or "revoke it at the issuer by hand"
        raise _no("cannot be done from here", about.case.key, about.call, hint)
    if about.case.state.ended:
        raise _no("is not needed", about.case.key, f"the case is {about.case.state.value}")
    return about.call


def _person(desk: Desk, who: str, about: Subject, now: datetime) -> PersonId:
    known, person = find_person(desk.store, who, now)
    why = no_say(person, known.standings, parties(about.case, about.claims))
    if why:
        raise _no("is not theirs to decide", who, why, "let somebody else do it")
    return person


def _standing_request(about: Subject, call: RevocationCall, now: datetime) -> None:
    why = void(about.progress, about.credential.fingerprint.digest, call, now)
    if why:
        raise _no("has no valid request", about.case.key, why)


def _check_approval(
    desk: Desk, about: Subject, call: RevocationCall, by: PersonId, now: datetime
) -> None:
    _standing_request(about, call, now)
    at = about.progress
    if at.request is None or by != at.request.by:
        raise _no("is carried out by whoever asked", about.case.key, "somebody else asked for it")
    if at.approved_by is None:
        raise _no(
            "is not approved",
            about.case.key,
            "nobody approved this request",
            f"one of revocation.approvers runs `offkey revoke {about.case.key} --approve`",
        )
    involved = parties(about.case, about.claims)
    why = no_say(at.approved_by, about.known.standings, involved) or not_approvable(
        at, at.approved_by, approvers(desk.store, desk.settings.approvers, now)
    )
    if why:
        raise _no("is not approved any more", at.approved_by, why)


def _in_doubt(about: Subject) -> ConfigError:
    return _no(
        "may have been sent",
        about.case.key,
        f"{about.progress.sending_at:%Y-%m-%d %H:%M} UTC it was about to be, and no outcome is written",
        f"`offkey revoke {about.case.key} --do` asks the issuer, and sends nothing again",
    )


def _no(what: str, where: str, why: str, fix: str = "") -> ConfigError:
    return ConfigError(
        f"The revocation {what}",
        where=where,
        why=why,
        fix=fix or f"`offkey revoke {where}` shows where it stands",
    )
