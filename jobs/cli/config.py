"""`offkey config`: write, check and explain the configuration."""

from __future__ import annotations

import os
import secrets
from dataclasses import fields
from pathlib import Path

import click

from correlate.errors import ConfigError, OffkeyError
from jobs.cli.context import App
from jobs.cli.push import web
from jobs.config import Config
from jobs.outcome import Exit

_TEMPLATE = Path(__file__).parent.parent / "templates" / "offkey.toml"


@click.group()
def config() -> None:
    """Write, check and explain the configuration."""


@config.command("init")
@click.option(
    "--pepper",
    type=click.Path(path_type=Path, dir_okay=False),
    default=Path("offkey.pepper"),
    show_default=True,
    help="Where to write the key of all fingerprints.",
)
@click.pass_obj
def init(app: App, pepper: Path) -> None:
    """Write a configuration to start from, and a fresh pepper beside it."""
    for path in (app.config_path, pepper):
        if path.exists():
            raise ConfigError(
                "It is there already",
                where=str(path),
                why="it would be overwritten",
                fix="move it away, or name another with --config or --pepper",
            )
    text = _TEMPLATE.read_text(encoding="utf-8").replace("@PEPPER@", str(pepper))
    app.config_path.write_text(text, encoding="utf-8")
    handle = os.open(pepper, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as stream:
        stream.write(secrets.token_hex(32) + "\n")
    app.say(f"wrote {app.config_path} and {pepper} (keep the pepper apart from the store)")
    app.say("next: fill in the sources, then `offkey config check` and `offkey doctor`")


@config.command("check")
@click.pass_obj
def check(app: App) -> int:
    """Read the configuration and build every connector, without touching anything outside."""
    wiring = app.wiring()
    wiring.config.pepper()
    problems = 0
    for item in (*wiring.config.connectors, wiring.config.store, *wiring.config.push):
        try:
            if item.role == "push":
                web("transmitters").transmitter(wiring.config, item)
            else:
                wiring.connector(item)
            click.echo(f"ok   {item.where} {item.role} {item.name} ({item.type})")
        except OffkeyError as error:
            problems += 1
            click.echo(f"bad  {item.where} {item.name}: {error}")
    return Exit.USAGE if problems else Exit.CLEAN


@config.command("explain")
@click.pass_obj
def explain(app: App) -> None:
    """Show every setting in force and where its value came from. Secrets stay blank."""
    loaded = app.config()
    for key, origin in sorted(loaded.origins.items()):
        click.echo(f"{key} = {_shown(loaded, key)}  # {origin}")
    for item in (*loaded.connectors, *loaded.push):
        click.echo(
            f"{item.where}: {item.role} {item.name!r} of type {item.type!r}, {len(item.table)} keys"
        )


def _shown(loaded: Config, key: str) -> str:
    section, name = key.split(".", 1)
    holder = getattr(loaded, section)
    known = {spec.name for spec in fields(holder)}
    return repr(getattr(holder, name)) if name in known else "?"
