"""`offkey except`: let a credential live on for a time, by two persons' word."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import click

from correlate.errors import ConfigError
from correlate.exception import Stage
from correlate.exception_rules import times
from correlate.verdict import LedgerEntry
from jobs.cli.context import App, format_option
from jobs.cli.reason import check_reason, refuse_secrets, worded
from jobs.exception_book import Listed, listed
from jobs.exceptions import Desk, Wish, approve, end, renew, request
from jobs.export import rows_json
from jobs.outcome import Exit
from jobs.printable import printable

_OPEN = (Stage.ASKED, Stage.EXPIRED, Stage.VOID)
_DAYS = click.option("--days", type=int, required=True, help="For how many days from now.")


@click.group("except")
def except_group() -> None:
    """Let a credential live on for a time, by two persons' word."""


@except_group.command("request")
@click.argument("case")
@_DAYS
@click.option("--policy", required=True, help="Under which policy: its id in exceptions.policies.")
@click.option("--credential", "whole", is_flag=True, help="For all cases of its credential.")
@click.option("--for", "beneficiary", default="", help="Who goes on using it.")
@click.option("--service", default="", help="What goes on using it, by its name.")
@worded
@click.pass_obj
def request_command(
    app: App,
    case: str,
    days: int,
    policy: str,
    beneficiary: str,
    service: str,
    reason: str,
    speaker: str,
    *,
    whole: bool,
) -> int:
    """Ask for an exception for CASE: its key or the beginning of it, or a ticket's key.

    It holds nothing off before somebody else approves it.
    """
    with _at(app, reason, service) as (desk, now):
        wish = Wish(days, policy, reason, whole, beneficiary, service)
        made = request(desk, case, speaker, wish, now)
    app.say(f"recorded as {made.id}; a second person runs: offkey except approve {made.id}")
    return Exit.CLEAN


@except_group.command("approve")
@click.argument("name")
@worded
@click.pass_obj
def approve_command(app: App, name: str, reason: str, speaker: str) -> int:
    """Approve the exception NAME, as it was asked for. Never who asked, or goes on using it."""
    with _at(app, reason) as (desk, now):
        made = approve(desk, name, speaker, reason, now)
    app.say(f"recorded; {made.id} holds until {made.terms.expires_at:%Y-%m-%d %H:%M} UTC")
    return Exit.CLEAN


@except_group.command("renew")
@click.argument("name")
@_DAYS
@click.option("--for", "beneficiary", default="", help="Who uses it from now on, if another.")
@worded
@click.pass_obj
def renew_command(
    app: App, name: str, days: int, beneficiary: str, reason: str, speaker: str
) -> int:
    """Ask for the exception NAME to go on. It needs an approval of its own."""
    with _at(app, reason) as (desk, now):
        made = renew(desk, name, speaker, days, reason, now, beneficiary)
    app.say(f"recorded as {made.id}; a second person runs: offkey except approve {made.id}")
    return Exit.CLEAN


@except_group.command("end")
@click.argument("name")
@worded
@click.pass_obj
def end_command(app: App, name: str, reason: str, speaker: str) -> int:
    """End the exception NAME, or take back the request for it. Its cases open with the next run."""
    with _at(app, reason) as (desk, now):
        made = end(desk, name, speaker, reason, now)
    app.say(f"recorded; {made.id} is over")
    return Exit.CLEAN


@except_group.command("list")
@format_option("text", "json")
@click.pass_obj
def list_command(app: App, form: str) -> int:
    """List every exception: who asked, who approved, until when, and how often it was renewed."""
    rows = _looked(app, "exceptions")
    if form == "json":
        click.echo(rows_json([record(row) for row in rows], ()))
    else:
        for row in rows:
            click.echo(printable(headline(row)))
    return Exit.FINDINGS if any(row.judged.stage in _OPEN for row in rows) else Exit.CLEAN


@except_group.command("show")
@click.argument("name")
@format_option("text", "json")
@click.pass_obj
def show_command(app: App, name: str, form: str) -> int:
    """Show the exception NAME, and those that it renewed."""
    found = {row.judged.exception.id: row for row in _looked(app, f"exception {name}")}
    if name not in found:
        raise ConfigError(
            "No such exception", where=name, why=f"{len(found)} are known, none by that name",
            fix="list them with `offkey except list`",
        )  # fmt: skip
    row = found[name]
    if form == "json":
        click.echo(rows_json([record(row)], ()))
    else:
        for line in told(row):
            click.echo(printable(line))
    return Exit.FINDINGS if row.judged.stage in _OPEN else Exit.CLEAN


def headline(row: Listed) -> str:
    """Return an exception as one line of text."""
    held, stage = row.judged.exception, row.judged.stage
    approved = row.name(held.approved_by) or "nobody yet"
    until = f"{held.terms.expires_at:%Y-%m-%d}"
    text = f"{held.id} {stage}, until {until}, {times(held.renewals)}, approved by {approved}"
    return f"{text}: {row.judged.why}" if row.judged.why else text


def told(row: Listed) -> list[str]:
    """Return an exception as lines of text."""
    held = row.judged.exception
    terms = held.terms
    facts = [
        ("exception", f"{held.id}, {row.judged.stage}"),
        ("why", row.judged.why),
        ("for", f"case {terms.case}" if terms.case else "all cases of its credential"),
        ("credential", terms.fingerprint.short),
        ("until", f"{terms.expires_at:%Y-%m-%d %H:%M} UTC"),
        ("policy", f"{terms.policy} {terms.version}".strip()),
        ("asked by", f"{row.name(held.asked_by)}, {held.asked_at:%Y-%m-%d}: {held.reason}"),
        ("approved by", _approval(row)),
        ("used by", row.name(terms.beneficiary) or terms.service),
        ("renewals", times(held.renewals)),
        ("renews", terms.renews),
        ("renewed as", held.renewed_as),
        ("over since", f"{held.over_at:%Y-%m-%d %H:%M} UTC" if held.over_at else ""),
        ("next", _next(row)),
    ]
    return [f"{label:12} {text}" for label, text in facts if text]


def _approval(row: Listed) -> str:
    held = row.judged.exception
    if held.approved_at is None:
        return "nobody yet"
    return f"{row.name(held.approved_by)}, {held.approved_at:%Y-%m-%d}"


def _next(row: Listed) -> str:
    name, stage = row.judged.exception.id, row.judged.stage
    if stage is Stage.ASKED:
        return f"offkey except approve {name}   (a second person)"
    if stage in (Stage.VALID, Stage.EXPIRED, Stage.VOID):
        return f"revoke or rotate the credential, or: offkey except renew {name}"
    return ""


def record(row: Listed) -> dict[str, Any]:
    """Return an exception for programs."""
    held = row.judged.exception
    terms = held.terms
    return {
        "id": held.id,
        "stage": row.judged.stage.value,
        "why": row.judged.why,
        "case": terms.case,
        "fingerprint": terms.fingerprint.short,
        "policy": terms.policy,
        "policy_version": terms.version,
        "asked_by": row.name(held.asked_by),
        "asked_at": held.asked_at.isoformat(),
        "reason": held.reason,
        "approved_by": row.name(held.approved_by),
        "approved_at": held.approved_at.isoformat() if held.approved_at else None,
        "expires_at": terms.expires_at.isoformat(),
        "beneficiary": row.name(terms.beneficiary) or terms.service,
        "renewals": held.renewals,
        "renews": terms.renews,
        "renewed_as": held.renewed_as,
    }


@contextmanager
def _at(app: App, *words: str) -> Iterator[tuple[Desk, datetime]]:
    """Open the desk for a step, once what was said holds no credential; `words` begin with the reason."""
    wiring = app.wiring()
    reason, *others = words
    check_reason(wiring, reason)
    for text in others:
        refuse_secrets(wiring, text, "--service")
    sinks = tuple(item.name for item in wiring.config.of("tickets"))
    kinds = {kind.id: kind for kind in wiring.kinds}
    with app.opened(wiring) as store:
        yield Desk(store, kinds, wiring.config.exceptions, sinks), datetime.now(UTC)


def _looked(app: App, what: str) -> list[Listed]:
    """Return every exception; the ledger says first that `what` was shown."""
    now = datetime.now(UTC)
    with app.opened(app.wiring()) as store:
        with store.transaction() as tx:
            tx.runs.append(LedgerEntry(now, "export", what, {}))
        return listed(store, now)
