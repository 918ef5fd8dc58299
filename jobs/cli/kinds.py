"""`offkey kinds`: what can be found, and a proof for a team's own kinds."""

from __future__ import annotations

from pathlib import Path

import click
from rich.table import Table

from correlate.kind import Kind
from jobs.cli.context import App
from jobs.kind_files import load_kind_file, packaged_kinds


@click.group(invoke_without_command=True)
@click.pass_context
def kinds(context: click.Context) -> None:
    """List the kinds of credential that are known, or check a file of your own."""
    if context.invoked_subcommand is None:
        context.invoke(list_kinds)


@kinds.command("list")
@click.pass_obj
def list_kinds(app: App) -> None:
    """List the packaged kinds: whether an issuer can be asked, and what a disabled account does."""
    app.out.print(_table(packaged_kinds()))


@kinds.command("check")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
def check(file: Path) -> None:
    """Prove a kind FILE: it loads, its made-up examples are found, and its question only reads."""
    for kind in load_kind_file(file):
        asked = kind.verification
        how = f"asks {asked.host} by {asked.method} {asked.path}" if asked else "cannot be asked"
        click.echo(f"ok {kind.id}: found in its own example; {how}")


def _table(rows: tuple[Kind, ...]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("kind", "issuer", "name", "checksum", "asked", "if the account is disabled"):
        table.add_column(name)
    for kind in rows:
        table.add_row(
            kind.id,
            kind.issuer,
            kind.name,
            kind.checksum or "-",
            kind.verification.via if kind.verification else "-",
            kind.survival.when_disabled,
        )
    return table
