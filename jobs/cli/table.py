"""Texts in columns: drawn within a terminal's width, else a row on as few lines as its cells have."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import chain, zip_longest

import click
from rich.cells import cell_len

from jobs.cli.context import App
from jobs.printable import printable

_GAP = "  "


def write_table(
    app: App,
    heads: Sequence[str],
    rows: Iterable[Sequence[str]],
    whole: Collection[str] = frozenset(),
) -> None:
    """Write rows of texts under their heads to standard output; a cell may have several lines.

    A terminal's width folds what is long, but for the columns named in `whole`. Into a pipe or a
    file nothing is folded or cut.
    """
    cells = [[printable(cell, keep="\n") for cell in row] for row in rows]
    if sys.stdout.isatty():
        _draw(app, heads, cells, whole)
        return
    for line in columns([heads, *cells]):
        click.echo(line)


def columns(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Yield the lines of rows whose cells stand under one another, without blanks at their ends."""
    split = [[cell.split("\n") for cell in row] for row in rows]
    widths = [max(map(cell_len, chain(*column))) for column in zip(*split, strict=True)]
    for row in split:
        for parts in zip_longest(*row, fillvalue=""):
            filled = (
                part + " " * (width - cell_len(part))
                for part, width in zip(parts, widths, strict=True)
            )
            yield _GAP.join(filled).rstrip()


def _draw(
    app: App, heads: Sequence[str], rows: Iterable[Sequence[str]], whole: Collection[str]
) -> None:
    # they take longer to load than most commands to answer, and a pipe needs neither
    table = importlib.import_module("rich.table").Table(
        box=None, pad_edge=False, header_style="bold"
    )
    text = importlib.import_module("rich.text").Text
    for name in heads:
        table.add_column(name, overflow="fold", no_wrap=name in whole)
    for row in rows:
        table.add_row(*map(text, row))
    app.out.print(table)
