"""A group that imports a command when it is asked for: `offkey --help` answers at once."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Any, NamedTuple

import click


class Listed(NamedTuple):
    """A command, found by its name in the module that holds it, and what the list says of it."""

    module: str
    help: str


class LazyGroup(click.Group):
    """Has the commands of `listed` beside those added to it."""

    def __init__(self, *args: Any, listed: Mapping[str, Listed], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.listed = listed

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order of the list."""
        return [*self.listed, *super().list_commands(ctx)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return the command, importing its module."""
        if cmd_name in self.listed and cmd_name not in self.commands:
            module = importlib.import_module(self.listed[cmd_name].module)
            made = (one for one in vars(module).values() if isinstance(one, click.Command))
            self.add_command(next(one for one in made if one.name == cmd_name))
        return super().get_command(ctx, cmd_name)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list without importing anything."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, item.help) for name, item in self.listed.items()])
