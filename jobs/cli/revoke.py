"""`offkey revoke CASE`: show what revoking its credential would do; with approval, do it and prove it."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import UTC, datetime

import click

from correlate.attribution import KNOWING
from correlate.errors import ConfigError
from correlate.model import KindId, PersonId
from correlate.ports import Issuer, Revoker
from correlate.ports_store import Store
from correlate.revocation import End, Outcome
from correlate.verdict import LedgerEntry
from jobs.cli.context import App
from jobs.cli.reason import refuse_secrets
from jobs.lock import only_runner
from jobs.outcome import Exit
from jobs.paths import paths_of
from jobs.plaintext import Places
from jobs.revoke import Desk, Hands, Subject, approve, ask, carry_out, subject
from jobs.scan import detector_for
from jobs.wiring import Wiring


@click.command()
@click.argument("case")
@click.option(
    "--ask", "step", flag_value="ask", help="Record that you ask for it; holds for a day."
)
@click.option(
    "--approve", "step", flag_value="approve", help="Record that you approve the request."
)
@click.option(
    "--do", "step", flag_value="do", help="Send it, once, and probe until it is rejected."
)
@click.option("--reason", default="", help="Why, with --ask; it goes into the ledger.")
@click.option(
    "--as", "who", default="", envvar="OFFKEY_OPERATOR", help="Who you are: your mail address."
)
@click.pass_obj
def revoke(app: App, case: str, step: str | None, reason: str, who: str) -> int:
    """Show what revoking the credential of CASE would do; with approval, do it and prove it.

    CASE is its key or the beginning of it, or a ticket's key. Nothing is sent but by --do, which
    needs the approval of a second person.
    """
    if step and not who:
        raise ConfigError(
            "Nobody is named", where="--as", why=f"--{step} is somebody's word",
            fix="add --as MAIL, or set OFFKEY_OPERATOR",
        )  # fmt: skip
    wiring = app.wiring()
    now = datetime.now(UTC)
    with app.opened(wiring) as store:
        desk = _desk(wiring, store)
        match step:
            case "ask":
                refuse_secrets(wiring, reason)
                about = ask(desk, case, who, reason, now)
            case "approve":
                about = approve(desk, case, who, now)
            case "do":
                with only_runner(wiring.config.organisation.state, store, now):
                    about, outcome = carry_out(desk, _hands(wiring), case, who)
                return _ended(about, outcome)
            case _:
                about = subject(desk, case, now)
                with store.transaction() as tx:
                    tx.runs.append(
                        LedgerEntry(now, "export", f"revocation of {about.case.key}", {})
                    )
    for line in told(about, now, enabled=desk.settings.enabled):
        click.echo(line)
    return Exit.CLEAN if step or about.case.state.ended else Exit.FINDINGS


def told(about: Subject, now: datetime, *, enabled: bool) -> list[str]:
    """Return a dry run as lines of text."""
    item, said, call = about.credential, about.credential.liveness, about.call
    facts: list[tuple[str, str]] = [
        ("case", f"{about.case.kind.value} {about.case.key}, {about.case.state.value}"),
        ("credential", f"{item.kind.name} {item.fingerprint.short}"),
    ]
    if isinstance(call, str):
        facts += [("would send", f"nothing: {call}"), ("by hand", about.by_hand)]
    else:
        facts += [
            ("would send", f"{call.method} {call.url}"),
            ("revokes", f"this credential, and no other ({call.source})"),
            ("also", call.note),
        ]
    if said is not None:
        names = [f"{one.system} {one.handle}" for one in said.identities]
        facts += [
            ("issuer says", f"{said.state.value}: {said.reason} ({_at(said.at)})"),
            ("owner", ", ".join(part for part in (said.owner_name, *names) if part) or "not told"),
            ("scopes", ", ".join(said.scopes) or "not told"),
            ("last used", _at(said.last_used_at)),
            ("expires", _at(said.expires_at)),
        ]
    facts += [("stands at", path) for path in paths_of(item)]
    facts += [("known to", text) for text in _tied(about)]
    facts += [("request", _stage(about)), ("next", _next(about, now, enabled=enabled))]
    lines, last = [], ""
    for label, text in facts:
        if text:
            lines.append(f"{label if label != last else '':12} {text}")
            last = label
    return lines


def _tied(about: Subject) -> list[str]:
    return [
        f"{_name(about, claim.person)}: {claim.relation.value.replace('_', ' ')},"
        f" {about.known.standings[claim.person].state.value.replace('_', ' ')}"
        for claim in about.claims
        if claim.strength >= KNOWING
    ] or ["nobody we know of"]


def _stage(about: Subject) -> str:
    at = about.progress
    if at.request is None:
        return "none yet"
    text = f"asked by {_name(about, at.request.by)}, until {_at(at.request.expires_at)}: {at.request.reason}"
    if at.approved_by:
        text += f"; approved by {_name(about, at.approved_by)} ({_at(at.approved_at)})"
    if at.in_doubt:
        text += f"; it may have been sent ({_at(at.sending_at)})"
    return text + (f"; {at.outcome.end.value} ({_at(at.over_at)})" if at.outcome else "")


def _next(about: Subject, now: datetime, *, enabled: bool) -> str:
    at, command = about.progress, f"offkey revoke {about.case.key}"
    if at.in_doubt:
        return f"{command} --do --as MAIL   (it may have been sent: only probes, never sends again)"
    if isinstance(about.call, str) or about.case.state.ended:
        return "nothing to send from here"
    if not enabled:
        return "revocation is switched off: [revocation] enabled = true, and approvers"
    if at.request is None or at.outcome or now >= at.request.expires_at:
        return f'{command} --ask --reason "..." --as MAIL'
    if at.approved_by is None:
        return f"{command} --approve --as MAIL   (a second person)"
    return f"{command} --do --as MAIL   (whoever asked)"


def _ended(about: Subject, outcome: Outcome) -> int:
    last = outcome.last.reason if outcome.last else ""
    click.echo(f"{about.case.key}: {outcome.end.value}")
    click.echo(f"the call: {outcome.reply}; the last question: {last}")
    click.echo(f"the case is {about.case.state.value}; two spaced rejections close it")
    if outcome.end is End.PROVED:
        return Exit.CLEAN
    return Exit.FINDINGS if outcome.end is End.REFUSED else Exit.INCOMPLETE


def _name(about: Subject, person: PersonId) -> str:
    known = about.known.people.persons.get(person)
    return f"{known.public_name} ({known.public_id})" if known else person


def _at(instant: datetime | None) -> str:
    return f"{instant:%Y-%m-%d %H:%M} UTC" if instant else "not told"


def _desk(wiring: Wiring, store: Store) -> Desk:
    revokers: dict[KindId, Revoker] = {}
    for revoker in wiring.revokers():
        for kind in revoker.kinds:
            revokers.setdefault(kind, revoker)
    kinds = {kind.id: kind for kind in wiring.kinds}
    sinks = tuple(item.name for item in wiring.config.of("tickets"))
    spared = wiring.config.policy.break_glass
    return Desk(store, kinds, revokers, wiring.config.revocation, sinks, spared)


def _hands(wiring: Wiring) -> Hands:
    sources = {source.name: source for source in wiring.sources()}
    places = Places(sources, detector_for(wiring), wiring.config.pepper())

    def issuers() -> Mapping[KindId, Issuer]:
        found: dict[KindId, Issuer] = {}
        for issuer in wiring.issuers():
            for kind in issuer.kinds:
                found.setdefault(kind, issuer)
        return found

    policy = wiring.config.policy
    asking = (lambda: datetime.now(UTC), time.sleep)
    return Hands(places, issuers, *asking, policy.proof_gap_seconds, policy.decoys)
