"""`offkey people`: whose an identity is, why, and a person's word that corrects it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime

import click

from correlate.feed_findings import FeedFinding, feed_findings, row_findings
from correlate.model import PersonId
from correlate.verdict import Correction, LedgerEntry, Person
from jobs.cli.context import App, format_option
from jobs.cli.personal import export_command, forget_command
from jobs.cli.reason import check_reason, refuse_secrets, worded
from jobs.cli.sensitive import embargo_command, restrict_command
from jobs.corrections import correct, explain, identity_of, somebody, told, told_of
from jobs.export import rows_json
from jobs.leaver import find_person
from jobs.outcome import Exit
from jobs.people import everybody
from jobs.printable import printable


@click.group()
def people() -> None:
    """Show whose an identity is and why, and correct it."""


people.add_command(embargo_command)
people.add_command(restrict_command)
people.add_command(export_command)
people.add_command(forget_command)


@people.command("explain")
@click.argument("who")
@click.pass_obj
def explain_command(app: App, who: str) -> int:
    """Show whose WHO is and was, by whose word.

    WHO is an identity (mail:jane@example.com, github:jane), or a worker id for all that is
    known of one person.
    """
    now = datetime.now(UTC)
    with app.opened(app.wiring()) as store:
        if "@" in who or (":" in who and not who.startswith("directory:")):
            found = explain(store, identity_of(who), now)
            # what is nobody's is not kept: it may be that of somebody who was forgotten
            name, lines = str(found.identity) if found.names else "", list(told(found))
        else:
            _, name = find_person(store, who, now)
            lines = list(told_of(somebody(store, name, now)))
        with store.transaction() as tx:
            subject = tx.sensitive.references({name})[name] if name else "nobody"
            tx.runs.append(LedgerEntry(now, "export", f"people explain {subject}", {}))
    for line in lines:
        click.echo(line)
    return Exit.CLEAN


@people.command("findings")
@format_option("text", "json")
@click.pass_obj
def findings_command(app: App, form: str) -> int:
    """List what is to be mended in the people feeds: odd rows, open ends, feeds that disagree."""
    now = datetime.now(UTC)
    with app.opened(app.wiring()) as store, store.transaction() as tx:
        tx.runs.append(LedgerEntry(now, "export", "people findings", {}))
        known, rows = everybody(tx, now), row_findings(tx.people.snapshots())
    persons = known.people.persons
    found = [*feed_findings(persons.values(), known.standings, now), *rows]
    if form == "json":
        records = [
            {**asdict(one), "person": one.person and persons[one.person].public_id} for one in found
        ]
        click.echo(rows_json(records, ()))
    else:
        for one in found:
            click.echo(line_of(one, persons))
    return Exit.FINDINGS if found else Exit.CLEAN


def line_of(found: FeedFinding, persons: Mapping[PersonId, Person]) -> str:
    """Return one finding as a line of text: of whom it is told, or of which feed's rows."""
    who = found.person
    about = found.feed
    if who is not None:
        about = f"{persons[who].public_name} ({persons[who].public_id})"
    return f"{found.rule:24} {printable(f'{about}: {found.text}')}"


@people.command("link")
@click.argument("identity")
@click.argument("person")
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="From this day on (UTC).")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help="Until this day began (UTC).")
@worded
@click.pass_obj
def link_command(
    app: App,
    identity: str,
    person: str,
    since: datetime | None,
    until: datetime | None,
    speaker: str,
    reason: str,
) -> int:
    """Say that IDENTITY is PERSON's.

    PERSON is a worker id. It stands above all that feeds say; IDENTITY is as for `explain`.
    """
    first, last = (day.replace(tzinfo=UTC) if day else None for day in (since, until))
    return _correct(app, identity, person, (first, last), speaker, reason, holds=True)


@people.command("unlink")
@click.argument("identity")
@click.argument("person")
@worded
@click.pass_obj
def unlink_command(app: App, identity: str, person: str, speaker: str, reason: str) -> int:
    """Say that IDENTITY is not PERSON's.

    PERSON is a worker id. It stands whatever feeds say; IDENTITY is as for `explain`.
    """
    return _correct(app, identity, person, (None, None), speaker, reason, holds=False)


def _correct(
    app: App,
    identity: str,
    person: str,
    period: tuple[datetime | None, datetime | None],
    who: str,
    reason: str,
    *,
    holds: bool,
) -> int:
    wiring, now = app.wiring(), datetime.now(UTC)
    check_reason(wiring, reason)
    refuse_secrets(wiring, identity, "IDENTITY")
    said = Correction(
        identity_of(identity), PersonId(person), holds, *period, who, reason.strip(), now
    )
    with app.opened(wiring) as store:
        correct(store, said)
        lines = list(told(explain(store, said.identity, now)))
    for line in lines:
        click.echo(line)
    app.say("cases follow with the next run")
    return Exit.CLEAN
