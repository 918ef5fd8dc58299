"""`offkey succession`: who is to inherit from a leaver, and what rests on one person alone."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import click

from correlate.codeowners import Forge, parse
from correlate.verdict import LedgerEntry, Step
from jobs.cli.cases import load_report, one_case
from jobs.cli.context import App, format_option
from jobs.cli.reason import check_reason, worded
from jobs.cli.table import write_table
from jobs.export import rows_json
from jobs.outcome import Exit
from jobs.printable import printable
from jobs.succession import Leave, Risk, answer, leaves, propose, risks, terms_of, told_of

_HEADS = ("could rotate", "credential", "person", "where")


@click.group()
def succession() -> None:
    """Find a successor for what a leaver owned, and see what rests on one person alone."""


@succession.command("propose")
@click.argument("who")
@click.argument("successor")
@worded
@click.pass_obj
def propose_command(app: App, who: str, successor: str, reason: str, speaker: str) -> int:
    """Propose SUCCESSOR to inherit from WHO.

    Both are a worker id, an address or a login. It counts once SUCCESSOR accepts.
    """
    wiring = app.wiring()
    check_reason(wiring, reason)
    with app.opened(wiring) as store:
        propose(store, who, successor, speaker, reason.strip(), datetime.now(UTC))
    app.say(f"recorded; it counts once accepted: offkey succession accept {who} --as MAIL")
    return Exit.CLEAN


@succession.command("accept")
@click.argument("who")
@worded
@click.pass_obj
def accept_command(app: App, who: str, reason: str, speaker: str) -> int:
    """Accept to inherit from WHO. Only the proposed successor can."""
    return _answer(app, who, Step.ACCEPTED, reason, speaker)


@succession.command("refuse")
@click.argument("who")
@worded
@click.pass_obj
def refuse_command(app: App, who: str, reason: str, speaker: str) -> int:
    """Refuse to inherit from WHO. Only the proposed successor can."""
    return _answer(app, who, Step.REFUSED, reason, speaker)


@succession.command("list")
@format_option("text", "json")
@click.pass_obj
def list_command(app: App, form: str) -> int:
    """List the leaves that somebody is to inherit from, those long unanswered first."""
    wiring, now = app.wiring(), datetime.now(UTC)
    with app.opened(wiring) as store:
        with store.transaction() as tx:
            tx.runs.append(LedgerEntry(now, "export", "successions", {}))
        rows = leaves(store, terms_of(wiring.config.policy), now)
    if form == "json":
        click.echo(rows_json([asdict(row) for row in rows], ()))
    else:
        for line in (line for row in rows for line in told_of(row)):
            click.echo(line)
    return Exit.FINDINGS if any(not _settled(row) for row in rows) else Exit.CLEAN


@succession.command("risks")
@format_option("text", "json")
@click.pass_obj
def risks_command(app: App, form: str) -> int:
    """List the live credentials that one person alone, or nobody, could rotate."""
    wiring, now = app.wiring(), datetime.now(UTC)
    kinds = {kind.id: kind for kind in wiring.kinds}
    with app.opened(wiring) as store:
        with store.transaction() as tx:
            tx.runs.append(LedgerEntry(now, "export", "succession risks", {}))
        found = risks(store, kinds, now)
    if form == "json":
        click.echo(rows_json([asdict(risk) for risk in found], ()))
    else:
        write_table(app, _HEADS, map(_cells, found))
    return Exit.FINDINGS if found else Exit.CLEAN


@succession.command("hints")
@click.argument("case")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option(
    "--forge", type=click.Choice([one.value for one in Forge]), required=True,
    help="Whose rules FILE is read by.",
)  # fmt: skip
@click.pass_obj
def hints_command(app: App, case: str, file: Path, forge: str) -> int:
    """Show who owns the places of CASE by a CODEOWNERS file.

    A hint to whom one might ask: nobody in FILE has accepted anything.
    """
    row = one_case(load_report(app, f"succession hints {case}"), case)
    owners = parse(file.read_text(encoding="utf-8", errors="replace"), Forge(forge))
    for place in row.paths:
        named = " ".join(owners.owners(place.partition(":")[2])) or "nobody"
        click.echo(f"{printable(place)}: {printable(named)}")
    return Exit.CLEAN


def _answer(app: App, who: str, step: Step, reason: str, speaker: str) -> int:
    wiring = app.wiring()
    check_reason(wiring, reason)
    with app.opened(wiring) as store:
        answer(store, who, step, speaker, reason.strip(), datetime.now(UTC))
    app.say(f"recorded as {step.value}; cases stay open until their issuers reject them")
    return Exit.CLEAN


def _settled(row: Leave) -> bool:
    return row.state == Step.ACCEPTED.value


def _cells(risk: Risk) -> tuple[str, ...]:
    return (
        str(risk.factor), f"{risk.credential} {risk.fingerprint}", risk.person or "-",
        "\n".join(map(printable, risk.paths[:4])),
    )  # fmt: skip
