"""`offkey evidence`: a pack that an auditor checks without us, and the file that checks it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from correlate.errors import ConfigError
from correlate.period import Period, parse_period
from jobs.cli.context import App, deliver_text, output_option
from jobs.control_files import our_mapping
from jobs.evidence import verifier
from jobs.evidence.about import About
from jobs.evidence.export import Order, export_pack
from jobs.evidence.gather import Terms
from jobs.outcome import Exit
from jobs.version import version
from jobs.wiring import Wiring


@click.group()
def evidence() -> None:
    """Write what happened to leavers' credentials so that it can be checked without us."""


@evidence.command()
@click.option("--period", default="", help="2026, 2026-Q3, 2026-07, or 2026-07-01..2026-09-30.")
@click.option("--person", "who", default="", help="Only of WHO: a worker id, address or login.")
@click.option(
    "--output",
    "folder",
    type=click.Path(path_type=Path),
    help="The folder to write; made, for you only.  [default: evidence-SCOPE]",
)
@click.pass_obj
def export(app: App, period: str, who: str, folder: Path | None) -> int:
    """Write an evidence pack: who left, what became of each of their credentials, who had access, what
    was examined and what was not, with the ledger's entries, their proofs, and a signed manifest.

    Exit code 1: something of theirs is live; 3: too little was examined to say more than what was found.
    """
    span = parse_period(period) if period else None
    wiring = app.wiring()
    key = wiring.ledger_key()
    now = datetime.now(UTC)
    target = folder or Path(f"evidence-{_named(span, who, now)}")

    def about(told: Period, person: str, head: str) -> About:
        return About(
            wiring.config.organisation.name, version(), told, person, now, head, key.publics,
            our_mapping().version, _controls(), wiring.config.evidence.examined_whole_at_least,
        )  # fmt: skip

    with app.opened(wiring) as store:
        made = export_pack(store, key, _terms(wiring), Order(target, span, who), about, now)
    click.echo(str(target))
    app.say(made.conclusion)
    app.say(f"give the auditor the key {key.public} by another way than the pack")
    app.say(f"check it with: offkey evidence verify {target} --key {key.public}")
    covered = made.tally.covered
    if covered is None or covered < wiring.config.evidence.examined_whole_at_least:
        return Exit.INCOMPLETE
    return Exit.FINDINGS if made.tally.live else Exit.CLEAN


@evidence.command()
@click.argument("pack", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--key", help="The public key (64 hexadecimal digits) that has to have signed it.")
@click.option(
    "--head",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="A text with heads that somebody else kept, a ticket's for instance.",
)
@click.pass_obj
def verify(app: App, pack: Path, key: str | None, head: Path | None) -> int:
    """Check PACK as an auditor does, who runs the same file alone (`offkey evidence verifier`).

    Exit code 1 names each file and entry that was changed; 3 says that without --key anybody may have
    made it.
    """
    kept = head.read_text(encoding="utf-8", errors="replace") if head else ""
    try:
        faults = verifier.verify(pack, key, kept)
    except verifier.NoPack as error:
        raise ConfigError(
            "That is no evidence pack", where=str(pack), why=str(error),
            fix="give the folder that `offkey evidence export` wrote",
        ) from None  # fmt: skip
    for line in verifier.told(pack, key, faults):
        app.out.print(line, markup=False, highlight=False, soft_wrap=True)
    return verifier.outcome(key, faults)


@evidence.command("verifier")
@output_option()
@click.pass_obj
def the_verifier(app: App, output: Path | None) -> int:
    """Write the one file that checks a pack: it needs Python and `cryptography`, and nothing of offkey."""
    deliver_text(app, Path(verifier.__file__).read_text(encoding="utf-8"), output)
    return Exit.CLEAN


def _terms(wiring: Wiring) -> Terms:
    config = wiring.config
    return Terms(
        {kind.id: kind for kind in wiring.kinds},
        config.of("people"),
        [item.name for item in config.of("tickets")],
        our_mapping().rows,
        config.sla.deadlines(),
        config.evidence.examined_whole_at_least,
    )


def _controls() -> tuple[str, ...]:
    cited = our_mapping().rows.get("evidence", ())
    return tuple(f"{one.framework} {one.edition} {one.id}" for one in cited)


def _named(span: Period | None, who: str, now: datetime) -> str:
    """Return the name of a pack's folder: no person stands in it."""
    return span.name if span and not who else f"person-{now:%Y%m%dT%H%M%SZ}"
