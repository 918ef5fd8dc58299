"""The steps of an exception: asked for by one person, approved by another, renewed, ended.

Every step is a row and an entry of the ledger, committed together; the next judgement acts on it.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from correlate.approval import no_say, parties
from correlate.errors import ConfigError
from correlate.exception import ExceptionStep, Move, RiskException, Terms
from correlate.exception_rules import UNEXCEPTED, exceptions, not_approvable
from correlate.kind import Kind
from correlate.model import CaseKey, KindId, PersonId
from correlate.ports_store import Store, Transaction
from correlate.verdict import Case
from jobs.approval import approvers, case_named
from jobs.circle import Circle
from jobs.config_sections import ExceptionSettings
from jobs.credentials import some_credentials
from jobs.exception_book import record
from jobs.judgement import claims_on
from jobs.leaver import find_person
from jobs.people import circle

_REASON_MAX = 300


@dataclass(frozen=True, slots=True)
class Desk:
    """What every step needs. `sinks` name the ticket systems whose keys name a case too."""

    store: Store
    kinds: Mapping[KindId, Kind]
    settings: ExceptionSettings
    sinks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody asks for, in their words: for how many `days`, under which `policy` (its id), for
    all cases of the credential or for one, and for whom: a person, or a service by its name.
    """

    days: int
    policy: str
    reason: str
    whole_credential: bool = False
    beneficiary: str = ""
    service: str = ""


def request(desk: Desk, named: str, who: str, wish: Wish, now: datetime) -> RiskException:
    """Record that `who` asks for an exception for a case, or for its credential. It holds nothing off
    before it is approved. Raises ConfigError where it may not be asked for.
    """
    _on(desk)
    asked = _speaker(desk, who, now)
    beneficiary = _speaker(desk, wish.beneficiary, now) if wish.beneficiary else None
    end, (policy, version) = _end(desk, wish.days, now), _policy(desk, wish.policy)
    with desk.store.transaction() as tx:
        case = case_named(tx, desk.sinks, named)
        if case.state.ended or case.kind in UNEXCEPTED:
            raise _no(case.key, f"the case is {case.kind} and {case.state}", "`offkey cases`")
        scope = None if wish.whole_credential else case.key
        earlier = _earlier(exceptions(tx.exceptions.steps()).values(), case, scope, now)
        if earlier is not None:
            raise _no(
                case.key, f"{earlier.id} is, or was, one for it: another would count no renewal",
                f"`offkey except show {earlier.id}`, then `approve`, `renew` or `end` it",
            )  # fmt: skip
        terms = Terms(case.fingerprint, scope, policy, version, end, beneficiary, wish.service)
        return _ask(tx, asked, terms, wish.reason, now)


def renew(
    desk: Desk, name: str, who: str, days: int, reason: str, now: datetime, beneficiary: str = ""
) -> RiskException:
    """Record that `who` asks for an exception to go on under the policy's version of today, for the same
    user or another `beneficiary`. It needs an approval of its own. Raises ConfigError where it cannot be, or was renewed too often.
    """
    _on(desk)
    asked, end = _speaker(desk, who, now), _end(desk, days, now)
    user = _speaker(desk, beneficiary, now) if beneficiary else None
    with desk.store.transaction() as tx:
        found = exceptions(tx.exceptions.steps())
        held = _named(found, name)
        why = _not_renewable(held, found.values(), now)
        if why:
            raise _no(name, why, f"`offkey except show {name}` shows where it stands")
        if held.renewals >= desk.settings.max_renewals:
            raise _no(
                name, f"it was renewed {held.renewals} times, exceptions.max_renewals allows no more",
                "rotate or revoke the credential; or have the limit raised in the configuration",
            )  # fmt: skip
        policy, version = _policy(desk, held.terms.policy)
        terms = replace(held.terms, policy=policy, version=version, expires_at=end, renews=held.id)
        if user is not None:
            terms = replace(terms, beneficiary=user, service="")
        return _ask(tx, asked, terms, reason, now)


def approve(desk: Desk, name: str, who: str, reason: str, now: datetime) -> RiskException:
    """Record that `who` approves what was asked for. Raises ConfigError for the one who asked or goes on
    using the credential, for whom it concerns, and for anybody whom the configuration does not name.
    """
    _on(desk)
    by = _speaker(desk, who, now)
    allowed = approvers(desk.store, desk.settings.approvers, now)
    if by not in allowed:
        raise _no(who, "they are not among exceptions.approvers", "let one of them approve")
    with desk.store.transaction() as tx:
        found = exceptions(tx.exceptions.steps())
        held = _named(found, name)
        known = circle(tx, now)
        why = not_approvable(held, by, now) or _useless(held, known)
        why = why or no_say(by, known.know({by}).standings, _involved(tx, desk, known, held))
        if why:
            raise _no(who, why, "let somebody else approve; or `end` it, and ask anew")
        record(tx, ExceptionStep(held.id, Move.APPROVED, by, _short(reason), now), held.terms)
        return exceptions(tx.exceptions.steps())[held.id]


def end(desk: Desk, name: str, who: str, reason: str, now: datetime) -> RiskException:
    """Record that an exception, or the request for one, ends now. Anybody who is here may. Raises
    ConfigError for one that is over.
    """
    by = _speaker(desk, who, now)
    with desk.store.transaction() as tx:
        held = _named(exceptions(tx.exceptions.steps()), name)
        record(tx, ExceptionStep(held.id, Move.ENDED, by, _short(reason), now), held.terms)
        after = exceptions(tx.exceptions.steps())[held.id]
        if held.over is not None or after.over is None:
            raise _no(name, "it is over already", "revoke the credential, or `offkey except renew`")
    return after


def _on(desk: Desk) -> None:
    if not desk.settings.approvers or not desk.settings.policies:
        raise _no(
            "exceptions", "the configuration names no approvers, or no policies",
            'write [exceptions] with approvers = [...] and policies = ["ID VERSION"]',
        )  # fmt: skip


def _speaker(desk: Desk, who: str, now: datetime) -> PersonId:
    """Return who is meant, if they are known and here."""
    known, person = find_person(desk.store, who, now)
    why = no_say(person, known.standings, ())
    if why:
        raise _no(who, why, "name somebody who is here")
    return person


def _earlier(
    found: Iterable[RiskException], case: Case, scope: CaseKey | None, now: datetime
) -> RiskException | None:
    """Return the newest exception with the same reach that was approved, or may still be."""
    same = [
        one
        for one in found
        if one.terms.fingerprint == case.fingerprint
        and (None in (scope, one.terms.case) or one.terms.case == scope)
        and (one.approved_by is not None or _pending(one, now))
        and one.over is not Move.PROVED
        and not one.renewed_as  # what took over from it counts instead
    ]
    return same[-1] if same else None


def _end(desk: Desk, days: int, now: datetime) -> datetime:
    if not 1 <= days <= desk.settings.max_days:
        raise _no(
            "--days", f"exceptions.max_days allows 1 to {desk.settings.max_days}",
            "ask for fewer; an exception can be renewed",
        )  # fmt: skip
    return now + timedelta(days=days)


def _policy(desk: Desk, name: str) -> tuple[str, str]:
    """Return a policy's id and its version of today."""
    allowed = {one.partition(" ")[0]: one.partition(" ")[2] for one in desk.settings.policies}
    if name not in allowed:
        raise _no(
            "--policy", "exceptions.policies does not list it",
            f"name one of {', '.join(sorted(allowed))}",
        )  # fmt: skip
    return name, allowed[name]


def _ask(tx: Transaction, who: PersonId, terms: Terms, reason: str, now: datetime) -> RiskException:
    name = f"ex-{secrets.token_hex(5)}"
    record(tx, ExceptionStep(name, Move.ASKED, who, _short(reason), now, terms), terms)
    return exceptions(tx.exceptions.steps())[name]


def _short(reason: str) -> str:
    return reason.strip()[:_REASON_MAX]


def _not_renewable(held: RiskException, found: Iterable[RiskException], now: datetime) -> str:
    if held.approved_by is None:
        return "it was never approved"
    if held.over is Move.PROVED:
        return "the issuer rejected the credential"
    again = [one for one in found if one.terms.renews == held.id]
    taken = [one for one in again if one.approved_by is not None or _pending(one, now)]
    return f"{taken[-1].id} renews it already" if taken else ""


def _pending(held: RiskException, now: datetime) -> bool:
    """Whether it may still be approved."""
    return held.approved_by is None and held.over is None and now < held.terms.expires_at


def _useless(held: RiskException, known: Circle) -> str:
    """Return why an approval would be of no use, empty if it would be of some."""
    who = held.terms.beneficiary
    if who is None or not no_say(who, known.know({who}).standings, ()):
        return ""
    return "who is to go on using the credential has left, or may have"


def _involved(
    tx: Transaction, desk: Desk, known: Circle, held: RiskException
) -> Collection[PersonId]:
    """Return whom an exception concerns: those its cases are held against, and the owner."""
    credentials = some_credentials(tx, desk.kinds, {held.terms.fingerprint})
    known.meet(credentials)
    claims = [claim for item in credentials for claim in claims_on(item, known.staff)]
    covered = [
        case
        for case in tx.cases.cases()
        if case.fingerprint == held.terms.fingerprint and held.terms.case in (None, case.key)
    ]
    return {one for case in covered for one in parties(case, claims)}


def _named(found: Mapping[str, RiskException], name: str) -> RiskException:
    if name not in found:
        raise _no(name, "there is none of that name", "`offkey except list` lists them")
    return found[name]


def _no(where: str, why: str, fix: str) -> ConfigError:
    return ConfigError("The exception cannot be recorded", where=where, why=why, fix=fix)
