"""`offkey doctor`: what would go wrong tonight."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import click

from correlate.errors import ConfigError, OffkeyError
from jobs.cli.context import App
from jobs.cli.push import web
from jobs.config import ConnectorConfig
from jobs.ledger import check_ledger
from jobs.outcome import Exit
from jobs.wiring import Wiring

# the fixes for CVE-2024-32002 and its kin are in these and later
_GIT_FLOOR = (2, 39, 4)


@click.command()
@click.pass_obj
def doctor(app: App) -> int:
    """Check git, the configuration, the store, every feed and every ticket system.

    Reads only. Each line says ok or what is wrong and what to do about it.
    """
    failed = 0
    wiring = None
    for name, check in (("git", _git), ("config", app.wiring)):
        try:
            made = check()
            wiring = made if isinstance(made, Wiring) else wiring
            click.echo(f"ok   {name}{f': {made}' if isinstance(made, str) else ''}")
        except OffkeyError as error:
            failed += 1
            click.echo(f"bad  {name}: {error}")
    if wiring is not None:
        for name, check_again in _checks(app, wiring):
            failed += not _told(name, check_again)
    click.echo("all is well" if not failed else f"{failed} checks failed")
    return Exit.USAGE if failed else Exit.CLEAN


def _told(name: str, check: Callable[[], str]) -> bool:
    try:
        click.echo(f"ok   {name}: {check()}")
    except OffkeyError as error:
        click.echo(f"bad  {name}: {error}")
        return False
    return True


def _git() -> str:
    try:
        said = subprocess.run(
            ["git", "--version"], check=True, capture_output=True, text=True
        ).stdout
    except (OSError, subprocess.CalledProcessError):
        raise ConfigError(
            "git cannot be run",
            where="PATH",
            why="repositories are read through it",
            fix="install git",
        ) from None
    numbers = tuple(int(part) for part in said.split()[2].split(".")[:3] if part.isdigit())
    if numbers < _GIT_FLOOR:
        raise ConfigError(
            "git is too old to be safe", where=said.strip(), why="known holes are open in it",
            fix="upgrade to 2.39.4 or later",
        )  # fmt: skip
    return said.strip()


def _checks(app: App, wiring: Wiring) -> Iterator[tuple[str, Callable[[], str]]]:
    yield "pepper", lambda: f"{wiring.config.pepper().key_id}, long enough"
    yield "state folder", lambda: _private(wiring.config.organisation.state)
    yield "store", lambda: _store(app, wiring)
    yield "ledger key", lambda: _ledger_key(wiring)
    if wiring.config.ledger.timestamp_url:
        yield "time stamps", lambda: wiring.time_authority().ready()
    for feed in wiring.config.of("people"):
        yield f"people {feed.name}", partial(_feed, wiring, feed)
    for sink in wiring.config.of("tickets"):
        yield f"tickets {sink.name}", partial(_sink, wiring, sink)
    for item in (
        *wiring.config.of("source"),
        *wiring.config.of("issuer"),
        *wiring.config.of("inventory"),
        *wiring.config.of("outlet"),
    ):
        yield f"{item.role} {item.name}", partial(_built, wiring, item)
    for item in wiring.config.push:
        yield f"push {item.name}", partial(_sender, wiring, item)


def _private(state: Path) -> str:
    if state.exists() and state.stat().st_mode & 0o077:
        raise ConfigError(
            "Others can read the state folder", where=str(state), why="it holds the store",
            fix=f"chmod 700 {state}",
        )  # fmt: skip
    return "readable by its owner only" if state.exists() else "not there yet"


def _store(app: App, wiring: Wiring) -> str:
    with app.opened(wiring) as store:
        made = check_ledger(store, wiring.ledger_key())
    if not made.holds:
        raise ConfigError(
            "The ledger was changed", where=f"entry {made.first.first}" if made.first else "its heads",
            why=made.first.why if made.first else "a head is not signed by us",
            fix="see `offkey ledger verify`; keep the store as it is and find out who wrote to it",
        )  # fmt: skip
    return f"schema up to date, {made.size} ledger entries hold together"


def _ledger_key(wiring: Wiring) -> str:
    key = wiring.ledger_key()
    beside = ", beside the store: set `ledger.key` to keep it elsewhere"
    return f"public half {key.public}{beside if key.beside_the_store else ''}"


def _feed(wiring: Wiring, item: ConnectorConfig) -> str:
    taken = wiring.connector(item).snapshot(datetime.now(UTC), None)
    counts = f"{len(taken.workers)} workers, {len(taken.accounts)} accounts"
    odd = f", as in: {taken.problems[0]}" if taken.problems else ""
    return f"{counts}, {len(taken.problems)} odd rows{odd}"


def _sink(wiring: Wiring, item: ConnectorConfig) -> str:
    lacking = list(wiring.connector(item).check())
    if lacking:
        raise ConfigError(
            "A ticket system is not ready", where=item.name, why="; ".join(lacking),
            fix="have its administrator grant what is missing",
        )  # fmt: skip
    return "ready"


def _sender(wiring: Wiring, item: ConnectorConfig) -> str:
    web("transmitters").transmitter(wiring.config, item)
    return "its keys can be used"


def _built(wiring: Wiring, item: ConnectorConfig) -> str:
    wiring.connector(item)
    return "configured"
