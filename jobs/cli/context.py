"""What every command shares: where to write, how loud, and the configuration when it is needed."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

import click

from correlate.ports_store import Store
from jobs import config as configuration
from jobs.cache import cache_folder
from jobs.config import Config
from jobs.log import logger
from jobs.rules import kinds_of, rules_of
from jobs.wiring import Wiring

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress

Command = TypeVar("Command", bound=Callable[..., Any])
PIPED_WIDTH = 400  # a table into a pipe is not folded


@dataclass(frozen=True)
class App:
    """Data goes to `out`, all else to `err`. `quiet` leaves out what is not a result or an error;
    `debug` logs each stage as it begins.
    """

    config_path: Path
    quiet: bool
    debug: bool = False

    @cached_property
    def out(self) -> Console:
        """What draws on standard output."""
        wide = None if sys.stdout.isatty() else PIPED_WIDTH
        return _console(file=sys.stdout, width=wide, highlight=False)

    @cached_property
    def err(self) -> Console:
        """What draws on standard error."""
        return _console(file=sys.stderr)

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
        rich = importlib.import_module("rich.progress")  # for those who wait; it takes long to load
        drawn = rich.Progress(
            rich.SpinnerColumn(),
            rich.TextColumn("{task.description}"),
            rich.BarColumn(),
            rich.MofNCompleteColumn(),
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


def deliver_text(app: App, text: str, output: Path | None) -> None:
    """Write a result to standard output, or to a file that only its owner may read."""
    if output is None:
        click.echo(text)
        return
    handle = os.open(output, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as stream:
        stream.write(text if text.endswith("\n") else f"{text}\n")
    app.say(f"wrote {output}")


def _console(**settings: Any) -> Console:
    # it takes long to load, and few commands draw when nobody looks
    return cast("Console", importlib.import_module("rich.console").Console(**settings))
