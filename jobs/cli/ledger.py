"""`offkey ledger`: what an auditor checks, and what they need to check it without us."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import click

from correlate.ledger_check import Check, Witness, disagreement, existed
from correlate.tree_head import HeadStamp
from correlate.verdict import LedgerEntry
from jobs.cli.context import App, deliver_text, output_option
from jobs.ledger import check_ledger, growth_since, head_now, in_file, in_tickets, proof_of
from jobs.outcome import Exit, Problem, exit_code
from jobs.time_stamp import in_stamps, newest_stamp


@click.group()
def ledger() -> None:
    """Check the ledger, and hand out what shows later that it was not changed."""


@ledger.command()
@click.option(
    "--witness",
    "files",
    multiple=True,
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="A file with heads: of `offkey ledger export`, or a ticket's text that was kept.",
)
@click.option("--offline", is_flag=True, help="Ask no ticket system.")
@click.pass_obj
def verify(app: App, files: Sequence[Path], *, offline: bool) -> int:
    """Make the tree anew from all entries, and hold it against the kept tree, every signed head, the
    heads in all tickets and those in files. Writes nothing. Also says by when the heads existed that a
    time-stamping authority has stamped.

    Names the first entry and the first witness that disagree; exit code 1 says that there is one. A
    ticket system that could not be asked ends it with 4 or 5, whatever was found.
    """
    wiring = app.wiring()
    key = wiring.ledger_key()
    told = in_tickets([] if offline else wiring.sinks(), key)
    others = [*told.witnesses, *(seen for path in files for seen in in_file(path, key))]
    with app.opened(wiring) as store:
        stamped = in_stamps(store, key, wiring.time_authority)
        made = check_ledger(store, key, [*others, *stamped.witnesses])
    problems = (*told.problems, *stamped.problems)
    for line in (*_told(made, problems), *_stamped(made, stamped.witnesses)):
        click.echo(line)
    return exit_code((), problems, findings=not made.holds)


@ledger.command()
@output_option()
@click.pass_obj
def export(app: App, output: Path | None) -> int:
    """Write the signed head of the ledger as it is now, to be kept by somebody else; and the newest that
    is time-stamped, with its token (RFC 3161, DER in base64), which is over the note beside it.
    """
    wiring = app.wiring()
    now = datetime.now(UTC)
    with app.opened(wiring) as store, store.transaction() as tx:
        tx.runs.append(LedgerEntry(now, "export", "ledger head", {}))
        head = head_now(tx, wiring.ledger_key(), now)
        stamp = newest_stamp(tx)
    deliver_text(app, f"{head.line}\n\n{head.note}{_shown(stamp)}", output)
    return Exit.CLEAN


@ledger.command()
@click.argument("number", type=click.IntRange(min=1), required=False)
@click.option("--since", type=click.IntRange(min=1), help="Prove that it only grew from this size.")
@output_option()
@click.pass_obj
def prove(app: App, number: int | None, since: int | None, output: Path | None) -> int:
    """Write the proof that entry NUMBER is in the ledger, or that the ledger only grew, as JSON.

    The proofs are those of RFC 9162: whoever has the public key checks them without us, and sees no
    other entry.
    """
    if (number is None) == (since is None):
        raise click.UsageError("Give the number of an entry, or --since.")
    wiring = app.wiring()
    now = datetime.now(UTC)
    with app.opened(wiring) as store:
        with store.transaction() as tx:
            tx.runs.append(
                LedgerEntry(now, "export", "ledger proof", {"entry": number, "since": since})
            )
        with store.transaction() as tx:
            head = head_now(tx, wiring.ledger_key(), now)
            made = proof_of(tx, number, head) if number else growth_since(tx, since or 0, head)
    deliver_text(app, json.dumps(made, indent=2, ensure_ascii=False), output)
    return Exit.CLEAN


@ledger.command()
@click.pass_obj
def key(app: App) -> int:
    """Write the public half of the key that signs, for the auditor to keep; made where there is none."""
    click.echo(app.wiring().ledger_key().public)
    return Exit.CLEAN


def _told(made: Check, problems: Iterable[Problem]) -> Iterable[str]:
    yield f"entries    {made.size}, root {made.root}"
    yield f"witnesses  {made.witnesses}, of which {len(made.against)} disagree"
    for one in problems:
        yield f"not asked  {one.place}: {one.what}"
    first = made.first
    if first is not None:
        span = (
            f"entry {first.first}" if first.first == first.last else _span(first.first, first.last)
        )
        yield f"changed    {span}: {first.why}"
    if made.against:
        yield f"against    {_named(made.against[0], made.size)}"
        others = len(made.against) - 1
        if others:
            yield f"           and {others} more, of larger trees"
    if made.holds:
        yield "nothing was changed, dropped, moved or cut off that any of them saw"


def _stamped(made: Check, seen: Sequence[Witness]) -> Iterable[str]:
    good = [one for one in seen if one not in made.against]
    if seen:
        yield f"stamped    {len(seen)} heads, of which {len(good)} agree"
    if good:
        newest = max(good, key=lambda one: one.head.size)
        yield f"existed    {existed(newest)}: {newest.name}"


def _shown(stamp: HeadStamp | None) -> str:
    if stamp is None:
        return ""
    return f"\n{stamp.head.line}\n\n{stamp.head.note}\ntime stamp {stamp.token}"


def _span(first: int, last: int) -> str:
    return f"one of the entries {first} to {last}"


def _named(seen: Witness, size: int) -> str:
    at = f"{seen.head.at:%Y-%m-%d %H:%M:%S} UTC"
    return f"{seen.name}, a head of {at}: {disagreement(seen, size)}"
