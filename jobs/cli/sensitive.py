"""`offkey people embargo` and `restrict`: leaves that are not told of yet, or told in neutral words."""

from __future__ import annotations

from datetime import UTC, datetime

import click

from correlate.errors import ConfigError
from jobs.cli.context import App
from jobs.cli.reason import check_reason, worded
from jobs.outcome import Exit
from jobs.printable import printable
from jobs.sensitive import check_reader, end_embargo, restrict, sealed, set_embargo


@click.command("embargo")
@click.argument("who", default="")
@click.option("--until", default="", help="When it ends, with its zone: 2026-12-01T17:00+01:00.")
@click.option("--end", is_flag=True, help="End it now.")
@click.option("--reason", default="", help="Why; it is kept apart from the ledger.")
@click.option(
    "--as", "speaker", required=True, envvar="OFFKEY_OPERATOR",
    help="Who you are: your mail address, listed in policy.embargo_readers.",
)  # fmt: skip
@click.pass_obj
def embargo_command(app: App, who: str, until: str, reason: str, speaker: str, *, end: bool) -> int:
    """Let nobody learn of WHO's leave before an instant.

    WHO is a worker id, an address or a login. Until then no case, ticket, report or other command
    tells of it; then everything does, counted from the leave itself. Without WHO, list the embargoes.
    """
    wiring, now = app.wiring(), datetime.now(UTC)
    check_reader(wiring.config.policy.embargo_readers, speaker)
    if who:
        check_reason(wiring, reason)
    with app.opened(wiring) as store:
        if not who:
            for row in sealed(store, speaker, now):
                told = f"until {row.until:%Y-%m-%d %H:%M} UTC, by {row.by}: {row.reason}"
                click.echo(printable(f"{row.name} ({row.person}): {told}"))
            return Exit.CLEAN
        if end:
            said = end_embargo(store, who, speaker, reason.strip(), now)
        else:
            said = set_embargo(store, who, _instant(until), speaker, reason.strip(), now)
    app.say(f"recorded as {said.reference}; it ends at {said.until:%Y-%m-%d %H:%M} UTC")
    return Exit.CLEAN


@click.command("restrict")
@click.argument("who")
@click.option("--lift", is_flag=True, help="Tell WHO's cases in plain words again.")
@worded
@click.pass_obj
def restrict_command(app: App, who: str, reason: str, speaker: str, *, lift: bool) -> int:
    """Have WHO's cases told in neutral words, that name nobody and hint at no leave.

    WHO is a worker id, an address or a login. Whoever is under a legal hold is told of so anyway.
    """
    wiring, now = app.wiring(), datetime.now(UTC)
    check_reason(wiring, reason)
    with app.opened(wiring) as store:
        restrict(store, who, speaker, reason.strip(), now, holds=not lift)
    app.say("recorded; tickets follow with the next run")
    return Exit.CLEAN


def _instant(text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        raise ConfigError(
            "That is no instant", where="--until", why="it has no day, no time or no zone",
            fix="write for example 2026-12-01T17:00+01:00",
        )  # fmt: skip
    return at.astimezone(UTC)
