"""`offkey leaver WHO`: what one departing person holds, now."""

from __future__ import annotations

import importlib
import json
from datetime import UTC, datetime
from functools import partial

import click

from correlate.codec import record_of
from correlate.model import PersonId
from correlate.ports_store import Store
from correlate.verdict import LedgerEntry, StandingState
from jobs.cli.context import App, format_option
from jobs.cli.table import write_table
from jobs.leaver import Held, LeaverReport
from jobs.leaver import leaver as answer
from jobs.outcome import Exit
from jobs.printable import printable
from jobs.sensitive import check_reader, opened
from jobs.wiring import Wiring

_HEADS = ("credential", "tie", "liveness", "case", "account disabled", "where", "revoke")


@click.command()
@click.argument("who")
@click.option("--before-leave", is_flag=True, help="A forecast: treat the person as gone.")
@click.option("--offline", is_flag=True, help="Answer from the store alone; scan and ask nobody.")
@click.option(
    "--embargoed",
    is_flag=True,
    help="Tell of a leave under embargo too, from the store alone; needs --as.",
)
@click.option(
    "--as", "speaker", default="", envvar="OFFKEY_OPERATOR",
    help="Who you are: your mail address, listed in policy.embargo_readers.",
)  # fmt: skip
@format_option("text", "json")
@click.pass_obj
def leaver(
    app: App,
    who: str,
    form: str,
    speaker: str,
    *,
    before_leave: bool,
    offline: bool,
    embargoed: bool,
) -> int:
    """Show what WHO (a worker id, address or login) owns, put somewhere or could read.

    The store answers at once; then issuers' lists are read, the places the person touched are
    scanned for what is new, the issuers are asked again, and the answer is shown as it now stands.
    A leave under embargo is told of only with --embargoed, to those who may know.
    """
    now = datetime.now(UTC)
    wiring = app.wiring()
    kinds = {kind.id: kind for kind in wiring.kinds}
    spared = wiring.config.policy.break_glass
    if embargoed:
        check_reader(wiring.config.policy.embargo_readers, speaker)
    with app.opened(wiring) as store:
        seen = {opened(store, who, speaker, now)} if embargoed else set()
        look = partial(answer, before_leave=before_leave, break_glass=spared, opened=seen)
        found = look(store, kinds, who, now)
        complete = True
        if not (offline or embargoed):  # a question to an issuer may be noticed
            app.say(f"{found.name}: {len(found.live())} live by the last answers; looking again")
            complete = _look_again(app, wiring, store, found.person, now)
            found = look(store, kinds, who, now)
        with store.transaction() as tx:
            name = tx.sensitive.references({found.person})[found.person]
            tx.runs.append(LedgerEntry(now, "export", f"leaver {name}", {}))
    _show(app, found, form)
    if not complete:
        app.say("not every place could be read again; run `offkey report` to see which")
        return Exit.INCOMPLETE
    return Exit.FINDINGS if found.live() else Exit.CLEAN


def _look_again(app: App, wiring: Wiring, store: Store, who: PersonId, now: datetime) -> bool:
    # what looks again takes as long to load as the answer from the store takes
    again = importlib.import_module("jobs.looking_again")
    with app.progress() as progress:
        return bool(again.look_again(wiring, store, who, now, progress))


def _show(app: App, found: LeaverReport, form: str) -> None:
    if form == "json":
        click.echo(
            json.dumps({"schema_version": 1, **record_of(found)}, indent=2, ensure_ascii=False)
        )
        return
    for line in told(found):
        click.echo(printable(line))
    if found.held:
        write_table(app, _HEADS, map(_cells, found.held))


def told(found: LeaverReport) -> list[str]:
    """Return the headline of an answer."""
    going = found.standing.state in (StandingState.LEFT, StandingState.LEAVING)
    departure = found.standing.departure if going else None  # of others it is past, or a guess
    when = f", access ends {departure.effective_at:%Y-%m-%d %H:%M} UTC" if departure else ""
    state = found.standing.state.value.replace("_", " ")
    lines = [f"{found.name} ({found.person}): {state}{when}"]
    if found.forecast:
        lines.append("forecast: the verdicts are those of the moment after the leave")
    alone = sum(1 for item in found.live() if item.only_person)
    lines.append(
        f"{len(found.live())} live of {len(found.held)} credentials; "
        f"of the live, {alone} with nobody else here who could rotate them"
    )
    lines += [f"note: {note}" for note in found.standing.notes]
    return lines


def _cells(item: Held) -> tuple[str, ...]:
    return (
        f"{item.credential} {item.fingerprint.short}",
        item.relation.value.replace("_", " "),
        item.liveness.replace("_", " "),
        item.case.value if item.case else "-",
        item.survival,
        "\n".join(map(printable, item.paths[:4])),
        item.revoke_hint,
    )
