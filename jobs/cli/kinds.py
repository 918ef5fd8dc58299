"""`offkey kinds`: what can be found, and a proof for a team's own kinds."""

from __future__ import annotations

import difflib
import json
from collections import Counter
from pathlib import Path

import click
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from correlate.errors import ConfigError
from correlate.kind import Kind
from jobs.cli.context import App, format_option
from jobs.cli.table import write_table
from jobs.kind_files import load_kind_file, packaged_kinds
from jobs.kind_told import asked_of, called, disabled_counts, record, rows, summary
from jobs.pack_check import check_pack
from jobs.pack_files import is_pack, load_packs


class _ListOrShow(click.Group):
    """`offkey kinds` lists, `offkey kinds github` shows: the word between may be left out."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if not args or (args[0].startswith("-") and args[0] not in ctx.help_option_names):
            args = ["list", *args]
        elif not args[0].startswith("-") and args[0] not in self.commands:
            args = ["show", *args]
        return super().parse_args(ctx, args)


@click.group(cls=_ListOrShow)
def kinds() -> None:
    """List the kinds of credential that are known, show one, or check a file of your own.

    `offkey kinds` alone lists them, `offkey kinds KIND` shows one.
    """


@kinds.command("list")
@format_option("text", "json")
@click.pass_obj
def list_kinds(app: App, form: str) -> None:
    """List the packaged kinds: whom offkey asks, and what a disabled account does.

    "-": nobody can be asked. "the configured host": the one that the configuration names, else
    nobody. "{region}", "and 2 more": each of a closed list. When the person's account is disabled
    the credential survives, dies or is blocked until the account returns; "unknown" where no page
    of the vendor's was found that says which.
    """
    known = packaged_kinds()
    if form == "json":
        click.echo(_json(known))
        return
    write_table(
        app,
        ("kind", "asks", "account disabled"),
        ((kind.id, asked_of(kind) or "-", kind.survival.when_disabled) for kind in known),
        whole=("kind", "account disabled"),
    )
    app.say(f"\n{summary(known)}\n`offkey kinds KIND` tells all that is known of one.")


@kinds.command("show")
@click.argument("kind")
@format_option("text", "json")
@click.pass_obj
def show(app: App, kind: str, form: str) -> None:
    """Show all that is known of a KIND, or of every kind of an issuer.

    KIND is an id or an issuer of the list. Shown are whom offkey asks, what which answer means, what
    a disabled account does, how it is revoked, and the pages that say so.
    """
    found = tuple(item for item in packaged_kinds() if kind in (item.id, item.issuer))
    if not found:
        names = {str(name) for item in packaged_kinds() for name in (item.id, item.issuer)}
        near = difflib.get_close_matches(kind, sorted(names), 3)
        raise ConfigError(
            "no such kind",
            where=kind,
            why=f"the nearest are {', '.join(near)}" if near else "no packaged kind is called so",
            fix="take an id from `offkey kinds`; a file of your own is proved by `offkey kinds check`",
        )
    if form == "json":
        click.echo(_json(found))
        return
    for number, item in enumerate(found):
        app.out.print(Text(f"{item.id}: {item.name}", style="bold"), soft_wrap=True)
        if app.out.is_terminal:
            app.out.print(_facts(item))
        else:  # what is read by lines is not filled up to the longest of them
            for name, text in rows(item):
                click.echo(f"  {name:<16}  {text}")
        if number + 1 < len(found):
            app.out.print()


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
        how = f"asks {asked_of(kind)} by {called(asked)}" if asked else "cannot be asked"
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
    for title, told in found.items():
        if told:
            counts = Counter(text for _, text in told).most_common()
            write_table(app, ("rules", title), [(str(n), text) for text, n in counts])
    for title, told in found.items():
        if told:
            write_table(app, ("rule", title), told)


def _facts(kind: Kind) -> Padding:
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    for row in rows(kind):
        table.add_row(*map(Text, row))
    return Padding(table, (0, 0, 0, 2))


def _json(found: tuple[Kind, ...]) -> str:
    plain = {
        "schema_version": 1,
        "when_disabled": dict(disabled_counts(found)),
        "kinds": [record(kind) for kind in found],
    }
    return json.dumps(plain, indent=2, ensure_ascii=False)
