"""`offkey kinds`: what can be found, and a proof for a team's own kinds."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import click
from rich.table import Table
from rich.text import Text

from correlate.errors import ConfigError
from correlate.kind import Kind
from jobs.cli.context import App
from jobs.kind_files import load_kind_file, packaged_kinds
from jobs.pack_check import check_pack
from jobs.pack_files import is_pack, load_packs


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
@click.argument("file", type=click.Path(path_type=Path, exists=True))
@click.pass_obj
def check(app: App, file: Path) -> None:
    """Prove a kind FILE: it loads, its made-up examples are found, and its question only reads.

    Of a rule pack of another tool (a FILE or a folder of them), tell which of its rules are
    taken, which are not and why, and which are slow on hostile text. A .py FILE is a plug-in
    of detect-secrets, and is run.
    """
    if is_pack(file):
        _check_pack(app, file)
        return
    for kind in load_kind_file(file):
        asked = kind.verification
        how = f"asks {asked.host} by {asked.method} {asked.path}" if asked else "cannot be asked"
        click.echo(f"ok {kind.id}: found in its own example; {how}")


def _check_pack(app: App, path: Path) -> None:
    (pack,) = load_packs([path])
    taken, rules = len(pack.kinds), len(pack.kinds) + len(pack.refused)
    if not taken:
        reasons = Counter(item.reason for item in pack.refused)
        raise ConfigError(
            "no rule of the pack is taken",
            where=str(path),
            why="; ".join(f"{count} rules: {reason}" for reason, count in reasons.most_common(3)),
            fix="name another pack, or take it out of the configuration",
        )
    report = check_pack(pack)
    by = report.confirmed_by
    click.echo(
        f"pack {pack.name}: {taken} of {rules} rules taken "
        f"({by.get('re2', 0)} confirmed by re2, {by.get('re', 0)} by re), "
        f"{len(pack.refused)} refused, {len(report.slow)} too slow, "
        f"{len(report.unsearchable)} that the prefilter refuses"
    )
    refused = [(item.rule, item.reason) for item in pack.refused]
    remarks = [(item.rule or "(the pack)", item.text) for item in pack.remarks]
    slow = [(item.rule, item.reason) for item in (*report.slow, *report.unsearchable)]
    found = {"refused": refused, "remark": remarks, "too slow": slow}
    for title, rows in found.items():
        if rows:
            counts = Counter(text for _, text in rows).most_common()
            app.out.print(_pairs(("rules", title), [(str(n), text) for text, n in counts]))
    for title, rows in found.items():
        if rows:
            app.out.print(_pairs(("rule", title), rows))


def _pairs(heads: tuple[str, str], rows: list[tuple[str, str]]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in heads:
        table.add_column(name, overflow="fold")
    for row in rows:
        table.add_row(*map(Text, row))
    return table


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
