"""What every command shares: where to write, how loud, and the configuration when it is needed."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn

from correlate.ports_store import Store
from jobs import config as configuration
from jobs.cache import cache_folder
from jobs.config import Config
from jobs.log import logger
from jobs.rules import kinds_of, rules_of
from jobs.wiring import Wiring

Command = TypeVar("Command", bound=Callable[..., Any])
PIPED_WIDTH = 400  # a table into a pipe is not folded


@dataclass(frozen=True, slots=True)
class App:
    """Data goes to `out`, all else to `err`. `quiet` leaves out what is not a result or an error;
    `debug` logs each stage as it begins.
    """

    config_path: Path
    quiet: bool
    out: Console
    err: Console
    debug: bool = False

    def config(self) -> Config:
        """Read the configuration. Raises ConfigError."""
        return configuration.load(self.config_path, os.environ)

    def wiring(self) -> Wiring:
        """Read the configuration and the kinds it adds. Raises ConfigError."""
        config = self.config()
        cache = cache_folder(config.organisation.state / "cache")
        return Wiring(config, kinds_of(rules_of(config), cache))

    @contextmanager
    def opened(self, wiring: Wiring) -> Iterator[Store]:
        """Open the store, its schema up to date, and close it at the end."""
        store = wiring.store()
        store.prepare()
        try:
            yield store
        finally:
            store.close()

    @contextmanager
    def progress(self) -> Iterator[DrawnProgress]:
        """Draw progress on a terminal; elsewhere stay silent."""
        drawn = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            console=self.err,
            transient=True,
            disable=self.quiet or not self.err.is_terminal,
        )
        with drawn:
            yield DrawnProgress(drawn, debug=self.debug)

    def say(self, text: str) -> None:
        """Write a line for people, unless they asked for quiet."""
        if not self.quiet:
            self.err.print(text, markup=False, highlight=False, soft_wrap=True)


class DrawnProgress:
    """Progress as one bar that is renamed from stage to stage."""

    def __init__(self, drawn: Progress, *, debug: bool = False) -> None:
        self._drawn, self._debug = drawn, debug
        self._task = drawn.add_task("starting", total=None)

    def stage(self, name: str, total: int | None = None) -> None:
        """Begin a stage."""
        if self._debug:
            logger().debug("stage", name=name, total=total)
        self._drawn.reset(self._task, description=name, total=total)

    def advance(self, amount: int = 1) -> None:
        """Count what is done of the stage."""
        self._drawn.advance(self._task, amount)


def format_option(*forms: str) -> Callable[[Command], Command]:
    """Return the `--format` option over `forms`, of which the first is the default."""
    return click.option(
        "--format",
        "form",
        type=click.Choice(forms),
        default=forms[0],
        show_default=True,
        help="How to write the result.",
    )


def output_option() -> Callable[[Command], Command]:
    """Return the `--output` option."""
    return click.option(
        "--output",
        type=click.Path(path_type=Path, dir_okay=False),
        help="Write the result to a file that only you may read.",
    )


def make_app(config_path: Path, *, quiet: bool, debug: bool = False) -> App:
    """Return the shared context for this process's streams."""
    wide = None if sys.stdout.isatty() else PIPED_WIDTH
    out = Console(file=sys.stdout, width=wide, highlight=False)
    return App(config_path, quiet, out, Console(file=sys.stderr), debug)


def deliver_text(app: App, text: str, output: Path | None) -> None:
    """Write a result to standard output, or to a file that only its owner may read."""
    if output is None:
        click.echo(text)
        return
    handle = os.open(output, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as stream:
        stream.write(text if text.endswith("\n") else f"{text}\n")
    app.say(f"wrote {output}")
