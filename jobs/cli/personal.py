"""`offkey people export` and `forget`: what is held on one person, and its end."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import click

from jobs.cli.context import App, deliver_text, output_option
from jobs.cli.reason import check_reason, worded
from jobs.dossier import dossier
from jobs.forgetting import Forgetting, forget, look
from jobs.outcome import Exit


@click.command("export")
@click.argument("who")
@output_option()
@click.pass_obj
def export_command(app: App, who: str, output: Path | None) -> int:
    """Write all that is held on WHO as JSON: for a person's request to see it.

    WHO is a worker id, an address or a login. It holds no secret, but it may speak of others.
    """
    wiring, now = app.wiring(), datetime.now(UTC)
    kinds = {kind.id: kind for kind in wiring.kinds}
    sinks = [item.name for item in wiring.config.of("tickets")]
    with app.opened(wiring) as store:
        made = dossier(store, kinds, sinks, who, now)
    deliver_text(app, json.dumps(made, indent=2, ensure_ascii=False), output)
    return Exit.CLEAN


@click.command("forget")
@click.argument("who")
@click.option("--yes", is_flag=True, help="Do it; without, only show what it would come to.")
@worded
@click.pass_obj
def forget_command(app: App, who: str, reason: str, speaker: str, *, yes: bool) -> int:
    """Forget WHO for good: for a person's request to be erased.

    WHO is a worker id, an address or a login of somebody who has left and whom no feed lists any
    more. Cases stay under a reference that leads to nobody.
    """
    wiring, now = app.wiring(), datetime.now(UTC)
    check_reason(wiring, reason)
    sinks = [item.name for item in wiring.config.of("tickets")]
    with app.opened(wiring) as store:
        if not yes:
            found = look(store, sinks, who, now)
            for line in told(found):
                click.echo(line)
            app.say("nothing was changed; --yes does it")
            return Exit.FINDINGS if found.refusals else Exit.CLEAN
        found = forget(store, sinks, who, speaker, reason.strip(), now)
        wiped = store.wipe()
    if found.tickets:
        click.echo(f"not ours to change, and may name them: {', '.join(found.tickets)}")
    app.say("forgotten")
    if not wiped:
        app.say(
            "deleted rows may stand in the store's files until its server, or whatever else has it "
            "open, is done with them"
        )
    return Exit.CLEAN


def told(found: Forgetting) -> Iterator[str]:
    """Yield as lines what forgetting somebody would come to."""
    yield from (f"in the way: {why}" for why in found.refusals)
    yield f"cases that lose their person: {len(found.cases)}"
    yield f"watches that end: {found.watches}"
    yield f"identities forgotten: {found.identities}, kept as others' too: {found.shared}"
    if found.tickets:
        yield f"tickets that may name them, not ours to change: {', '.join(found.tickets)}"
    if found.acted:
        yield f"entries of the ledger on what they did themselves, which stay: {found.acted}"
